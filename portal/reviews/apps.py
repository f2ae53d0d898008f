"""The review queue: cases, claims, decisions, second approvals, appeals, clocks."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "portal.reviews"
