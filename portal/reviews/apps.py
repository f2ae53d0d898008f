"""The review queue: cases, claims, decisions, second approvals, appeals, clocks."""

from typing import ClassVar

from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "portal.reviews"
    append_only = ("Participation",)
    erasable: ClassVar = {"Participation": ("topic",)}

    def ready(self) -> None:
        from portal.audit import admin_pages  # noqa: PLC0415 -- models are loaded now
        from portal.jobs import registry  # noqa: PLC0415 -- as above
        from portal.people import departures  # noqa: PLC0415 -- as above
        from portal.reviews import policies  # noqa: PLC0415 -- as above
        from portal.reviews.actions import queue, record_retention  # noqa: PLC0415 -- as above
        from portal.web import bodies  # noqa: PLC0415 -- as above

        admin_pages.register_own_chains(policies.own_case_chains)
        registry.register_periodic("reviews.expire_leases", 30, queue.expire_leases)
        departures.register_holds(record_retention.holds_of_reviewer)
        departures.register_erasure(record_retention.erase_reviewer_rows)
        # Three texts of MAX_TEXT characters, which take nine bytes each in a form when they are Chinese.
        bodies.allow_large_bodies("reviews:decide", most=256 << 10, senders=_may_review)
        _add_to_menu()


def _may_review(request: HttpRequest, **_kwargs: object) -> bool:
    from portal.people.roles import Permission  # noqa: PLC0415 -- models are loaded now

    return request.user.is_authenticated and request.user.may(Permission.REVIEW)


def _add_to_menu() -> None:
    from portal.people.access import holds_permission  # noqa: PLC0415 -- models are loaded now
    from portal.people.roles import Permission  # noqa: PLC0415 -- as above
    from portal.web import navigation  # noqa: PLC0415 -- as above

    navigation.add_menu_entry(_("Queue"), "reviews:queue", order=10, visible=holds_permission(Permission.READ_QUEUE))
    navigation.add_home_page("reviews:queue", holds_permission(Permission.READ_QUEUE))
