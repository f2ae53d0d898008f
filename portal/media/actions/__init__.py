"""What is done to videos: the only writers of their tables."""
