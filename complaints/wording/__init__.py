"""What comparisons say to people, in sentences: for pages, and for the file that both sides get."""
