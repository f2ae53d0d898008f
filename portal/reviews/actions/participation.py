"""Noting who decided, confirmed or doubted something, by what it was about: they get no later case about the same."""

from portal.people.models import User
from portal.reviews.models import Participation, ReviewCase


def record_participation(case: ReviewCase, by: User, role: str) -> None:
    """Note a part in a case, for all of its topics. Noting it again changes nothing.

    Stepping back because of a conflict of interest says nothing about the account.
    """
    topics = [*case.topics, *([case.account] if role != Participation.CONFLICT else [])]
    rows = [Participation(case=case, user=by, role=role, topic=topic) for topic in filter(None, topics)]
    rows = rows or [Participation(case=case, user=by, role=role)]
    Participation.objects.bulk_create(rows, ignore_conflicts=True)
