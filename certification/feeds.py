"""What programs of a platform keep a copy of: the certificates of its people as they are, and every change of them since.

A copy begins with the snapshot, whose first page says from where the changes are to be read, and then follows the changes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from certification.actions import changes
from certification.models import Certificate, CertificateChange
from certification.states import STANDING_STATES
from portal import clock
from portal.people import links

PAGE_SIZE = 500
MAX_PAGE_SIZE = 1000


class UnknownPosition(Exception):
    """A position after the last change: of another database, or of one that was restored from a backup."""


@dataclass(frozen=True)
class FeedRow:
    """A certificate as a program keeps it, with the accounts of the platform that are proven to be its holder's.

    `state_then` is its state by the change; empty accounts mean that it does not concern the platform (any more).
    """

    certificate: Certificate
    accounts: Sequence[str]
    position: int | None = None
    state_then: str = ""


@dataclass(frozen=True)
class FeedPage:
    """Some rows, and from where to go on; `more` if there are more now."""

    rows: Sequence[FeedRow]
    position: int
    more: bool


def snapshot_page(platform: str, after: int = 0, size: int = PAGE_SIZE) -> FeedPage:
    """Certificates of the platform's people that are valid, suspended or still to begin, by key. Two queries.

    `position` is the key to go on after. Read last_position() before the first page, and the changes from there: what changes
    while the pages are read comes once more among them.
    """
    people = links.people_of_platform(platform)
    rows = Certificate.objects.filter(pk__gt=after, holder__in=people, state__in=STANDING_STATES)
    rows = rows.filter(valid_to__gt=clock.now()).select_related("area", "category").order_by("pk")
    found = list(rows[: size + 1])
    shown = found[:size]
    accounts = _accounts(platform, shown)
    told = [FeedRow(row, accounts[row.holder_id]) for row in shown]
    return FeedPage(told, shown[-1].pk if shown else after, more=len(found) > size)


def last_position() -> int:
    """The position of the last change that was given one, after which the changes go on. One query."""
    return (
        CertificateChange.objects.exclude(position=None)
        .order_by("-position")
        .values_list("position", flat=True)
        .first()
        or 0
    )


def changes_page(platform: str, after: int, size: int = PAGE_SIZE) -> FeedPage:
    """The platform's changes after a position, each exactly once, in the order of their commits. Eight queries at most.

    Raises UnknownPosition for a position that no change has had.
    """
    changes.number_changes(MAX_PAGE_SIZE)
    last = last_position()
    if after > last:
        raise UnknownPosition
    people = links.people_of_platform(platform)
    own = Q(platform=platform) | Q(platform="", certificate__holder__in=people)
    rows = CertificateChange.objects.filter(own, position__gt=after, position__lte=last).order_by("position")
    found = list(rows.select_related("certificate__area", "certificate__category")[: size + 1])
    shown, more = found[:size], len(found) > size
    accounts = _accounts(platform, [row.certificate for row in shown])
    told = [FeedRow(row.certificate, accounts[row.certificate.holder_id], row.position, row.state) for row in shown]
    # Past the changes of other platforms, so that they are not looked through again.
    reached = shown[-1].position if more else last
    return FeedPage(told, reached or last, more or changes.has_fresh_changes())


def _accounts(platform: str, rows: Iterable[Certificate]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    holders = {row.holder_id for row in rows}
    proven = links.proven_links().filter(platform=platform, person__in=holders).order_by("proven_at", "pk")
    for person, account in proven.values_list("person_id", "external_id"):
        found[person].append(account)
    return found
