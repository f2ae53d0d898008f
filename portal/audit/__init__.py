"""Append-only, hash-chained audit events; record() is the only writer."""
