"""Append-only, hash-chained audit events; `trail` is the only writer."""
