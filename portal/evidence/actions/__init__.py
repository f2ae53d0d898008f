"""What is done to evidence: the only writers of its tables."""
