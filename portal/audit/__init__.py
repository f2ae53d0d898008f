"""Append-only, hash-chained audit events; `trail.record()` is the only writer."""
