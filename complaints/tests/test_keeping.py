"""Who may see what both sides brought, how long it is kept, and that what is private stays encrypted under new keys."""

import base64
import logging
import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from complaints.actions import drafts, intake
from complaints.models import Complaint, Exhibit, Statement
from complaints.policies import parties, statements
from complaints.policies.terms import FILES_KEPT
from complaints.states import ComplaintState as State
from complaints.states import Side
from complaints.tests import factories as make
from portal import clock
from portal.evidence import access
from portal.evidence.actions import keys, retention
from portal.evidence.models import EvidenceFile
from portal.media import access as media_access
from portal.media.actions import retention as media_retention
from portal.media.models import MediaFile
from portal.people.roles import Role
from portal.reviews.actions import cases

pytestmark = pytest.mark.django_db


def with_paper(state: State) -> tuple[Complaint, EvidenceFile]:
    """A complaint with one paper of the complainant's."""
    complaint = make.draft()
    by = complaint.complainant
    paper = make.paper(by)
    piece: dict[str, Any] = {"side": Side.COMPLAINANT, "level": Exhibit.Level.ORIGINALS, "note": "Raw files"}
    drafts.add_exhibit(complaint=complaint, by=by, file=paper, **piece)
    for step in make.PATHS[state]:
        step(complaint)
        complaint = make.fresh(complaint)
    return complaint, EvidenceFile.objects.get(pk=paper.pk)


def video_of(complaint: Complaint) -> MediaFile:
    media = make.fresh(complaint).copy.media  # type: ignore[union-attr]
    assert media is not None
    return media


@pytest.mark.parametrize("state", [State.SCREENING, State.NOTIFIED, State.IN_REVIEW])
def test_the_two_sides_see_it_an_untold_respondent_does_not(state: State) -> None:
    if state == State.SCREENING:
        complaint = make.draft()
        make.authorise(complaint)
        make.submit(complaint)
        make.run_jobs()
        complaint = make.fresh(complaint)
    else:
        complaint, paper = with_paper(state)
        assert access.refuse_look(complaint.respondent, paper) is None  # type: ignore[arg-type]
    video = video_of(complaint)
    assert media_access.refuse_video_look(complaint.complainant, video) is None
    told = media_access.refuse_video_look(complaint.respondent, video) is None  # type: ignore[arg-type]
    assert told is (state != State.SCREENING)


def test_nobody_else_does() -> None:
    complaint, paper = with_paper(State.IN_REVIEW)
    for role in (Role.CREATOR, Role.GUEST, Role.REVIEWER, Role.AUDITOR, Role.ADMIN):
        stranger = make.person(role)
        assert access.refuse_look(stranger, paper)
        assert media_access.refuse_video_look(stranger, video_of(complaint))


def test_the_reviewer_sees_it_while_they_hold_the_case() -> None:
    complaint, paper = with_paper(State.IN_REVIEW)
    reviewer = make.reviewer()
    assert access.refuse_look(reviewer, paper)
    _, case = make.claim(complaint, reviewer)
    assert access.refuse_look(reviewer, paper) is None
    assert media_access.refuse_video_look(reviewer, video_of(complaint)) is None
    assert parties.refuse_reviewing(make.fresh(complaint), reviewer) is None
    assert case.lease_until is not None
    with clock.freeze_time(case.lease_until + timedelta(seconds=1)):
        assert access.refuse_look(reviewer, paper)
        assert media_access.refuse_video_look(reviewer, video_of(complaint))


def test_whoever_holds_another_case_sees_nothing_of_this_one() -> None:
    complaint, paper = with_paper(State.IN_REVIEW)
    other = make.complaint(State.IN_REVIEW)
    reviewer = make.reviewer()
    cases.take_case(make.fresh(other).case, by=reviewer)  # type: ignore[arg-type]
    assert access.refuse_look(reviewer, paper)
    assert media_access.refuse_video_look(reviewer, video_of(complaint))


def test_creators_and_guests_send_videos_for_complaints() -> None:
    allowed = [role for role in Role if role != Role.AGENT and not parties.refuse_complaining(make.person(role))]
    assert allowed == [Role.CREATOR, Role.GUEST]


@pytest.mark.parametrize("state", make.PATHS)
def test_what_a_complaint_rests_on_is_kept_until_it_is_over(state: State) -> None:
    complaint, paper = with_paper(state)
    over = state in (State.WITHDRAWN, State.LAPSED)
    assert statements.evidence_is_needed(paper) is not over
    with clock.freeze_time(clock.now() + FILES_KEPT + timedelta(days=30)):
        retention.purge_due_files()
        media_retention.purge_due_videos()
    paper.refresh_from_db()
    assert (paper.purged_at is not None) is over
    copy = make.fresh(complaint).copy
    assert copy is not None
    if copy.media is not None:
        assert (copy.media.purged_at is not None) is over


def test_a_registered_work_stays_when_the_complaint_is_over() -> None:
    guest = make.guest()
    complaint = make.draft(guest)
    make.submit(complaint)
    intake.withdraw_complaint(complaint=complaint, by=guest)
    with clock.freeze_time(clock.now() + FILES_KEPT + timedelta(days=30)):
        media_retention.purge_due_videos()
    film = make.fresh(complaint).original.media  # type: ignore[union-attr]
    assert film is not None
    assert film.purged_at is None


def test_contacts_are_renewed_with_the_keys_and_nothing_else_of_a_statement_changes(settings: Settings) -> None:
    complaint = make.complaint(State.IN_REVIEW, against=make.account(region="us"))
    before = complaint.contact_sealed
    new = f"new:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    settings.EVIDENCE_KEYS = [new, *settings.EVIDENCE_KEYS]
    assert keys.rotate_keys()["complaint contacts"] == 2
    complaint = make.fresh(complaint)
    assert complaint.contact_sealed != before
    assert complaint.contact_sealed.startswith("v1.new.")
    assert drafts.complainant_contact(complaint) == make.CONTACT
    said = complaint.statements.get(kind=Statement.Kind.ANSWER)
    assert drafts.open_sealed_contact(said.contact_sealed, said.contact_bound_to)["name"] == "Demo Respondent"
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        Statement.objects.filter(pk=said.pk).update(text="other")


def test_no_contact_and_no_words_stand_in_the_logs(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="portal"), caplog.at_level(logging.DEBUG, logger="complaints"):
        complaint = make.complaint(State.RECEIVED, against=make.account(region="us"))
        make.fake().fail(1)
        make.run_jobs()
        complaint = make.fresh(complaint)
    assert "job_failed_attempt" in caplog.text
    assert not any(value in caplog.text for value in (*make.CONTACT.values(), complaint.text))
