"""Backups of everything that cannot be made again: database, stored files, keys.

A backup is one folder. `folder.py` says what lies in it and verifies it, `writing.py` makes one,
`restoring.py` puts one into an empty place, `database.py` runs PostgreSQL's own programs.
"""
