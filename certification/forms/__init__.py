"""What people may type in certification, by audience."""
