"""Originality complaints; the room stands ready, its rules are not built yet."""
