"""What changes endpoints, events and deliveries."""
