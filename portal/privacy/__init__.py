"""Personal data: what is kept of people, why, and for how long; and a copy of one's own data."""
