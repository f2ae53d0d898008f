"""Pages of the people who work in the queue."""
