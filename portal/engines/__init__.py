"""Pure computation without Django: documents now, fingerprints and statistics as they come."""
