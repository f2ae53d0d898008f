"""People decide: claims, two people, registers, reasons, appeals."""

from datetime import timedelta

import pytest

from certification import policies
from certification.actions import applications, decisions, drafts
from certification.models import AreaBan, Certificate, CheckKind, HeldNumber
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.notifications.models import Notification
from portal.people.models import Mandate
from portal.people.roles import Role
from portal.reviews.actions import appeals, queue
from portal.reviews.models import Decision

pytestmark = pytest.mark.django_db


def test_approval_issues_one_certificate_and_says_so_once() -> None:
    application = make.application(State.APPROVED)
    certificate = Certificate.objects.get()
    assert certificate.label == "Practice verified: farming"
    assert certificate.public_name == application.applicant.display_name
    assert Notification.objects.filter(kind="certification.approved").count() == 1
    assert trail.broken_links() == []


def test_who_has_not_claimed_does_not_decide() -> None:
    application = make.application(State.IN_REVIEW)
    reviewer = make.reviewer()
    with pytest.raises(NotAllowed, match="not assigned to you"):
        decisions.approve_application(application=application, by=reviewer, version=1, accepted=[])
    with pytest.raises(NotAllowed, match="not assigned to you"):
        decisions.reject_application(
            application=application, by=reviewer, version=1, reasons=["not-shown"], explanation="x" * 30
        )


@pytest.mark.parametrize("role", [Role.CREATOR, Role.ADMIN, Role.AUDITOR, Role.AREA_LEAD])
def test_other_roles_never_decide(role: str) -> None:
    application = make.application(State.IN_REVIEW)
    assert policies.refuse_rejection(application, make.person(role)) is not None
    assert policies.refuse_approval(application, make.person(role)) is not None


def test_nobody_gets_their_own_or_their_agencys_case() -> None:
    agency = make.agency()
    creator = make.person()
    Mandate.objects.create(creator=creator, agency=agency, ends_at=clock.now() + timedelta(days=30))
    application = make.application(State.IN_REVIEW, applicant=creator)
    colleague = make.reviewer(agency=agency)
    assert queue.claim_next_case(by=colleague) is None
    make.claim(application)


def test_the_requirement_must_be_fulfilled_by_accepted_papers() -> None:
    application = make.application(State.IN_REVIEW)
    reviewer, case = make.claim(application)
    application = make.fresh(application)
    one = make.accepted(application)[:1]
    with pytest.raises(NotAllowed, match="do not meet"):
        decisions.approve_application(application=application, by=reviewer, version=case.version, accepted=one)
    assert not application.credentials.exclude(accepted_by=None).exists()
    assert make.fresh(application).state == State.IN_REVIEW


def test_regulated_areas_need_a_fresh_look_into_the_register() -> None:
    application = make.application(State.IN_REVIEW, "cn-law")
    reviewer, case = make.claim(application)
    application = make.fresh(application)
    accepted = make.accepted(application)
    with pytest.raises(NotAllowed, match="last 30 days"):
        decisions.approve_application(application=application, by=reviewer, version=case.version, accepted=accepted)
    with clock.freeze_time(clock.now() - timedelta(days=31)):
        make.look_up_all(application, reviewer)
    with pytest.raises(NotAllowed, match="last 30 days"):
        decisions.approve_application(application=application, by=reviewer, version=case.version, accepted=accepted)
    make.look_up_all(application, reviewer)
    decisions.approve_application(application=application, by=reviewer, version=case.version, accepted=accepted)
    row = application.checks.filter(kind=CheckKind.REGISTRY).latest("pk")
    assert row.credential is not None
    assert (row.method, row.by, row.url) == ("manual", reviewer, make.register_url(row.credential.type))
    assert row.file is not None


@pytest.mark.parametrize("result", ["fail", "inconclusive"])
def test_a_register_that_does_not_confirm_carries_no_approval(result: str) -> None:
    application = make.application(State.IN_REVIEW, "cn-law")
    reviewer, case = make.claim(application)
    application = make.fresh(application)
    credential = application.credentials.select_related("type").get()
    credential.application = application
    decisions.record_registry_check(
        credential=credential,
        by=reviewer,
        result=result,
        url=make.register_url(credential.type),
        seen="Another person.",
        page=make.register_page(reviewer),
    )
    with pytest.raises(NotAllowed, match="did not confirm"):
        decisions.approve_application(
            application=application, by=reviewer, version=case.version, accepted=[credential.pk], explanation="But yes."
        )


def test_a_look_without_words_is_not_taken() -> None:
    application = make.application(State.IN_REVIEW, "cn-law")
    reviewer, _case = make.claim(application)
    credential = make.fresh(application).credentials.get()
    with pytest.raises(Invalid, match="what you saw"):
        decisions.record_registry_check(
            credential=credential,
            by=reviewer,
            result="pass",
            url=make.register_url(credential.type),
            seen="  ",
            page=make.register_page(reviewer),
        )


def test_an_overridden_check_needs_words_and_a_second_person() -> None:
    application = make.draft("us-medicine")
    make.declare(application, "us-npi", "1993999999")
    make.submit(application)
    make.run_jobs()
    reviewer, case = make.claim(application)
    application = make.fresh(application)
    make.look_up_all(application, reviewer)
    accepted = make.accepted(application)
    with pytest.raises(Invalid, match="A check failed"):
        decisions.approve_application(application=application, by=reviewer, version=case.version, accepted=accepted)
    decisions.approve_application(
        application=application, by=reviewer, version=case.version, accepted=accepted, explanation="Typed wrongly."
    )
    assert make.fresh(application).state == State.SECOND_REVIEW


def test_the_second_person_is_another_one_and_their_word_counts() -> None:
    application = make.application(State.SECOND_REVIEW, "cn-medicine")
    assert application.decision is not None
    first = application.decision.by
    assert first is not None
    assert queue.claim_next_case(by=first) is None
    second, case = make.claim(application)
    with pytest.raises(Invalid):
        decisions.send_back_approval(application=make.fresh(application), by=second, version=case.version, note="No.")
    note = "The workplace on the proof is another one."
    decisions.send_back_approval(application=make.fresh(application), by=second, version=case.version, note=note)
    application = make.fresh(application)
    assert application.state == State.IN_REVIEW
    assert application.decision is None
    assert not application.credentials.exclude(accepted_by=None).exists()
    assert queue.claim_next_case(by=second) is None
    make.approve_wholly(application)
    assert make.fresh(application).state == State.APPROVED


def test_a_paper_that_ends_before_the_second_approval_stops_it() -> None:
    application = make.draft("us-medicine")
    make.declare(application, "us-medical-licence", "MD123456", expires_on=clock.today() + timedelta(days=5))
    make.submit(application)
    make.run_jobs()
    make.approve(application)
    application = make.fresh(application)
    assert application.state == State.SECOND_REVIEW
    with clock.freeze_time(clock.now() + timedelta(days=10)):
        second, case = make.claim(application)
        with pytest.raises(Conflict, match="no longer valid"):
            decisions.confirm_approval(
                application=make.fresh(application), by=second, version=case.version, acknowledged=True
            )
    assert not Certificate.objects.exists()


def test_a_stale_form_decides_nothing() -> None:
    application = make.application(State.IN_REVIEW)
    reviewer, case = make.claim(application)
    with pytest.raises(Conflict):
        decisions.approve_application(
            application=make.fresh(application),
            by=reviewer,
            version=case.version - 1,
            accepted=make.accepted(application),
        )
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("reasons", "explanation"),
    [([], make.ENOUGH), (["not-shown"], "no"), (["unknown"], make.ENOUGH), (["fulfilled"], make.ENOUGH)],
)
def test_a_rejection_needs_reasons_and_words(reasons: list[str], explanation: str) -> None:
    application = make.application(State.IN_REVIEW)
    reviewer, case = make.claim(application)
    with pytest.raises(Invalid):
        decisions.reject_application(
            application=make.fresh(application),
            by=reviewer,
            version=case.version,
            reasons=reasons,
            explanation=explanation,
        )
    assert make.fresh(application).state == State.IN_REVIEW


def test_after_a_rejection_one_can_apply_again_at_once_but_not_after_forged_papers() -> None:
    application = make.application(State.REJECTED)
    assert policies.refuse_start(application.applicant, application.area) is None
    forged = make.application(State.IN_REVIEW, "cn-crafts")
    make.reject(forged, "forged")
    forged = make.fresh(forged)
    assert "closed to you" in str(policies.refuse_start(forged.applicant, forged.area))
    with clock.freeze_time(clock.now() + timedelta(days=91)):
        assert policies.refuse_start(forged.applicant, forged.area) is None


def test_an_appeal_has_text_and_files_and_goes_to_somebody_else() -> None:
    application = make.application(State.REJECTED)
    assert application.decision is not None
    first = application.decision.by
    assert first is not None
    make.appeal(application)
    application = make.fresh(application)
    assert application.state == State.APPEALED
    filed = appeals.pending_appeal(application.case_id or 0)
    assert filed is not None
    assert filed.files.count() == 1
    assert all(file.frozen_at for file in filed.files.all())
    assert queue.claim_next_case(by=first) is None
    assert queue.claim_next_case(by=make.reviewer()) is None


def test_an_appeal_that_is_right_certifies_and_lifts_the_ban() -> None:
    application = make.application(State.IN_REVIEW)
    make.reject(application, "forged")
    make.appeal(make.fresh(application))
    user, case = make.claim(application)
    decisions.grant_rejection_appeal(
        application=make.fresh(application),
        by=user,
        version=case.version,
        accepted=make.accepted(application),
        explanation="The paper is genuine.",
        reasons=["appeal-granted"],
    )
    application = make.fresh(application)
    assert application.state == State.APPROVED
    assert application.certificate.is_valid
    assert AreaBan.objects.get().lifted_at is not None


def test_an_appeal_in_medicine_is_granted_by_two() -> None:
    application = make.application(State.APPEALED, "cn-medicine")
    user, case = make.claim(application)
    application = make.fresh(application)
    make.look_up_all(application, user)
    decisions.grant_rejection_appeal(
        application=application,
        by=user,
        version=case.version,
        accepted=make.accepted(application),
        explanation=make.ENOUGH,
    )
    assert make.fresh(application).state == State.APPEALED
    make.confirm(application)
    assert make.fresh(application).state == State.APPROVED


def test_a_dismissed_appeal_is_final_and_answered() -> None:
    application = make.application(State.REJECTED_FINAL)
    assert application.decision is not None
    assert application.decision.outcome == "appeal_dismissed"
    with pytest.raises(NotAllowed, match="no decision"):
        make.appeal(application)


@pytest.mark.parametrize(("days", "possible"), [(180, True), (190, False)])
def test_the_window_for_an_appeal(days: int, possible: bool) -> None:
    application = make.application(State.REJECTED)
    with clock.freeze_time(clock.now() + timedelta(days=days)):
        assert (policies.refuse_appeal(application, application.applicant) is None) is possible


def test_only_the_applicant_appeals_and_not_beside_a_new_application() -> None:
    application = make.application(State.REJECTED)
    assert policies.refuse_appeal(application, make.person()) is not None
    drafts.start_application(area=application.area, by=application.applicant)
    assert "withdraw it first" in str(policies.refuse_appeal(application, application.applicant))


def test_a_number_stands_on_one_holders_certificate_only() -> None:
    first = make.application(State.APPROVED, "cn-law")
    held = HeldNumber.objects.get()
    second = make.draft("cn-law")
    number = applications.reveal_credential_number(credential=first.credentials.get(), by=first.applicant)
    make.declare(second, "cn-lawyer", number)
    make.submit(second)
    make.run_jobs()
    make.approve(second, explanation="I do not believe the check.")
    with pytest.raises(Conflict, match="another holder's certificate"):
        make.confirm(second)
    assert make.fresh(second).state == State.SECOND_REVIEW
    assert HeldNumber.objects.get() == held
