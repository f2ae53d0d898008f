"""The review queue: cases, claims, decisions, second approvals, appeals, clocks."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "portal.reviews"
    append_only = ("Participation",)

    def ready(self) -> None:
        from portal.jobs import registry  # noqa: PLC0415 -- models are loaded now
        from portal.reviews.actions import queue  # noqa: PLC0415

        registry.periodic("reviews.expire_leases", 30, queue.expire_leases)
