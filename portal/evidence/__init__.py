"""Uploaded files: sniffed, opened, hashed, encrypted, rendered; every reading logged."""
