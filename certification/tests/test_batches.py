"""Batches: what is refused of a list, and what becomes of it when people or certificates change before it is carried out."""

from datetime import timedelta
from time import perf_counter
from typing import Any

import pytest
from django.db.models import Model
from django.db.models.signals import post_init
from django.test import Client
from django.urls import reverse

from certification import policies
from certification.actions import batch_dry_runs, batches, certificates, decisions, inquiries, periods, renewals
from certification.models import Application, Batch, BatchItem, Certificate, Check, ItemOutcome, KeyArea
from certification.states import CertificateState
from certification.tests import factories as make
from portal import clock
from portal.errors import Invalid, NotAllowed
from portal.jobs.runner import run_due_jobs
from portal.notifications.models import Notification
from portal.people.models import User
from portal.people.roles import Role
from portal.reviews.actions.participation import record_participation
from portal.reviews.models import ConflictOfInterest, Participation
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
AREA = "cn-law"
FOUND = "The register shows that the licence was cancelled."
NEW_BATCH = "/certification/batches/new/"


def prepare(rows: list[Certificate], by: User, grounds: str = FOUND) -> Batch:
    lines = "\n".join(f"{row.serial}, {grounds}" for row in rows)
    said: dict[str, Any] = {"reasons": ["doubt-register"], "explanation": make.ENOUGH}
    return batches.prepare_suspensions(area=rows[0].area, by=by, lines=lines, **said)


def certified(role: str) -> tuple[User, Certificate]:
    """Somebody who works for the portal and holds a certificate."""
    certificate = make.certificate(AREA)
    User.objects.filter(pk=certificate.holder_id).update(role=role)
    return User.objects.get(pk=certificate.holder_id), certificate


# --- the list


def test_a_line_of_blanks_takes_no_time_and_a_long_one_is_named() -> None:
    row, lead = make.certificate(AREA), make.person(Role.AREA_LEAD)
    begun = perf_counter()
    with pytest.raises(Invalid) as wrong:
        prepare([row], lead, grounds=f"x{' ' * 400_000}y")
    assert perf_counter() - begun < 1
    assert wrong.value.fields["lines"] == ["Line 1: please say what was found in at most 2,000 characters."]
    prepare([row], lead, grounds="x" * 2000)
    assert len(BatchItem.objects.get().grounds) == 2000


def test_a_list_of_a_million_characters_reaches_the_form_of_an_area_lead(enter: Enter) -> None:
    row, lead = make.certificate(AREA), make.person(Role.AREA_LEAD)
    lines = f"{row.serial}, {'查' * 900_000}"
    said = {"area": row.area.pk, "reasons": ["doubt-register"], "explanation": make.ENOUGH, "lines": lines}
    answer = enter(lead).post(NEW_BATCH, said)
    assert answer.status_code == 422
    assert "Line 1: please say what was found in at most 2,000 characters." in page_text(answer)
    for other in (make.senior(), make.person()):
        assert enter(other).post(NEW_BATCH, said).status_code == 413
    assert Client().post(NEW_BATCH, said).status_code == 413
    assert 'enctype="multipart/form-data"' in enter(lead).get(NEW_BATCH).content.decode()


# --- who confirmed, and who prepared


def test_nothing_is_decided_in_the_name_of_somebody_deactivated_since() -> None:
    rows, senior = [make.certificate(AREA) for _ in range(2)], make.senior()
    batch = prepare(rows, make.person(Role.AREA_LEAD))
    batches.confirm_suspensions(batch=batch, by=senior)
    User.objects.filter(pk=senior.pk).update(is_active=False)
    run_due_jobs()
    items = list(batch.items.all())
    assert [item.outcome for item in items] == [ItemOutcome.SKIPPED] * 2
    assert "Whoever confirmed this" in items[0].refusal
    assert Certificate.objects.filter(state=CertificateState.SUSPENDED).count() == 0


def test_a_confirmed_batch_is_carried_out_though_its_preparer_left(enter: Enter) -> None:
    (lead, own), other = certified(Role.AREA_LEAD), make.certificate(AREA)
    batch, senior = prepare([other], lead), make.senior()
    BatchItem.objects.create(batch=batch, certificate=own, grounds=FOUND)  # it was checked when the batch was prepared
    batches.confirm_suspensions(batch=batch, by=senior)
    User.objects.filter(pk=lead.pk).update(role=Role.CREATOR)
    run_due_jobs()
    assert [item.outcome for item in batch.items.order_by("pk")] == [ItemOutcome.DONE, ItemOutcome.SKIPPED]
    other.refresh_from_db()
    assert other.state == CertificateState.SUSPENDED
    note = Notification.objects.get(user=senior, kind="certification.batch_skipped")
    assert "Of the 2 decisions that you confirmed together, 1 could not be made." in note.bodies["en"]
    assert "Not everything was decided" in page_text(enter(senior).get(batch.get_absolute_url()))


# --- the dry run


def test_the_whole_batch_is_foreseen_as_it_is_then_carried_out(enter: Enter) -> None:
    rows = [make.certificate(AREA) for _ in range(6)]
    ended, doubted, conflicted, decided, acted = rows[1:]
    batch, senior = prepare(rows, make.person(Role.AREA_LEAD)), make.senior()
    periods.surrender_periods(ended, by=ended.holder)
    inquiries.raise_doubt(certificate=doubted, by=make.person(Role.AREA_LEAD), grounds=FOUND)
    ConflictOfInterest.objects.create(reviewer=senior, user=conflicted.holder)
    assert decided.application.case is not None
    record_participation(decided.application.case, senior, Participation.DOUBT)
    account = f"certification.person:{acted.holder_id}:{AREA}"
    Participation.objects.create(case=decided.application.case, user=senior, role=Participation.DOUBT, topic=account)
    foreseen = batch_dry_runs.foresee_batch(batch, senior)
    assert (foreseen.suspended, foreseen.left, foreseen.queued) == (1, 2, 3)
    assert batch_dry_runs.foresee_batch(batch, None).suspended == 4
    page = page_text(enter(senior).get(batch.get_absolute_url()))
    assert "1 would be suspended 2 would be left as they are 3 would go to someone else" in page
    assert "declared a conflict of interest" in page
    asked = page_text(enter(senior).get(f"{batch.get_absolute_url()}confirm/"))
    assert "1 certificate in" in asked
    assert "3 certificates go to the review queue" in asked
    assert "2 certificates are left as they are" in asked
    batches.confirm_suspensions(batch=batch, by=senior)
    run_due_jobs()
    items = list(batch.items.order_by("pk"))
    assert [foreseen.items[item.pk].outcome for item in items] == [item.outcome for item in items]
    assert [str(foreseen.items[item.pk].why or "") for item in items[3:]] == [item.refusal for item in items[3:]]


def test_a_doubt_about_a_certificate_is_foreseen_to_hold_for_its_renewal() -> None:
    first = make.certificate(AREA)
    with clock.freeze_time(first.valid_to - timedelta(days=20)):
        batches.confirm_renewals(applications=[confirmed_renewal(first)], by=make.reviewer())
        run_due_jobs()
        second = Certificate.objects.get(renews=first)
        for rows in ([first, second], [second, first]):
            batch, senior = prepare(rows, make.person(Role.AREA_LEAD)), make.senior()
            foreseen = list(batch_dry_runs.foresee_batch(batch, senior).items.values())
            assert [one.outcome for one in foreseen] == [ItemOutcome.DONE, ItemOutcome.SKIPPED]
        batches.confirm_suspensions(batch=batch, by=senior)
        run_due_jobs()
        items = list(batch.items.order_by("pk"))
    assert [item.outcome for item in items] == [ItemOutcome.DONE, ItemOutcome.SKIPPED]
    assert items[1].refusal == foreseen[1].why


def test_a_dry_run_takes_as_many_queries_and_objects_for_many_as_for_one(django_assert_num_queries: Any) -> None:
    lead, senior = make.person(Role.AREA_LEAD), make.senior()
    loaded: list[type[Model]] = []

    def note(sender: type[Model], **_: Any) -> None:
        loaded.append(sender)

    for count in (1, 4):
        batch = prepare([make.certificate(AREA) for _ in range(count)], lead)
        batch = Batch.objects.select_related("area__calendar").get(pk=batch.pk)
        loaded.clear()
        post_init.connect(note)
        try:
            with django_assert_num_queries(5):
                assert batch_dry_runs.foresee_batch(batch, senior).suspended == count
        finally:
            post_init.disconnect(note)
        assert loaded == []


# --- one's own matter


def test_nobody_sees_or_discards_a_batch_about_themselves(enter: Enter) -> None:
    (lead, own), (senior, second) = certified(Role.AREA_LEAD), certified(Role.SENIOR_REVIEWER)
    with pytest.raises(Invalid, match=f"{own.serial}: someone else"):
        prepare([own], lead)
    batch = prepare([own, second], make.person(Role.AREA_LEAD))
    page = reverse("certification:batch", args=[batch.pk])
    for person in (lead, senior):
        assert policies.refuse_seeing_batch(batch, person) is not None
        assert enter(person).get(page).status_code == 404
        assert page not in enter(person).get("/certification/batches/").content.decode()
    with pytest.raises(NotAllowed, match="your own case"):
        batches.discard_batch(batch=batch, by=lead)
    assert policies.refuse_confirming_suspensions(batch, senior) is not None
    other = make.person(Role.AREA_LEAD)
    assert enter(other).get(page).status_code == 200
    assert page in enter(other).get("/certification/batches/").content.decode()
    batches.discard_batch(batch=batch, by=other)


def test_a_certificate_in_a_batch_cannot_be_surrendered_and_nothing_says_why() -> None:
    certificate = make.certificate(AREA)
    batch = prepare([certificate], make.person(Role.AREA_LEAD))
    with pytest.raises(NotAllowed, match=r"^This certificate cannot be surrendered at the moment") as refused:
        certificates.surrender_certificate(certificate=certificate, by=certificate.holder)
    assert "suspen" not in str(refused.value)
    batches.discard_batch(batch=batch, by=make.person(Role.AREA_LEAD))
    assert policies.refuse_surrender(certificate, certificate.holder) is None


def test_a_batch_that_nobody_confirms_is_discarded(enter: Enter) -> None:
    certificate, lead = make.certificate(AREA), make.person(Role.AREA_LEAD)
    batch = prepare([certificate], lead)
    assert "If no senior reviewer confirms it by" in page_text(enter(lead).get(batch.get_absolute_url()))
    assert batches.discard_forgotten_batches() == 0
    with clock.freeze_time(clock.now() + Batch.WAITS + timedelta(seconds=1)):
        assert (batches.discard_forgotten_batches(), batches.discard_forgotten_batches()) == (1, 0)
        assert policies.refuse_surrender(certificate, certificate.holder) is None
        assert policies.refuse_confirming_suspensions(Batch.objects.get(), make.senior()) is not None


# --- renewals of what does not stand any more


def test_an_unchanged_renewal_of_a_revoked_certificate_is_not_approved() -> None:
    certificate = make.certificate(AREA)
    with clock.freeze_time(certificate.valid_to - timedelta(days=20)):
        renewal = confirmed_renewal(certificate)
        user = make.reviewer()
        assert batches.approvable_renewals(user) == [renewal]
        make.revoke(certificate)
        renewal = make.fresh(renewal)
        assert batches.approvable_renewals(user) == []
        assert "A new application is needed." in str(policies.refuse_unchanged_approval(renewal, user))
        assert "A new application is needed." in str(policies.refuse_certifying(renewal))
        batch = batches.confirm_renewals(applications=[renewal], by=user)
        run_due_jobs()
        assert batch.items.get().outcome == ItemOutcome.SKIPPED


def test_where_two_people_decide_an_unchanged_renewal_is_proposed_until_the_second_agrees(enter: Enter) -> None:
    certificate = make.certificate(AREA)
    KeyArea.objects.filter(code=AREA).update(second_approval_always=True)
    with clock.freeze_time(certificate.valid_to - timedelta(days=20)):
        renewal, user = confirmed_renewal(certificate), make.reviewer()
        batch = batches.confirm_renewals(applications=[renewal], by=user)
        run_due_jobs()
        assert "Proposed; a second person decides" in page_text(enter(user).get(batch.get_absolute_url()))
        assert not Certificate.objects.filter(renews=certificate).exists()
        make.confirm(renewal)
        assert Certificate.objects.filter(renews=certificate).exists()
        assert not batch.items.get().is_proposed


def propose(*rows: Certificate) -> tuple[Batch, User, list[Application]]:
    """Unchanged renewals that a reviewer has proposed together, where two people decide."""
    KeyArea.objects.filter(code=AREA).update(second_approval_always=True)
    proposed, user = [confirmed_renewal(row) for row in rows], make.reviewer()
    batch = batches.confirm_renewals(applications=proposed, by=user)
    run_due_jobs()
    return batch, user, [make.fresh(row) for row in proposed]


def test_the_second_person_agrees_with_several_proposed_renewals_after_seeing_what_stands_out(enter: Enter) -> None:
    rows = [make.certificate(AREA) for _ in range(3)]
    with clock.freeze_time(rows[0].valid_to - timedelta(days=20)):
        batch, first, proposed = propose(*rows)
        assert batches.approvable_renewals(first) == []
        assert batches.approvable_renewals(make.reviewer()) == []
        senior = make.senior()
        desk, page = enter(senior), reverse("certification:unchanged_renewals")
        shown = desk.get(page)
        text = page_text(shown)
        assert text.count(f"{first.display_name}, ") == 3
        assert text.count("You have not opened all of these yet") == 3
        assert " checked" not in shown.content.decode()
        chosen = [row.number for row in proposed[:2]]
        refused = desk.post(page, {"chosen": chosen})
        assert refused.status_code == 422
        assert "something has not been opened yet" in page_text(refused)
        agreed = desk.post(page, {"chosen": chosen, "acknowledged": "on"})
        assert agreed.status_code == 302
        run_due_jobs()
    outcomes = Batch.objects.get(confirmed_by=senior).items.values_list("outcome", flat=True)
    assert list(outcomes) == [ItemOutcome.DONE] * 2
    assert [Certificate.objects.filter(renews=row).exists() for row in rows] == [True, True, False]
    assert [item.is_proposed for item in batch.items.order_by("pk")] == [False, False, True]
    decision = make.fresh(proposed[0]).decision
    assert decision is not None
    assert (decision.by, decision.second_by) == (first, senior)


def test_what_somebody_else_has_decided_since_it_was_chosen_is_left_as_it_is() -> None:
    rows = [make.certificate(AREA) for _ in range(2)]
    with clock.freeze_time(rows[0].valid_to - timedelta(days=20)):
        _batch, _first, [proposed, other] = propose(*rows)
        chosen = batches.confirm_renewals(applications=[proposed], by=make.senior(), acknowledged=True)
    with clock.freeze_time(rows[0].valid_to - timedelta(days=20) + timedelta(minutes=1)):
        claimer, case = make.claim(proposed)
        decisions.send_back_approval(application=proposed, by=claimer, version=case.version, note=make.ENOUGH)
        run_due_jobs()
        item = chosen.items.get()
        assert (item.outcome, make.fresh(proposed).state) == (ItemOutcome.SKIPPED, "in_review")
        assert item.refusal.startswith("This has changed in the meantime.")
        assert make.fresh(other).state == "second_review"


def test_a_check_that_fails_by_then_keeps_a_second_person_from_agreeing_in_a_batch() -> None:
    certificate = make.certificate(AREA)
    with clock.freeze_time(certificate.valid_to - timedelta(days=20)):
        _batch, _first, [proposed] = propose(certificate)
        senior = make.senior()
        chosen = batches.confirm_renewals(applications=[proposed], by=senior, acknowledged=True)
        check = proposed.checks.exclude(document=None).first()
        assert check is not None
        Check.objects.create(
            application=proposed, document=check.document, round=1, kind=check.kind, method="recomputed", result="fail"
        )
        run_due_jobs()
        assert (chosen.items.get().outcome, chosen.items.get().refusal) == (ItemOutcome.SKIPPED, "A check failed.")


def test_proposed_renewals_take_as_many_queries_for_many_as_for_one(django_assert_num_queries: Any) -> None:
    rows = [make.certificate(AREA) for _ in range(3)]
    with clock.freeze_time(rows[0].valid_to - timedelta(days=20)):
        _batch, _first, proposed = propose(*rows)
        senior = make.senior()
        for some in (proposed[:1], proposed):
            with django_assert_num_queries(3):
                looks = policies.renewals_second_look(some, senior)
            assert looks.keys() == {row.pk for row in some}
            assert all(look.unopened for look in looks.values())


def confirmed_renewal(certificate: Certificate) -> Application:
    """Its unchanged renewal, which the register agrees with."""
    renewal, _submitted = renewals.renew_unchanged(certificate=certificate, by=certificate.holder, consent=True)
    make.run_jobs()
    renewal = make.fresh(renewal)
    make.register_agrees(renewal.credentials.get())
    return renewal
