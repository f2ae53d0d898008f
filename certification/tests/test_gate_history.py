"""The gate answers for a moment of the past as it answered then, whatever has happened since."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from certification import gate_lists, public
from certification.actions import abolitions, casework, certificates, expiry, inquiries, labels
from certification.history import NOT_ISSUED, NOT_YET, state_at
from certification.models import Abolition, Certificate, CredentialType, GateChange, Interruption, KeyArea
from certification.states import CertificateState
from certification.tests import factories as make
from certification.tests.test_api import bearer, gate, has_account
from certification.tests.test_confirmed_changes import confirm
from portal import clock
from portal.people.models import LinkedAccount, User
from portal.people.roles import Role
from portal.people.states import LinkState
from portal.people.tokens import Scope

pytestmark = pytest.mark.django_db
AREA = "cn-law"
_S = CertificateState


@dataclass
class History:
    """One person's certificates in one area, and what the gate and the counts said on the way."""

    holder: User
    now: datetime
    said: dict[datetime, tuple[public.GateAnswer, list[tuple[str, str]], set[str]]] = field(default_factory=dict)

    def ask(self) -> None:
        """Note what is said now, and which certificates' labels are to show."""
        labelled = {
            key for (_platform, _account, key), label in labels.expected_labels(self.holder.pk).items() if label
        }
        self.said[self.now] = (self.answer(), self.states(), labelled)

    def answer(self, at: datetime | None = None) -> public.GateAnswer:
        """What the gate says of one account, which is what it says of many. When the certificate ends may change later."""
        single = public.check_gate(self.account, AREA, at, platform="sandbox")
        assert gate_lists.check_gate_of_many([self.account], AREA, at, platform="sandbox") == [single], at
        return replace(single, valid_to=None)

    def turning_points(self) -> list[datetime]:
        """Every moment at which something began or ended, with the microseconds around it."""
        rows = Certificate.objects.filter(holder=self.holder)
        interrupted = Interruption.objects.filter(certificate__in=rows).values_list("begins_at", "ends_at")
        spans = [*rows.values_list("issued_at", "valid_from", "valid_to"), *interrupted]
        moments = {moment for span in spans for moment in span if moment is not None}
        return [moment + timedelta(microseconds=shift) for moment in sorted(moments) for shift in (-1, 0, 1)]

    def holding_at(self, moment: datetime) -> set[str]:
        """The certificates that counted then, by the one function that says so."""
        rows = Certificate.objects.filter(holder=self.holder, valid_from__lte=moment, valid_to__gt=moment)
        return {row.serial for row in rows if state_at(row, moment) == _S.ACTIVE}

    @property
    def account(self) -> str:
        return self.holder.public_id

    def states_of_periods(self) -> set[str]:
        """The states of what is not over, at most one: a certificate and its renewal are decided on together."""
        rows = Certificate.objects.filter(holder=self.holder, valid_to__gt=self.now)
        return set(rows.values_list("state", flat=True))

    def newest(self) -> Certificate | None:
        return Certificate.objects.filter(holder=self.holder, valid_from__lte=self.now).order_by("-valid_from").first()

    def states(self, at: datetime | None = None) -> list[tuple[str, str]]:
        """Serial and state of those that had been issued."""
        rows = Certificate.objects.filter(holder=self.holder, issued_at__lte=at or self.now).order_by("pk")
        return [(row.serial, row.state_at(at) if at else row.effective_state) for row in rows]


def suspend(row: Certificate) -> None:
    """Suspend it, with the renewal that waits, if any."""
    make.suspend(row)


def clear(row: Certificate) -> None:
    """Answer the doubt, and clear it up."""
    inquiry = casework.open_inquiry(row)
    assert inquiry is not None
    if inquiry.answer_case is None:
        inquiries.answer_suspension(inquiry=inquiry, by=row.holder, text="I only moved to another house.")
    make.clear(inquiry)


def revoke(row: Certificate) -> None:
    """Suspend and revoke it."""
    make.revoke(row)


def restore(row: Certificate) -> None:
    """Win the appeal against a revocation."""
    inquiries.appeal_revocation(certificate=row, by=row.holder, text="My licence is real, look again please.")
    assert row.adverse_decision is not None
    user, case = make.claim(row.adverse_decision.case)
    make.look_up_stale(row.application, user)
    reasons = {"reasons": ["revocation-wrong"], "explanation": make.ENOUGH}
    inquiries.decide_revocation_appeal(certificate=row, by=user, version=case.version, granted=True, **reasons)  # type: ignore[arg-type]


def surrender(row: Certificate) -> None:
    """Give it up."""
    certificates.surrender_certificate(certificate=row, by=row.holder)


def renew(row: Certificate) -> None:
    """Apply for the next one and get it."""
    application = make.draft(AREA, row.holder, renews=row)
    make.submit(application)
    make.run_jobs()
    make.approve_wholly(application)


def change(row: Certificate) -> None:
    """Report a change that is confirmed, so that the renewal replaces the certificate when it is approved."""
    confirm(row)


def abolish(_row: Certificate) -> None:
    """Announce that the credential on which it rests counts no more in 200 days."""
    abolition = abolitions.propose_abolition(
        by=make.person(Role.AREA_LEAD),
        takes_effect_at=clock.now() + timedelta(days=200),
        explanations={"en": make.ENOUGH, "zh-hans": make.ENOUGH},
        credential_type=CredentialType.objects.get(code="cn-lawyer"),
    )
    abolitions.announce_abolition(abolition=abolition, by=make.person(Role.AREA_LEAD))
    make.run_jobs()


# From which state of the newest certificate each can be done.
STEPS: dict[Callable[[Certificate], None], str] = {
    suspend: _S.ACTIVE,
    clear: _S.SUSPENDED,
    revoke: _S.ACTIVE,
    restore: _S.REVOKED,
    surrender: _S.ACTIVE,
    renew: _S.ACTIVE,
    change: _S.ACTIVE,
    abolish: _S.ACTIVE,
}
# With the days before it, and whether it is done to the renewal that waits, if there is one.
steps = st.lists(st.tuples(st.sampled_from(list(STEPS)), st.integers(1, 170), st.booleans()), min_size=2, max_size=6)
ALL_WITH_A_RENEWAL = [(renew, 310, False), (suspend, 5, True), (clear, 5, False), (revoke, 5, True)]
ALL_WITH_A_RENEWAL += [(restore, 5, False), (surrender, 5, True)]
REPLACED_BEFORE_ABOLITION = [(abolish, 5, False), (change, 5, False), (renew, 5, False), (suspend, 5, False)]


def can_be_done(step: Callable[[Certificate], None], row: Certificate | None, now: datetime) -> bool:
    """Whether the step is open; a renewal only near the end or after a change and once, an appeal within its six months."""
    if row is None or row.effective_state != STEPS[step]:
        return False
    renewed = Certificate.objects.filter(renews=row).exists()
    if step is abolish:
        return not Abolition.objects.exists()
    if step is renew:
        # One that begins when its credential counts no more cannot be approved.
        return not renewed and now >= row.renewal_opens_at and (row.abolition is None or row.renewable_from is not None)
    if step is restore:
        return row.ended_at is not None and now - row.ended_at < timedelta(days=180) and not renewed
    return True


# Without shrinking: looking for the smallest example that fails takes more than five minutes.
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=10,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(steps)
@example(ALL_WITH_A_RENEWAL)
@example(REPLACED_BEFORE_ABOLITION)
def test_the_gate_at_a_past_moment_says_what_it_said_then(
    db: None, plan: list[tuple[Callable[..., None], int, bool]]
) -> None:
    # Each example is undone: an abolition would end the certificates of the next.
    before = transaction.savepoint()
    live_through(plan)
    transaction.savepoint_rollback(before)


def live_through(plan: list[tuple[Callable[..., None], int, bool]]) -> None:
    """Take the steps of a plan, and compare what is said about every moment with what was said then."""
    start = clock.now()
    with clock.freeze_time(start):
        history = History(make.certificate(AREA).holder, start)
        proven = {
            "external_id": str(history.holder.pk),
            "handle": "li-ming",
            "state": LinkState.PROVEN,
            "proven_at": start,
        }
        LinkedAccount.objects.create(person=history.holder, platform="sandbox", **proven)
        history.ask()
    for step, days, on_renewal in plan:
        for moment in (history.now + timedelta(days=days / 2), history.now + timedelta(days=days)):
            history.now = moment
            with clock.freeze_time(moment):
                expiry.expire_due_certificates()
                history.ask()
        with clock.freeze_time(history.now + timedelta(seconds=1)):
            row = history.newest()
            if on_renewal and row is not None:
                row = Certificate.objects.filter(renews=row).first() or row
            if row is not None and can_be_done(step, row, history.now):
                step(row)
                history.now += timedelta(seconds=1)
                history.ask()
                assert len(history.states_of_periods()) <= 1
    for moment, (answer, states, labelled) in history.said.items():
        assert history.answer(moment) == answer, moment - start
        assert history.states(moment) == states
        assert history.holding_at(moment) == labelled
        assert bool(labelled) == answer.open
        assert (AREA in public.count_valid_certificates(moment)) or not answer.open
    with clock.freeze_time(history.now + timedelta(days=1)):
        for moment in history.turning_points():
            assert history.answer(moment).open == bool(history.holding_at(moment)), moment


def test_a_certificate_that_was_replaced_during_an_abolition_has_expired() -> None:
    certificate = make.certificate(AREA)
    for step in (abolish, change, renew):
        step(certificate)
        certificate.refresh_from_db()
    assert (certificate.abolition, certificate.full_valid_to) == (None, None)
    Certificate.objects.filter(pk=certificate.pk).update(
        abolition=Abolition.objects.get()
    )  # as earlier releases left it
    certificate.refresh_from_db()
    assert {certificate.state, certificate.effective_state, state_at(certificate, clock.now())} == {_S.EXPIRED}


def test_what_happened_later_changes_no_answer_about_the_past() -> None:
    certificate = make.certificate(AREA)
    account, valid = certificate.holder.public_id, clock.now()
    make.suspend(certificate)
    suspended = clock.now()
    clear(certificate)
    cleared = clock.now()
    certificate.refresh_from_db()
    surrender(certificate)
    assert public.check_gate(account, AREA).code == "surrendered"
    assert public.check_gate(account, AREA, valid).code == "certified"
    assert public.check_gate(account, AREA, suspended).code == "suspended"
    assert public.check_gate(account, AREA, cleared).code == "certified"
    assert [row.state for row in Interruption.objects.order_by("pk")] == ["suspended", "surrendered"]


def test_a_certificate_is_nothing_before_its_issue_and_not_yet_valid_before_its_time() -> None:
    first = make.certificate(AREA)
    with clock.freeze_time(first.valid_to - timedelta(days=10)):
        renewed = make.certificate(AREA, applicant=first.holder, renews=first)
    tick = timedelta(microseconds=1)
    moments = (renewed.issued_at - tick, renewed.issued_at, renewed.valid_from - tick, renewed.valid_from)
    states = [state_at(renewed, moment) for moment in (*moments, renewed.valid_to - tick, renewed.valid_to)]
    assert states == [NOT_ISSUED, NOT_YET, NOT_YET, _S.ACTIVE, _S.ACTIVE, _S.EXPIRED]


def test_the_api_answers_for_the_past(client: Client) -> None:
    certificate = make.certificate(AREA)
    has_account(certificate.holder)
    valid = clock.now()
    make.suspend(certificate)
    headers = bearer(Scope.GATE)
    question = {"account": certificate.holder.public_id, "area": AREA}
    now = gate(client, headers, **question).json()
    then = gate(client, headers, **question, at=valid.isoformat()).json()
    assert (now["open"], now["code"]) == (False, "suspended")
    assert (then["open"], then["code"], then["certificate"]) == (True, "certified", certificate.serial)


def test_an_account_is_whose_it_was() -> None:
    certificate = make.certificate(AREA)
    start, handle = clock.now(), "li-ming"
    link = LinkedAccount.objects.create(
        person=certificate.holder, platform="sandbox", external_id="7", handle=handle, state=LinkState.PROVEN,
        proven_at=start,
    )  # fmt: skip
    with clock.freeze_time(start + timedelta(days=1)):
        link.move("end", ended_at=clock.now())
        assert public.check_platform_gate("sandbox", handle, AREA)[1].code == "no_person"
        assert public.check_platform_gate("sandbox", handle, AREA, start)[1].code == "certified"
        assert public.check_platform_gate("sandbox", handle, AREA, start - timedelta(days=1))[1].code == "no_person"


def test_a_switched_gate_is_as_it_was() -> None:
    make.reference()
    area, account = KeyArea.objects.get(code=AREA), make.person().public_id
    start = clock.now()
    for day, needed in ((1, False), (2, False), (3, True)):
        with clock.freeze_time(start + timedelta(days=day)):
            area.gate = needed
            area.save()
    with clock.freeze_time(start + timedelta(days=9)):
        asked = [public.check_gate(account, AREA, start + timedelta(hours=hours)) for hours in (12, 36, 60, 84)]
    assert [answer.code for answer in asked] == ["no_certificate", "not_gated", "not_gated", "no_certificate"]
    assert GateChange.objects.count() == 2


def test_the_database_keeps_interruptions_as_they_were() -> None:
    certificate = make.certificate(AREA)
    make.suspend(certificate)
    clear(certificate)
    row = Interruption.objects.get()
    assert row.ends_at is not None
    for change in ({"begins_at": row.begins_at - timedelta(days=1)}, {"state": _S.REVOKED}, {"ends_at": None}):
        with pytest.raises(IntegrityError, match="ends once"), transaction.atomic():
            Interruption.objects.update(**change)
    with pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic():
        Interruption.objects.create(certificate=certificate, state=_S.REVOKED, begins_at=row.begins_at)
    make.reference()
    GateChange.objects.create(area=certificate.area, gate=True, at=clock.now())
    with pytest.raises(DatabaseError, match=r"Cannot update or delete|permission denied"), transaction.atomic():
        GateChange.objects.update(gate=False)
