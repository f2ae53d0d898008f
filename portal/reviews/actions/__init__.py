"""The verbs of the queue, each in one transaction."""
