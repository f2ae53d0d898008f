"""Middleware, pagination, UI components and the /ui gallery: what every page shares."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "portal.web"
