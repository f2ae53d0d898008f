"""What a prepared batch of suspensions would do now, foreseen for all of its items at once.

It follows actions/batches.py, which carries the batch out: what is refused is left as it was, what the person may not decide
comes to the queue for somebody else, and each doubt counts for the items after it.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from certification import policies
from certification.actions import casework
from certification.models import Batch, Certificate, Inquiry, ItemOutcome, RecheckCause
from certification.states import CertificateState
from portal import clock
from portal.errors import Text
from portal.people.models import User
from portal.reviews import eligibility
from portal.reviews import policies as reviews


@dataclass(frozen=True)
class Foreseen:
    """What would become of one item, and why it would not be suspended; None if it would."""

    outcome: ItemOutcome
    why: Text | None = None


@dataclass(frozen=True)
class DryRun:
    """What would become of each item, by its key, in the order in which they are carried out."""

    items: dict[int, Foreseen]
    # How many would be suspended, left as they are, or come to the queue for somebody else.
    suspended: int
    left: int
    queued: int


class _Item(NamedTuple):
    """What is read of an item. A batch has thousands, so nothing is loaded that the dry run does not need."""

    pk: int
    certificate: int
    renews: int | None
    is_active: bool  # its certificate, and its time is not over


def foresee_batch(batch: Batch, by: User | None) -> DryRun:
    """The dry run of a whole batch if `by` confirmed it now; without them, nobody is foreseen to be kept from deciding.

    A bounded number of queries.
    """
    certificates = Certificate.objects.filter(pk__in=batch.items.values("certificate"))
    foreseeing = _Foreseeing(_doubted(certificates), _ineligible(batch, certificates, by))
    found = {item.pk: foreseeing.follow(item) for item in _items(batch)}
    counts = Counter(one.outcome for one in found.values())
    return DryRun(found, counts[ItemOutcome.DONE], counts[ItemOutcome.SKIPPED], counts[ItemOutcome.QUEUED])


def _items(batch: Batch) -> list[_Item]:
    active = Q(certificate__state=CertificateState.ACTIVE, certificate__valid_to__gt=clock.now())
    rows = batch.items.filter(certificate__isnull=False).annotate(is_active=active).order_by("pk")
    return [_Item(*row) for row in rows.values_list("pk", "certificate", "certificate__renews", "is_active")]


def _doubted(certificates: QuerySet[Certificate]) -> set[int]:
    """The certificates of which nobody can raise a doubt, because there is one."""
    open_inquiries = Inquiry.objects.filter(ended_at=None)
    doubts = open_inquiries.exclude(policies.opened_only_by(RecheckCause.LOOK_UP)).values("certificate")
    # Of another period, too: at most one before and one after it can have an inquiry.
    about = Q(pk__in=doubts) | Q(renews__in=doubts) | Q(renewed_by__in=doubts)
    return set(certificates.filter(about).values_list("pk", flat=True))


def _ineligible(batch: Batch, certificates: QuerySet[Certificate], by: User | None) -> dict[int, Text]:
    """By certificate, why the person could not decide about it."""
    if by is None or batch.area is None:
        return {}
    due_at = casework.due_in_working_days(batch.area, batch.area.decision_days)
    cases = casework.foresee_certificate_cases(certificates, due_at)
    reasons = eligibility.foresee_ineligibility(cases, by, level=reviews.level_of(by), now=clock.now())
    return {key: reason for key, reason in reasons.items() if reason is not None}


@dataclass
class _Foreseeing:
    """What is known before the next item: doubts that there are, and those that the items before it would add."""

    doubted: set[int]
    ineligible: dict[int, Text]
    raised: set[int] = field(default_factory=set)
    renewed: set[int | None] = field(default_factory=set)

    def follow(self, item: _Item) -> Foreseen:
        """Foresee the next item."""
        if not item.is_active:
            return Foreseen(ItemOutcome.SKIPPED, _("Not valid any more."))
        if self._is_doubted(item):
            return Foreseen(ItemOutcome.SKIPPED, _("An inquiry about this certificate is already open."))
        self.raised.add(item.certificate)
        self.renewed.add(item.renews)
        if why := self.ineligible.get(item.certificate):
            return Foreseen(ItemOutcome.QUEUED, why)
        return Foreseen(ItemOutcome.DONE)

    def _is_doubted(self, item: _Item) -> bool:
        key = item.certificate
        return key in self.doubted or key in self.renewed or item.renews in self.raised
