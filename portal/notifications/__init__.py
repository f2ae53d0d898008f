"""Messages to people: a row with an idempotency key, delivered after commit."""
