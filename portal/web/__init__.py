"""Middleware, pagination, UI components and the /ui gallery: what every page shares."""
