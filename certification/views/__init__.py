"""The pages of certification, by audience: creator and agent, reviewer, the public."""
