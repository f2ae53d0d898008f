"""Pages about people, one module an audience."""
