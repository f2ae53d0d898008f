"""One person's certificate and its renewal are decided on together, whichever of them the concern is about."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from certification import events, policies, public
from certification.actions import (
    batches,
    certificates,
    expiry,
    inquiries,
    labels,
    rechecks,
    record_retention,
    reports,
)
from certification.models import AreaBan, Certificate, CertificateChange, Inquiry, Interruption, RecheckCause
from certification.proof import status_lists
from certification.states import CertificateState as State
from certification.tests import factories as make
from certification.webhooks import _TYPES
from portal import clock
from portal.audit.models import AuditEvent
from portal.errors import Conflict, NotAllowed
from portal.notifications.models import Notification
from portal.people.models import LinkedAccount
from portal.people.roles import Role
from portal.people.states import LinkState
from portal.reviews.models import ReviewCase

pytestmark = pytest.mark.django_db
AREA, DAY = "cn-law", timedelta(days=1)


class Pair:
    """A certificate that ends in twenty days, and its renewal that begins then."""

    def __init__(self) -> None:
        first = make.certificate(AREA)
        self.now = first.valid_to - 20 * DAY
        with clock.freeze_time(self.now):
            second = make.certificate(AREA, applicant=first.holder, renews=first)
            facts = {"external_id": "7", "handle": "li", "state": LinkState.PROVEN, "proven_at": self.now}
            LinkedAccount.objects.create(person=first.holder, platform="sandbox", **facts)
        self.keys = {"running": first.pk, "renewal": second.pk}
        self.holder, self.begins = first.holder, second.valid_from

    def __getitem__(self, name: str) -> Certificate:
        rows = Certificate.objects.select_related("holder", "area__jurisdiction", "category", "application__case")
        return rows.get(pk=self.keys[name])

    def states(self) -> set[str]:
        return {self[name].state for name in self.keys}

    def is_open(self) -> bool:
        """Whether the gate is open now or once the renewal has begun; both must agree."""
        now, later = (
            public.check_gate(self.holder.public_id, AREA, at).open for at in (clock.now(), self.begins + DAY)
        )
        assert now == later
        assert {key[2] for key, label in labels.expected_labels(self.holder.pk).items() if label} == (
            {self["running"].serial} if now else set()
        )
        return now

    def follows(self, event: str, state: str) -> bool:
        """Whether trail, feed and history have it for both, and platforms hear of it."""
        subjects = {f"certification.certificate:{key}" for key in self.keys.values()}
        recorded = set(AuditEvent.objects.filter(event=event).values_list("subject", flat=True))
        fed = set(CertificateChange.objects.filter(state=state).values_list("certificate", flat=True))
        return event in _TYPES and subjects <= recorded and set(self.keys.values()) <= fed

    def bits(self, purpose: str) -> int:
        """How many of the two have their bit set in a status list."""
        number = status_lists.list_of(self["running"])
        found = set(status_lists.set_bits(purpose, number, clock.now()))
        return len(found & {status_lists.index_of(self[name]) for name in self.keys})


@pytest.fixture
def pair() -> Pair:
    return Pair()


def revoke_at_once(inquiry: Inquiry, *reasons: str, confirmed: Callable[[], Any] = lambda: None) -> None:
    """Two people revoke without a suspension; `confirmed` is called between them."""
    first, case = make.claim(inquiry.case)
    inquiry = Inquiry.objects.get(pk=inquiry.pk)
    grounds = {"reasons": reasons or ("forged-paper",), "explanation": make.ENOUGH}
    inquiries.propose_revocation_at_once(inquiry=inquiry, by=first, version=case.version, **grounds)  # type: ignore[arg-type]
    confirmed()
    second, case = make.claim(ReviewCase.objects.get(pk=case.pk))
    inquiry = Inquiry.objects.get(pk=inquiry.pk)
    inquiries.confirm_inquiry_decision(inquiry=inquiry, by=second, version=case.version, acknowledged=True)


def win_appeal(row: Certificate) -> None:
    """The appeal against a revocation is right."""
    inquiries.appeal_revocation(certificate=row, by=row.holder, text="My licence is real, look again please.")
    decision = row.adverse_decision
    assert decision is not None
    user, case = make.claim(decision.case)
    certificate = Inquiry.objects.get(case=decision.case).certificate
    make.look_up_stale(certificate.application, user)
    said = {"reasons": ["revocation-wrong"], "explanation": make.ENOUGH}
    inquiries.decide_revocation_appeal(certificate=certificate, by=user, version=case.version, granted=True, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["running", "renewal"])
def test_a_suspension_and_its_end_reach_both(pair: Pair, target: str) -> None:
    with clock.freeze_time(pair.now + DAY):
        inquiry = make.suspend(pair[target])
        assert pair.states() == {State.SUSPENDED}
        assert not pair.is_open()
        assert pair.follows(events.CERTIFICATE_SUSPENDED, State.SUSPENDED)
        assert pair.bits(status_lists.SUSPENSION) == 2
        assert Notification.objects.filter(kind="certification.suspended").count() == 1
    with clock.freeze_time(pair.now + 2 * DAY):
        inquiries.answer_suspension(inquiry=inquiry, by=pair.holder, text="I only moved to another house.")
        make.clear(inquiry)
        assert pair.states() == {State.ACTIVE}
        assert pair.is_open()
        assert pair.bits(status_lists.SUSPENSION) == 0
        assert pair.follows(events.CERTIFICATE_CLEARED, State.ACTIVE)
    spans = set(Interruption.objects.values_list("certificate", "state", "begins_at", "ends_at"))
    assert spans == {(key, "suspended", pair.now + DAY, pair.now + 2 * DAY) for key in pair.keys.values()}


@pytest.mark.parametrize("target", ["running", "renewal"])
def test_a_forgery_revokes_both_and_a_won_appeal_restores_both(pair: Pair, target: str) -> None:
    with clock.freeze_time(pair.now + DAY):
        revoke_at_once(make.doubt(pair[target]))
        assert pair.states() == {State.REVOKED}
        assert not pair.is_open()
        assert pair.bits(status_lists.REVOCATION) == 2
        assert pair.follows(events.CERTIFICATE_REVOKED, State.REVOKED)
        assert AreaBan.objects.filter(lifted_at=None).count() == 1
    with clock.freeze_time(pair.now + 2 * DAY):
        # The holder may appeal on the page of either.
        win_appeal(pair["running" if target == "renewal" else "renewal"])
        assert pair.states() == {State.ACTIVE}
        assert pair.is_open()
        assert pair.bits(status_lists.REVOCATION) == 0
        assert pair.follows(events.CERTIFICATE_RESTORED, State.ACTIVE)
        assert not AreaBan.objects.filter(lifted_at=None).exists()


@pytest.mark.parametrize("target", ["running", "renewal"])
def test_giving_up_one_gives_up_both(pair: Pair, target: str) -> None:
    with clock.freeze_time(pair.now + DAY):
        certificates.surrender_certificate(certificate=pair[target], by=pair.holder)
        assert pair.states() == {State.SURRENDERED}
        assert not pair.is_open()
        assert pair.bits(status_lists.REVOCATION) == 2
        assert pair.follows(events.CERTIFICATE_SURRENDERED, State.SURRENDERED)
        assert policies.refuse_start(pair.holder, pair["running"].area) is None


def test_what_is_found_about_either_comes_to_one_person(pair: Pair) -> None:
    with clock.freeze_time(pair.now + DAY):
        text = "This person is not a lawyer, I have asked the bar."
        reports.report_certificate(certificate=pair["renewal"], text=text, by=None)
        reports.report_certificate(certificate=pair["running"], text=text, by=None)
        for name in pair.keys:
            rechecks.trigger_recheck(pair[name], RecheckCause.REGISTER, occasion="register:1")
        with pytest.raises(NotAllowed, match="already open"):
            make.doubt(pair["running"])
        inquiry = Inquiry.objects.get()
        assert (inquiry.certificate, inquiry.reports.count()) == (pair["renewal"], 2)
        assert inquiry.triggers.count() == 1


def test_a_batch_that_names_both_decides_once(pair: Pair) -> None:
    with clock.freeze_time(pair.now + DAY):
        lines = "\n".join(f"{pair[name].serial}, the register has struck this licence off" for name in pair.keys)
        batch = batches.prepare_suspensions(
            area=pair["running"].area, by=make.person(Role.AREA_LEAD), reasons=["doubt-register"],
            explanation=make.ENOUGH, lines=lines,
        )  # fmt: skip
        batches.confirm_suspensions(batch=batch, by=make.senior())
        make.run_jobs()
        assert pair.states() == {State.SUSPENDED}
        assert sorted(batch.items.values_list("outcome", flat=True)) == ["done", "skipped"]


def test_a_proposal_held_over_the_end_is_carried_out_on_the_renewal(pair: Pair) -> None:
    def end() -> None:
        expiry.expire_due_certificates()

    with clock.freeze_time(pair.begins - DAY):
        inquiry = make.doubt(pair["running"])
    with clock.freeze_time(pair.begins + DAY):
        revoke_at_once(inquiry, confirmed=end)
        assert pair["running"].state == State.EXPIRED
        assert pair["renewal"].state == State.REVOKED
        assert AreaBan.objects.filter(lifted_at=None).count() == 1
        assert Inquiry.objects.get().certificate == pair["renewal"]


@pytest.mark.parametrize("when", ["before", "between"])
def test_forged_documents_found_about_one_that_ended_close_the_area(when: str) -> None:
    row = make.certificate(AREA)
    with clock.freeze_time(row.valid_to - timedelta(hours=1)):
        inquiry = make.doubt(row)
        said: Any = {"reasons": ["forged-paper"], "explanation": make.ENOUGH}
        if when == "between":
            first, case = make.claim(inquiry.case)
            inquiries.propose_revocation_at_once(inquiry=inquiry, by=first, version=case.version, **said)
    with clock.freeze_time(row.valid_to + timedelta(minutes=1)):
        if when == "before":
            expiry.expire_due_certificates()
            first, case = make.claim(Inquiry.objects.get().case)
            inquiries.propose_revocation_at_once(inquiry=Inquiry.objects.get(), by=first, version=case.version, **said)
        second, case = make.claim(ReviewCase.objects.get(pk=case.pk))
        inquiry = Inquiry.objects.get()
        inquiries.confirm_inquiry_decision(inquiry=inquiry, by=second, version=case.version, acknowledged=True)
        expiry.expire_due_certificates()
        row.refresh_from_db()
        assert (row.state, row.adverse_decision) == (State.EXPIRED, Inquiry.objects.get().outcome)
        assert not Interruption.objects.exists()
        assert "closed" in str(policies.refuse_start(row.holder, row.area))
        assert policies.refuse_renewal(row.holder, row) is not None
        assert AuditEvent.objects.filter(event=events.FINDING_RECORDED).count() == 1
        note = Notification.objects.get(kind="certification.finding")
        assert "closed to you until" in note.bodies["en"]
        file = row.application.documents.all()[0].file
        assert policies.file_is_needed(file)
        win_appeal(row)
        row.refresh_from_db()
        assert (row.state, row.adverse_decision) == (State.EXPIRED, None)
        assert policies.refuse_start(row.holder, row.area) is None
        with pytest.raises(Conflict):
            inquiries.decide_revocation_appeal(certificate=row, by=second, version=1, granted=True)


def test_who_leaves_gives_both_up(pair: Pair) -> None:
    with clock.freeze_time(pair.now + DAY):
        endings = record_retention.endings_of_holder(pair.holder)
        assert len(endings) == 2
        for ending in endings:
            ending.end()
        assert pair.states() == {State.SURRENDERED}
