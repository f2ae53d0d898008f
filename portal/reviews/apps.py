"""The review queue: cases, claims, decisions, second approvals, appeals, clocks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "portal.reviews"
    append_only = ("Participation",)

    def ready(self) -> None:
        from portal.jobs import registry  # noqa: PLC0415 -- models are loaded now
        from portal.reviews.actions import queue  # noqa: PLC0415

        registry.periodic("reviews.expire_leases", 30, queue.expire_leases)
        _add_to_menu()


def _add_to_menu() -> None:
    from portal.accounts.access import holds  # noqa: PLC0415 -- models are loaded now
    from portal.accounts.roles import Permission  # noqa: PLC0415 -- as above
    from portal.web import navigation  # noqa: PLC0415 -- as above

    navigation.add(_("Queue"), "reviews:queue", order=10, visible=holds(Permission.READ_QUEUE))
    navigation.add_home("reviews:queue", holds(Permission.READ_QUEUE))
