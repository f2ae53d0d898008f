"""What a prepared batch of suspensions would do now, foreseen for all of its items at once.

It follows actions/batches.py, which carries the batch out: what is refused is left as it was, what the person may not decide
comes to the queue for somebody else, and each doubt counts for the items after it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from certification import policies
from certification.actions import casework
from certification.models import Batch, BatchItem, Certificate, Inquiry, ItemOutcome, RecheckCause
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


def foresee_batch(batch: Batch, by: User | None) -> DryRun:
    """The dry run of a whole batch if `by` confirmed it now; without them, nobody is foreseen to be kept from deciding.

    A bounded number of queries.
    """
    rows = batch.items.select_related("certificate__area__calendar", "certificate__application__area")
    unread = ("grounds", "certificate__search_ngrams", "certificate__claims", "certificate__application__statement")
    items = list(rows.defer(*unread).order_by("pk"))
    foreseeing = _Foreseeing(_doubted(items), _ineligible(items, by))
    found = {item.pk: foreseeing.follow(item.certificate) for item in items if item.certificate is not None}
    counts = Counter(one.outcome for one in found.values())
    return DryRun(found, counts[ItemOutcome.DONE], counts[ItemOutcome.SKIPPED], counts[ItemOutcome.QUEUED])


def _doubted(items: Sequence[BatchItem]) -> set[int]:
    """The certificates of which nobody can raise a doubt, because there is one."""
    open_inquiries = Inquiry.objects.filter(ended_at=None)
    doubts = open_inquiries.exclude(policies.opened_only_by(RecheckCause.LOOK_UP)).values("certificate")
    # Of another period, too: at most one before and one after it can have an inquiry.
    about = Q(pk__in=doubts) | Q(renews__in=doubts) | Q(renewed_by__in=doubts)
    certificates = [item.certificate_id for item in items if item.certificate_id is not None]
    return set(Certificate.objects.filter(about, pk__in=certificates).values_list("pk", flat=True))


def _ineligible(items: Sequence[BatchItem], by: User | None) -> dict[int, Text]:
    """By certificate, why the person could not decide about it."""
    certificates = [item.certificate for item in items if item.certificate is not None]
    if by is None or not certificates:
        return {}
    area = certificates[0].area  # a batch is of one area
    due_at = casework.due_in_working_days(area, area.decision_days)
    cases = [casework.foresee_certificate_case(certificate, due_at) for certificate in certificates]
    reasons = eligibility.foresee_ineligibility(cases, by, level=reviews.level_of(by), now=clock.now())
    return {key: reason for key, reason in reasons.items() if reason is not None}


@dataclass
class _Foreseeing:
    """What is known before the next item: doubts that there are, and those that the items before it would add."""

    doubted: set[int]
    ineligible: dict[int, Text]
    raised: set[int] = field(default_factory=set)
    renewed: set[int | None] = field(default_factory=set)

    def follow(self, certificate: Certificate) -> Foreseen:
        """Foresee the next item."""
        if certificate.effective_state != CertificateState.ACTIVE:
            return Foreseen(ItemOutcome.SKIPPED, _("Not valid any more."))
        if self._is_doubted(certificate):
            return Foreseen(ItemOutcome.SKIPPED, _("An inquiry about this certificate is already open."))
        self.raised.add(certificate.pk)
        self.renewed.add(certificate.renews_id)
        if why := self.ineligible.get(certificate.pk):
            return Foreseen(ItemOutcome.QUEUED, why)
        return Foreseen(ItemOutcome.DONE)

    def _is_doubted(self, certificate: Certificate) -> bool:
        key = certificate.pk
        return key in self.doubted or key in self.renewed or certificate.renews_id in self.raised
