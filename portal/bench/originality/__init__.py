"""Copies of videos, found and missed."""
