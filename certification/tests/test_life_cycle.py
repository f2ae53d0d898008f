"""Abolitions, rechecks, inspections, batches, and what a holder cannot escape."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from certification import policies, public
from certification.actions import (
    abolitions,
    batch_dry_runs,
    batches,
    certificates,
    drafts,
    draw_checks,
    expiry,
    inquiries,
    inspections,
    periods,
    rechecks,
    register_rechecks,
    renewals,
    reports,
)
from certification.actions.rechecks import trigger_recheck
from certification.history import state_at
from certification.models import (
    Abolition,
    AreaBan,
    BatchKind,
    Certificate,
    Inquiry,
    Inspection,
    InspectionCause,
    InspectionRound,
    ItemOutcome,
    ProfileClaim,
    RecheckCause,
    RecheckTrigger,
    Requirement,
)
from certification.models.abolitions import NOTICE
from certification.states import ApplicationState, CertificateState
from certification.tests import factories as make
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.jobs.queue import enqueue_job
from portal.jobs.runner import run_due_jobs
from portal.notifications.models import Notification
from portal.people.actions import links, mandates
from portal.people.models import LinkedAccount
from portal.people.roles import Role
from portal.people.tests.linking import prove
from portal.reviews.actions.participation import record_participation
from portal.reviews.models import Decision, Participation
from portal.testing.fake_platform import FakePlatform

pytestmark = pytest.mark.django_db
AREA = "cn-law"
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
WHY = {
    "en": "The area is not regulated any more.",
    "zh-hans": "该领域不再属于需要认证的重点领域，特此公告取消相关认证。",
}
FOUND = "The register shows that the licence was cancelled."


def told(certificate: Certificate, kind: str) -> int:
    return Notification.objects.filter(user=certificate.holder, kind=f"certification.{kind}").count()


def announced(certificate: Certificate, days: int = 61) -> Abolition:
    """The abolition of the certificate's category, announced by a second person."""
    row = abolitions.propose_abolition(
        by=make.person(Role.AREA_LEAD),
        takes_effect_at=clock.now() + days * DAY,
        explanations=WHY,
        area=certificate.area,
        category=certificate.category,
    )
    abolitions.announce_abolition(abolition=row, by=make.person(Role.AREA_LEAD))
    run_due_jobs()
    certificate.refresh_from_db()
    return row


# --- no escape


def test_a_doubted_or_inspected_certificate_cannot_be_given_up() -> None:
    certificate = make.certificate(AREA)
    inquiry = make.doubt(certificate)
    with pytest.raises(NotAllowed, match="being reviewed"):
        certificates.surrender_certificate(certificate=certificate, by=certificate.holder)
    user, case = make.claim(inquiry.case)
    inquiries.dismiss_doubt(inquiry=inquiry, by=user, version=case.version, reasons=["doubt-unfounded"])
    assert policies.refuse_surrender(certificate, certificate.holder) is None
    inspections.draw_inspections()
    with pytest.raises(NotAllowed, match="being inspected"):
        certificates.surrender_certificate(certificate=certificate, by=certificate.holder)


def test_nor_can_the_renewal_of_a_doubted_one() -> None:
    certificate = make.certificate(AREA)
    with clock.freeze_time(certificate.valid_to - 20 * DAY):
        renewal = make.certificate(AREA, applicant=certificate.holder, renews=certificate)
        make.doubt(certificate)
        assert policies.refuse_surrender(renewal, renewal.holder) is not None


def test_forged_documents_revoke_an_active_certificate_by_two_with_a_ban_and_an_appeal() -> None:
    certificate = make.certificate(AREA)
    inquiry = make.doubt(certificate)
    user, case = make.claim(inquiry.case)
    given: dict[str, Any] = {"by": user, "version": case.version, "explanation": make.ENOUGH}
    with pytest.raises(Invalid, match="Only forged documents"):
        inquiries.propose_revocation_at_once(inquiry=inquiry, reasons=["unfounded"], **given)
    inquiries.propose_revocation_at_once(inquiry=inquiry, reasons=["forged-paper"], **given)
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.ACTIVE
    second, case = make.claim(inquiry.case)
    inquiries.confirm_inquiry_decision(inquiry=inquiry, by=second, version=case.version, acknowledged=True)
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.REVOKED
    assert AreaBan.objects.get().person == certificate.holder
    assert not public.check_gate(certificate.holder.public_id, AREA).open
    inquiries.appeal_revocation(certificate=certificate, by=certificate.holder, text="My licence is real, look again.")
    assert certificate.adverse_decision is not None
    user, case = make.claim(certificate.adverse_decision.case)
    reasons = {"reasons": ["revocation-wrong"], "explanation": make.ENOUGH}
    inquiries.decide_revocation_appeal(certificate=certificate, by=user, version=case.version, granted=True, **reasons)  # type: ignore[arg-type]
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.ACTIVE
    assert AreaBan.objects.get().lifted_at is not None


# --- abolition


def test_an_abolition_takes_two_people_and_sixty_days() -> None:
    certificate = make.certificate(AREA)
    lead = make.person(Role.AREA_LEAD)
    fields: dict[str, Any] = {"by": lead, "explanations": WHY, "area": certificate.area}
    with pytest.raises(Invalid, match="60 days"):
        abolitions.propose_abolition(takes_effect_at=clock.now() + 59 * DAY, **fields)
    row = abolitions.propose_abolition(takes_effect_at=clock.now() + 61 * DAY, **fields)
    for nobody in (lead, make.senior(), certificate.holder):
        with pytest.raises(NotAllowed):
            abolitions.announce_abolition(abolition=row, by=nobody)
    with clock.freeze_time(clock.now() + 2 * DAY), pytest.raises(Conflict, match="less than 60 days"):
        abolitions.announce_abolition(abolition=row, by=make.person(Role.AREA_LEAD))
    for wrong in ({"announced_by": lead}, {"announced_by": make.senior(), "takes_effect_at": clock.now() + NOTICE}):
        later = {"announced_at": clock.now() + DAY, **wrong}
        with pytest.raises(IntegrityError, match="abolition_"), transaction.atomic():
            Abolition.objects.filter(pk=row.pk).update(**later)


def test_what_is_abolished_lapses_at_its_second_before_any_job_has_run() -> None:
    certificate = make.certificate(AREA)
    full, asked = certificate.valid_to, clock.now()
    row = announced(certificate)
    account, day = certificate.holder.public_id, row.takes_effect_at
    assert (certificate.valid_to, certificate.full_valid_to, told(certificate, "lapse_announced")) == (day, full, 1)
    assert policies.refuse_renewal(certificate.holder, certificate) is not None
    with pytest.raises(Invalid, match="Applications are not accepted"):
        make.application(ApplicationState.SUBMITTED, AREA)
    with clock.freeze_time(day - TICK):
        assert public.check_gate(account, AREA).open
    with clock.freeze_time(day):
        assert public.check_gate(account, AREA).code == "lapsed"
        assert certificate.effective_state == CertificateState.LAPSED
        assert expiry.expire_due_certificates() == 1
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.LAPSED
    assert told(certificate, "lapsed_rule") == 1
    assert [state_at(certificate, at) for at in (asked, day - TICK, day)] == ["active", "active", "lapsed"]


def test_an_abolition_that_is_called_off_gives_the_end_back() -> None:
    certificate = make.certificate(AREA)
    full = certificate.valid_to
    row = announced(certificate)
    abolitions.call_off_abolition(abolition=row, by=make.person(Role.AREA_LEAD))
    run_due_jobs()
    certificate.refresh_from_db()
    assert (certificate.valid_to, certificate.abolition, told(certificate, "lapse_called_off")) == (full, None, 1)


def test_a_certificate_that_is_restored_has_its_end_back_where_the_abolition_was_called_off() -> None:
    certificate = make.certificate(AREA)
    full, row = certificate.valid_to, announced(certificate)
    make.revoke(certificate)
    abolitions.call_off_abolition(abolition=row, by=make.person(Role.AREA_LEAD))
    run_due_jobs()
    certificate.refresh_from_db()
    assert (certificate.state, certificate.valid_to) == (CertificateState.REVOKED, row.takes_effect_at)
    inquiries.appeal_revocation(certificate=certificate, by=certificate.holder, text="My licence is real, look again.")
    assert certificate.adverse_decision is not None
    user, case = make.claim(certificate.adverse_decision.case)
    reasons: dict[str, Any] = {"reasons": ["revocation-wrong"], "explanation": make.ENOUGH}
    inquiries.decide_revocation_appeal(certificate=certificate, by=user, version=case.version, granted=True, **reasons)
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.ACTIVE
    assert (certificate.valid_to, certificate.full_valid_to, certificate.abolition) == (full, None, None)


def test_an_approval_that_did_not_see_the_abolition_is_found_an_hour_later() -> None:
    certificate = make.certificate(AREA)
    full, row = certificate.valid_to, announced(certificate)
    # As an approval leaves it that began before the announcement and ended after its notices.
    Certificate.objects.filter(pk=certificate.pk).update(abolition=None, full_valid_to=None, valid_to=full)
    run_due_jobs()
    certificate.refresh_from_db()
    assert certificate.valid_to == full
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        run_due_jobs()
    certificate.refresh_from_db()
    assert (certificate.valid_to, certificate.abolition) == (row.takes_effect_at, row)


def test_holders_are_reminded_of_a_lapse_and_not_of_a_renewal() -> None:
    certificate = make.certificate(AREA)
    day = announced(certificate).takes_effect_at
    for left in (40, 30, 29, 7, 1):
        with clock.freeze_time(day - left * DAY + timedelta(seconds=1)):
            abolitions.remind_of_lapses()
            certificates.send_renewal_reminders()
    assert (told(certificate, "lapse_due"), told(certificate, "renewal_due")) == (3, 0)


def test_an_abolished_credential_type_ends_what_rests_on_it_alone() -> None:
    certificate, other = make.certificate(AREA), make.certificate("cn-farming")
    kind = certificate.application.credentials.get().type
    lead = make.person(Role.AREA_LEAD)
    row = abolitions.propose_abolition(
        by=lead, takes_effect_at=clock.now() + 61 * DAY, explanations=WHY, credential_type=kind
    )
    abolitions.announce_abolition(abolition=row, by=make.person(Role.ADMIN))
    run_due_jobs()
    certificate.refresh_from_db()
    other.refresh_from_db()
    assert (certificate.abolition, other.abolition) == (row, None)


# --- reasons to look again


def test_a_new_name_and_a_new_profession_in_a_profile_bring_a_person(platform: FakePlatform) -> None:
    platform.open_account("7", "Ana")
    certificate = make.certificate(AREA)
    link = prove(certificate.holder, platform)
    platform.profiles["7"] = "律师 in Shanghai"
    read(link)
    assert ProfileClaim.objects.get().professions == ["lawyer"]
    assert not RecheckTrigger.objects.exists()
    platform.profiles["7"] = "Doctor, 医生"
    platform.open_account("7", "Ana", name="Doctor Ana")
    read(link)
    read(link)
    rows = RecheckTrigger.objects.order_by("pk")
    assert [row.cause for row in rows] == [RecheckCause.PROFILE_NAME, RecheckCause.PROFILE_PROFESSION]
    assert Inquiry.objects.get().raised_by is None
    assert "Doctor" in rows[1].sentence
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.ACTIVE
    user, case = make.claim(Inquiry.objects.get().case)
    grounds = {"reasons": ["doubt-profile"], "explanation": make.ENOUGH}
    inquiries.suspend_certificate(inquiry=Inquiry.objects.get(), by=user, version=case.version, **grounds)  # type: ignore[arg-type]
    assert not public.check_gate(certificate.holder.public_id, AREA).open


def test_linking_an_account_anew_hides_no_change(platform: FakePlatform) -> None:
    platform.open_account("7", "Ana")
    certificate = make.certificate(AREA)
    first = prove(certificate.holder, platform)
    platform.profiles["7"] = "律师 in Shanghai"
    read(first)
    links.end_link(link=first, by=certificate.holder)
    platform.profiles["7"] = "Doctor, 医生"
    platform.open_account("7", "Ana", name="Doctor Ana")
    read(prove(certificate.holder, platform))
    causes = RecheckTrigger.objects.order_by("pk").values_list("cause", flat=True)
    assert list(causes) == [RecheckCause.PROFILE_NAME, RecheckCause.PROFILE_PROFESSION]


def read(link: LinkedAccount) -> None:
    enqueue_job(rechecks.READ_PROFILE_JOB, {"link": link.pk}, key=f"read:{clock.now().timestamp()}")
    run_due_jobs()


def test_a_mandate_that_begins_brings_a_person_and_one_that_matches_nobody() -> None:
    certificate, agency = make.certificate(AREA), make.agency()
    later = clock.now() + 100 * DAY
    mandates.grant_mandate(creator=certificate.holder, agency=agency, ends_at=later, by=certificate.holder)
    run_due_jobs()
    trigger = RecheckTrigger.objects.get()
    assert (trigger.cause, trigger.facts) == (RecheckCause.AGENCY, {"before": "", "after": agency.name})
    with clock.freeze_time(clock.now() + DAY):
        matching = make.certificate("cn-farming", applicant=certificate.holder)
        rechecks.follow_mandate(certificate.holder.mandates.get())
        run_due_jobs()
    assert matching.agency_name == agency.name
    assert not matching.triggers.exists()
    with clock.freeze_time(later + DAY):
        assert certificates.agency_of(certificate.holder) == ""


def test_a_change_that_the_holder_reports_joins_the_open_inquiry() -> None:
    certificate = make.certificate(AREA)
    inquiry = make.doubt(certificate)
    before = inquiry.case.version
    text = "I have worked for another firm since March."
    for _again in range(2):
        rechecks.report_change(certificate=certificate, by=certificate.holder, what="employer", text=text)
    trigger = RecheckTrigger.objects.get()
    inquiry.case.refresh_from_db()
    assert (trigger.inquiry, trigger.text, inquiry.case.version) == (inquiry, text, before + 1)
    with pytest.raises(NotAllowed):
        rechecks.report_change(certificate=certificate, by=make.person(), what="employer", text=text)


# --- inspections


def test_a_draw_is_two_in_a_hundred_and_can_be_computed_again() -> None:
    first = make.certificate(AREA)
    assert inspections.draw_inspections() == 1
    assert inspections.draw_inspections() == 0
    drawn = InspectionRound.objects.get()
    assert (drawn.population, drawn.drawn, drawn.flagged) == (1, 1, 0)
    make.certificate("cn-farming")
    with clock.freeze_time(first.valid_to + DAY):
        expiry.expire_due_certificates()
        assert draw_checks.is_draw_as_computed(drawn)
    assert len(inspections.drawn_by_lot("seed", clock.now(), 51)) == 2
    assert inspections.drawn_by_lot("seed", clock.now(), 51) == inspections.drawn_by_lot("seed", clock.now(), 51)
    Inspection.objects.filter(cause=InspectionCause.LOT).update(cause=InspectionCause.FLAG)
    assert not draw_checks.is_draw_as_computed(drawn)


def test_a_look_that_was_only_due_is_no_flag_and_a_doubt_is_one() -> None:
    looked_up, doubted = make.certificate(AREA), make.certificate(AREA)
    rechecks.trigger_recheck(looked_up, RecheckCause.LOOK_UP, occasion="look_up:1")
    make.doubt(doubted)
    Inquiry.objects.update(ended_at=clock.now())
    assert list(inspections._flagged(clock.now() + DAY)) == [doubted]


def test_an_inspection_that_is_answered_or_missed_brings_a_person_and_changes_nothing() -> None:
    certificate = make.certificate(AREA)
    inspections.draw_inspections()
    assert inspections.ask_inspected() == 1
    inspection = Inspection.objects.get()
    assert told(certificate, "inspection") == 1
    assert inspection.due_at is not None
    with clock.freeze_time(inspection.due_at - DAY):
        inspections.remind_inspected()
        inspections.remind_inspected()
        assert inspections.close_missed_inspections() == 0
    with clock.freeze_time(inspection.due_at):
        assert inspections.close_missed_inspections() == 1
        assert inspections.close_missed_inspections() == 0
        with pytest.raises(NotAllowed, match="has expired"):
            inspections.answer_inspection(inspection=Inspection.objects.get(), by=certificate.holder, text="Late.")
    certificate.refresh_from_db()
    trigger = RecheckTrigger.objects.get()
    assert (certificate.state, trigger.cause) == (CertificateState.ACTIVE, RecheckCause.INSPECTION_MISSED)
    assert told(certificate, "inspection_due") == 1


def test_an_answered_inspection_shows_its_files_to_who_has_the_case() -> None:
    certificate = make.certificate(AREA)
    inspections.draw_inspections()
    inspections.ask_inspected()
    paper = make.paper(certificate.holder)
    inspection = Inspection.objects.get()
    inspections.answer_inspection(inspection=inspection, by=certificate.holder, text="As before.", documents=[paper])
    inquiry = Inquiry.objects.get()
    user, _case = make.claim(inquiry.case)
    assert policies.refuse_file_access(user, paper) is None
    assert policies.refuse_file_access(make.reviewer(), paper) is not None
    assert policies.file_is_needed(paper)
    assert [file for _label, file in policies.inquiry_case_files(inquiry)] == [paper]


# --- looks that were only due


def looked_at(certificate: Certificate) -> Inquiry:
    """An inquiry in which a person has to look a number up again, and no more."""
    credential = certificate.application.credentials.first()
    trigger_recheck(certificate, RecheckCause.LOOK_UP, occasion="look_up:1", credential=credential)
    return certificate.inquiries.get()


def test_a_look_that_was_only_due_holds_up_no_doubt_and_no_batch() -> None:
    row, lead = make.certificate(AREA), make.person(Role.AREA_LEAD)
    look = looked_at(row)
    said: dict[str, Any] = {"area": row.area, "by": lead, "reasons": ["doubt-register"], "explanation": make.ENOUGH}
    batch = batches.prepare_suspensions(lines=f"{row.serial}, {FOUND}", **said)
    assert batch_dry_runs.foresee_batch(batch, None).suspended == 1
    doubt = inquiries.raise_doubt(certificate=row, by=make.person(Role.AREA_LEAD), grounds=FOUND)
    look.refresh_from_db()
    assert (look.ended_at is None, look.case.state, doubt.case.state) == (False, "closed", "waiting")
    assert batch_dry_runs.foresee_batch(batch, None).left == 1
    with pytest.raises(NotAllowed):
        inquiries.raise_doubt(certificate=row, by=make.person(Role.AREA_LEAD), grounds=FOUND)


def test_a_look_that_was_only_due_ends_with_the_certificate() -> None:
    given_up, run_out = make.certificate(AREA), make.certificate(AREA)
    looks = [looked_at(given_up), looked_at(run_out)]
    certificates.surrender_certificate(certificate=given_up, by=given_up.holder)
    assert register_rechecks.end_idle_looks() == 0
    with clock.freeze_time(run_out.valid_to + timedelta(seconds=1)):
        expiry.expire_due_certificates()
        assert (register_rechecks.end_idle_looks(), register_rechecks.end_idle_looks()) == (1, 0)
    for look in looks:
        look.refresh_from_db()
        assert (look.ended_at is None, look.case.state) == (False, "closed")


def test_a_look_that_a_report_has_joined_holds_up_surrendering() -> None:
    row = make.certificate(AREA)
    looked_at(row)
    reports.report_certificate(certificate=row, text=FOUND, by=make.person())
    with pytest.raises(NotAllowed, match="concern"):
        certificates.surrender_certificate(certificate=row, by=row.holder)


# --- batches


def test_a_batch_suspends_each_by_itself_and_leaves_to_others_what_one_may_not_decide() -> None:
    rows = [make.certificate(AREA) for _ in range(3)]
    area, lead, senior = rows[0].area, make.person(Role.AREA_LEAD), make.senior()
    lines = "\n".join(f"{row.serial}, {FOUND}" for row in rows)
    said: dict[str, Any] = {"area": area, "by": lead, "reasons": ["doubt-register"], "explanation": make.ENOUGH}
    with pytest.raises(Invalid) as wrong:
        batches.prepare_suspensions(lines=f"{lines}\nCT-2222-2222-2222, {FOUND}\nnonsense", **said)
    assert len(wrong.value.fields["lines"]) == 2
    batch = batches.prepare_suspensions(lines=lines, **said)
    periods.surrender_periods(rows[2], by=rows[2].holder)
    foreseen = batch_dry_runs.foresee_batch(batch, None)
    assert [row.why is None for row in foreseen.items.values()] == [True, True, False]
    for nobody in (lead, make.reviewer(), make.person(Role.ADMIN)):
        with pytest.raises(NotAllowed):
            batches.confirm_suspensions(batch=batch, by=nobody)
    record_participation(rows[1].application.case, senior, Participation.CONFLICT)  # type: ignore[arg-type]
    batches.confirm_suspensions(batch=batch, by=senior)
    run_due_jobs()
    outcomes = list(batch.items.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == [ItemOutcome.DONE, ItemOutcome.QUEUED, ItemOutcome.SKIPPED]
    for row in rows:
        row.refresh_from_db()
    assert [row.state for row in rows] == ["suspended", "active", "surrendered"]
    assert rows[0].adverse_decision is not None
    assert rows[0].adverse_decision.by == senior
    assert FOUND in rows[0].adverse_decision.explanation
    assert told(rows[0], "suspended") == 1
    assert policies.refuse_inquiry_answer(rows[0].inquiries.get(), rows[0].holder) is None
    assert rows[1].inquiries.get().case.state == "waiting"
    batch.refresh_from_db()
    assert batch.finished_at is not None
    assert batches.resume_batches() == 0


def test_the_longest_texts_of_a_batch_fit_into_the_decision() -> None:
    row, lead = make.certificate(AREA), make.person(Role.AREA_LEAD)
    said: dict[str, Any] = {"area": row.area, "by": lead, "reasons": ["doubt-register"], "explanation": "x" * 4000}
    with pytest.raises(Invalid) as wrong:
        batches.prepare_suspensions(lines=f"{row.serial}, {'x' * 2001}", **said)
    assert "at most 2,000" in str(wrong.value.fields["lines"])
    batch = batches.prepare_suspensions(lines=f"{row.serial}, {'x' * 2000}", **said)
    batches.confirm_suspensions(batch=batch, by=make.senior())
    run_due_jobs()
    assert batch.items.get().outcome == ItemOutcome.DONE


def test_an_unchanged_renewal_is_approved_together_with_others_once_registers_agree() -> None:
    certificate = make.certificate(AREA)
    with clock.freeze_time(certificate.valid_to - 20 * DAY):
        renewal, submitted = renewals.renew_unchanged(certificate=certificate, by=certificate.holder, consent=True)
        make.run_jobs()
        renewal = make.fresh(renewal)
        assert (submitted, renewal.state, renewal.unchanged) == (True, ApplicationState.IN_REVIEW, True)
        old, new = certificate.application.credentials.get(), renewal.credentials.get()
        assert (old.fingerprint, old.identifier_masked) == (new.fingerprint, new.identifier_masked)
        assert old.identifier_sealed != new.identifier_sealed
        user = make.reviewer()
        assert "No register" in str(policies.refuse_unchanged_approval(renewal, user))
        assert batches.approvable_renewals(user) == []
        early = batches.confirm_renewals(applications=[renewal], by=user)
        run_due_jobs()
        assert early.items.get().outcome == ItemOutcome.SKIPPED
        make.register_agrees(new)
        assert policies.refuse_unchanged_approval(renewal, certificate.holder) is not None
        decided_before = Decision.objects.get(case=certificate.application.case).by
        assert [batches.approvable_renewals(one) for one in (user, renewal.applicant)] == [[renewal], []]
        assert decided_before is not None
        assert batches.approvable_renewals(decided_before) == []
        batch = batches.confirm_renewals(applications=[renewal], by=user)
        run_due_jobs()
        item = batch.items.get()
        assert (batch.kind, item.outcome, item.refusal) == (BatchKind.RENEWALS, ItemOutcome.DONE, "")
        assert make.fresh(renewal).certificate.valid_from == certificate.valid_to
        assert item.decision is not None
        assert item.decision.by == user


def test_a_renewal_under_stricter_rules_stays_a_draft_with_what_there_is() -> None:
    certificate = make.certificate(AREA)
    with clock.freeze_time(certificate.valid_to - 20 * DAY):
        old = certificate.requirement
        stricter = Requirement(area=old.area, category=old.category, in_force_from=clock.now(), labels=old.labels)
        stricter.expression = {"all": [{"is": "cn-lawyer"}, {"is": "cn-identity"}]}
        stricter.save()
        renewal, submitted = renewals.renew_unchanged(certificate=certificate, by=certificate.holder, consent=True)
        assert (submitted, renewal.state) == (False, ApplicationState.DRAFT)
        assert [row.type.code for row in renewal.credentials.select_related("type")] == ["cn-lawyer"]
        drafts.discard_application_draft(application=renewal, by=certificate.holder)
    for document in certificate.application.documents.select_related("file"):
        assert document.file.purge_at is None or document.file.purge_at > certificate.valid_to


def test_rows_of_earlier_releases_get_the_maximum_of_their_requirement() -> None:
    certificate = make.certificate(AREA)
    assert certificate.max_validity is None or certificate.max_validity == 365
    certificate.refresh_from_db()
    assert certificate.max_validity == certificate.requirement.max_validity
    assert certificates.keep_longest_validities() == 0


def test_the_end_of_many_at_one_second_keeps_every_chain() -> None:
    rows = [make.certificate(AREA) for _ in range(3)]
    with clock.freeze_time(max(row.valid_to for row in rows)):
        assert expiry.expire_due_certificates() == 3
        assert expiry.expire_due_certificates() == 0
    for row in rows:
        row.refresh_from_db()
        assert (row.state, told(row, "expired")) == ("expired", 1)
        assert trail.events_of(row.chain).last().event == "certification.certificate.expired"  # type: ignore[union-attr]
        note = Notification.objects.get(user=row.holder, kind="certification.expired")
        assert row.serial in note.bodies["en"]
    assert trail.broken_links() == []
