"""What people do with accounts: each verb checks its policy, changes rows and records it, in one transaction."""
