"""Other works in which the original of a complaint is found, for whoever decides. A fact beside others; it decides nothing."""

from dataclasses import dataclass

from django.utils.functional import Promise

from complaints.models import Complaint, LibraryMatch, Work
from complaints.policies import library as policy
from complaints.views.grades import match_headline

_MOST = 10


@dataclass(frozen=True)
class OriginalElsewhere:
    """A match of the original, and a work that has the other file."""

    match: LibraryMatch
    work: Work

    @property
    def grade(self) -> str | Promise:
        """The grade in words, for works of this kind, and how much was found where that is a part."""
        return match_headline(self.match)

    @property
    def registered(self) -> bool:
        """Whether it is an author's own, of which nothing but dates is told."""
        return self.work.owner_id is not None


def original_elsewhere(complaint: Complaint) -> list[OriginalElsewhere]:
    """At most ten, the oldest work first. Two queries, or one where there is none."""
    if complaint.original is None or complaint.original.media_id is None:
        return []
    own = complaint.original.media_id
    matches = {row.b_id if row.a_id == own else row.a_id: row for row in policy.matches_of_original(complaint)[:_MOST]}
    if not matches:
        return []
    works = Work.objects.filter(media__in=matches, deleted_at=None).exclude(owner=complaint.complainant_id)
    found = works.order_by("registered_at", "pk")[:_MOST]
    return [OriginalElsewhere(matches[work.media_id], work) for work in found if work.media_id is not None]
