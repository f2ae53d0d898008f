"""The other side: told once, in its language, without anything private; heard once; then a person decides."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import signing

from complaints import notices
from complaints.actions import drafts, intake, respondent_answers
from complaints.models import Complaint, Exhibit, Statement
from complaints.policies import appeals as appealing
from complaints.states import UNTOLD_STATES, Side
from complaints.states import ComplaintState as State
from complaints.tests import deciding as judge
from complaints.tests import factories as make
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.jobs import runner
from portal.jobs.models import Job
from portal.notifications.models import Notification
from portal.people import links
from portal.people.actions import people
from portal.people.models import LinkedAccount, User
from portal.platforms import Message
from portal.reviews.models import CaseParty

pytestmark = pytest.mark.django_db


def messages(complaint: Complaint) -> list[Message]:
    """What the platform showed to the account complained of, in order."""
    return list(make.fake().messages[complaint.account_id].values())


def token_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def test_the_respondent_reads_what_of_whom_until_when_and_how() -> None:
    complaint = make.complaint(State.NOTIFIED)
    (message,) = messages(complaint)
    copy = complaint.copy
    assert copy is not None
    for part in (copy.title, copy.url, complaint.number, "Nothing has been decided", "European Union"):
        assert part in message.body
    assert "{" not in message.body + message.subject
    assert message.url.startswith(f"{settings.BASE_URL}/complaints/answers/open/")
    assert respondent_answers.read_case_file_link(token_of(message.url)) == (complaint, Side.RESPONDENT)


def test_in_the_language_of_the_account() -> None:
    complaint = make.complaint(State.NOTIFIED, against=make.account(language="zh"))
    day = complaint.answer_by
    assert day is not None
    assert f"{day.year}年{day.month}月{day.day}日" in messages(complaint)[0].body


@pytest.mark.parametrize(("region", "named"), [("us", True), ("eu", False), ("cn", False)])
def test_who_complains_is_named_only_where_the_law_demands_it_and_their_contact_never(region: str, named: bool) -> None:
    complaint = make.complaint(State.NOTIFIED, against=make.account(make.person(), region=region))
    (message,) = messages(complaint)
    said = message.subject + message.body
    assert (make.CONTACT["name"] in said) is named
    private = [make.CONTACT[name] for name in ("email", "address", "phone")]
    private += [complaint.complainant.email, complaint.complainant.display_name]
    assert not any(value in said for value in private)
    notes = Notification.objects.values_list("subjects", "bodies")
    kept = json.dumps([*map(list, notes), *_payloads(), *_trail(complaint)], ensure_ascii=False)
    assert not any(value in kept for value in (*private, make.CONTACT["name"], complaint.text))


def _payloads() -> list[Any]:
    return list(Job.objects.values_list("payload", flat=True))


def _trail(complaint: Complaint) -> list[Any]:
    return [row.data for row in trail.events_of(complaint.chain)]


def test_a_member_is_told_here_as_well_and_a_visitor_only_there() -> None:
    member = make.person()
    make.complaint(State.NOTIFIED, against=make.account(member))
    note = Notification.objects.get(user=member)
    assert note.kind == "complaints.complained_of"
    assert note.url.startswith("/complaints/answers/OC-")
    visited = make.complaint(State.NOTIFIED)
    assert not Notification.objects.filter(user=visited.respondent).exists()


def test_a_silent_platform_is_tried_again_and_the_time_to_answer_begins_when_they_are_told() -> None:
    complaint = make.complaint(State.RECEIVED)
    with clock.freeze_time(clock.now() + timedelta(seconds=10)):
        make.run_kind("complaints.prepare")
        make.run_kind("media.probe")
    start = clock.now() + timedelta(minutes=1)
    with clock.freeze_time(start):
        for kind in ("prepare", "fingerprint", "compare"):
            make.run_kind(f"complaints.{kind}")
        make.fake().fail(3)
        make.run_kind("complaints.message")
    assert messages(complaint) == []
    later = start + timedelta(minutes=30)
    for minutes in (10, 20, 30):
        with clock.freeze_time(start + timedelta(minutes=minutes)):
            make.run_kind("complaints.message")
    complaint = make.fresh(complaint)
    assert len(messages(complaint)) == 1
    assert complaint.told_at == later
    assert complaint.answer_by == later + complaint.regime.answer_time


def test_who_can_read_mail_gets_no_more_time_by_a_late_message() -> None:
    complaint = make.complaint(State.RECEIVED, against=make.account(make.person()))
    make.run_jobs()
    complaint = make.fresh(complaint)
    told = complaint.told_at
    job = Job.objects.get(kind="complaints.message")
    Job.objects.filter(pk=job.pk).update(state="queued")
    with clock.freeze_time(clock.now() + timedelta(days=1)):
        make.run_kind("complaints.message")
    assert make.fresh(complaint).told_at == told


@pytest.mark.parametrize("how", ["closed", "silent"])
def test_who_cannot_be_reached_is_flagged_and_nothing_stops(how: str) -> None:
    complaint = make.complaint(State.RECEIVED)
    if how == "closed":
        make.run_kind("complaints.prepare")
        make.run_kind("media.probe")
        del make.fake().accounts[complaint.account_id]
        make.run_jobs()
    else:
        make.run_jobs()
        respondent_answers.note_undelivered_message(Job.objects.get(kind="complaints.message").payload)
    complaint = make.fresh(complaint)
    assert complaint.flags == ["not_reached"]
    assert complaint.told_at is not None
    with clock.freeze_time(complaint.told_at + timedelta(days=14)):
        respondent_answers.end_answer_periods()
    complaint = make.fresh(complaint)
    assert complaint.case is not None
    assert "not_reached" in complaint.case.reasons


def test_a_platform_that_stays_silent_is_asked_every_hour_and_nobody_decides_before() -> None:
    complaint = make.complaint(State.NOTIFIED)
    told, respondent = complaint.told_at, complaint.account_id
    assert told is not None
    first = Job.objects.get(kind="complaints.message")
    make.fake().messages[respondent].clear()
    Job.objects.filter(pk=first.pk).update(state="failed")
    respondent_answers.note_undelivered_message(first.payload)
    respondent_answers.note_undelivered_message(first.payload)
    again = Job.objects.get(kind="complaints.message", state="queued")
    assert timedelta(0) < again.run_after - clock.now() <= timedelta(hours=1)
    late = told + complaint.regime.answer_time + timedelta(hours=1)
    with clock.freeze_time(late):
        assert respondent_answers.end_answer_periods() == 0
        runner.run_job(again.pk)
    complaint = make.fresh(complaint)
    assert len(messages(complaint)) == 1
    assert (complaint.told_at, complaint.flags) == (late, [])
    assert complaint.answer_by == late + complaint.regime.answer_time


def test_after_two_weeks_of_silence_a_person_decides() -> None:
    complaint = make.complaint(State.NOTIFIED)
    first = Job.objects.get(kind="complaints.message")
    Job.objects.filter(pk=first.pk).update(state="queued")
    assert complaint.told_at is not None
    with clock.freeze_time(complaint.told_at + timedelta(days=13, hours=23, minutes=30)):
        assert respondent_answers.end_answer_periods() == 0
        respondent_answers.note_undelivered_message(first.payload)
        assert Job.objects.filter(kind="complaints.message").count() == 1, "the last hour is over before it came"
    with clock.freeze_time(complaint.told_at + timedelta(days=14)):
        assert respondent_answers.end_answer_periods() == 1
    assert make.fresh(complaint).state == State.IN_REVIEW


def test_an_answer_leads_to_a_person() -> None:
    complaint = make.complaint(State.NOTIFIED)
    respondent = complaint.respondent
    assert respondent is not None
    paper, extra = make.paper(respondent), make.paper(respondent)
    licence = {"level": Exhibit.Level.REGISTRATION, "defence": "licence", "note": "A licence of May", "file": paper}
    make.answer(complaint, "I have a licence.", files=[extra], exhibits=[licence])
    complaint = make.fresh(complaint)
    assert complaint.state == State.IN_REVIEW
    assert complaint.case is not None
    said = complaint.statements.get(kind=Statement.Kind.ANSWER)
    assert (said.text, said.side, said.by, list(said.files.all())) == (
        "I have a licence.",
        Side.RESPONDENT,
        respondent,
        [extra],
    )
    for file in (paper, extra):
        file.refresh_from_db()
        assert file.frozen_at is not None
    assert complaint.exhibits.get().defence == Exhibit.Defence.LICENCE
    parties = CaseParty.objects.filter(case=complaint.case).values_list("user", flat=True)
    assert set(parties) == {complaint.complainant_id, complaint.respondent_id}
    kinds = Notification.objects.filter(user=complaint.complainant).values_list("kind", flat=True)
    assert "complaints.answered" in kinds
    make.run_jobs()
    assert "Answer received" in messages(complaint)[-1].subject


@pytest.mark.parametrize(
    ("region", "said", "fields"),
    [
        ("eu", {"text": " "}, {"text"}),
        ("eu", {"ticks": []}, {"ticks"}),
        ("us", {"contact": {"name": "Demo Respondent"}}, {"address", "phone"}),
        ("us", {"signature": "Other"}, {"signature"}),
        ("us", {"contact": {}, "signature": ""}, {"name", "address", "phone", "signature"}),
    ],
)
def test_what_an_answer_lacks_is_said_at_its_field(region: str, said: dict[str, Any], fields: set[str]) -> None:
    complaint = make.complaint(State.NOTIFIED, against=make.account(region=region))
    with pytest.raises(Invalid) as refusal:
        make.answer(complaint, **said)
    assert set(refusal.value.fields) == fields
    assert make.fresh(complaint).state == State.NOTIFIED


def test_the_contact_of_an_answer_is_sealed_and_opens_in_its_row_only() -> None:
    complaint = make.complaint(State.IN_REVIEW, against=make.account(region="us"))
    said = complaint.statements.get(kind=Statement.Kind.ANSWER)
    assert make.CONTACT["phone"] not in said.contact_sealed
    assert drafts.open_sealed_contact(said.contact_sealed, said.contact_bound_to)["phone"] == make.CONTACT["phone"]
    assert said.contact_bound_to != complaint.contact_bound_to


def test_one_answers_once() -> None:
    complaint = make.complaint(State.NOTIFIED)
    second_tab = make.fresh(complaint)
    make.answer(complaint)
    with pytest.raises(Conflict):
        make.answer(second_tab)
    with pytest.raises(NotAllowed):
        make.answer(make.fresh(complaint))
    assert complaint.statements.filter(kind=Statement.Kind.ANSWER).count() == 1


def test_somebody_elses_file_is_no_part_of_an_answer() -> None:
    complaint = make.complaint(State.NOTIFIED)
    with pytest.raises(Invalid) as refusal:
        make.answer(complaint, files=[make.paper(make.person())])
    assert set(refusal.value.fields) == {"files"}
    piece = {"level": 1, "note": "Hers", "file": make.paper(make.person())}
    with pytest.raises(Invalid):
        make.answer(complaint, exhibits=[piece])
    assert make.fresh(complaint).state == State.NOTIFIED
    assert not complaint.exhibits.exists()


def test_only_the_respondent_answers_and_only_once_told() -> None:
    told, untold = make.complaint(State.NOTIFIED), make.complaint(State.RECEIVED)
    for complaint, by in ((told, make.person()), (told, told.complainant), (untold, untold.respondent)):
        with pytest.raises(NotAllowed):
            respondent_answers.submit_answer(complaint=complaint, by=by, text="No.", ticks=["true"])  # type: ignore[arg-type]


def test_the_wait_ends_at_its_time_and_not_before() -> None:
    complaint = make.complaint(State.NOTIFIED)
    assert complaint.answer_by is not None
    with clock.freeze_time(complaint.answer_by - timedelta(seconds=1)):
        assert respondent_answers.end_answer_periods() == 0
    with clock.freeze_time(complaint.answer_by):
        assert respondent_answers.end_answer_periods() == 1
        assert respondent_answers.end_answer_periods() == 0
    complaint = make.fresh(complaint)
    assert complaint.state == State.IN_REVIEW
    assert complaint.case is not None
    with pytest.raises(NotAllowed):
        make.answer(complaint)


@pytest.mark.parametrize("state", make.PATHS)
def test_the_link_opens_only_what_the_respondent_was_told_of(state: State) -> None:
    complaint = make.complaint(state)
    token = token_of(notices.case_file_link(complaint, Side.RESPONDENT))
    if state in UNTOLD_STATES or complaint.told_at is None:
        with pytest.raises(NotAllowed):
            respondent_answers.read_case_file_link(token)
    else:
        assert respondent_answers.read_case_file_link(token) == (complaint, Side.RESPONDENT)


def test_a_link_that_was_changed_or_made_worthless_opens_nothing() -> None:
    complaint = make.complaint(State.NOTIFIED)
    token = token_of(notices.case_file_link(complaint, Side.RESPONDENT))
    other = make.complaint(State.NOTIFIED)
    forged = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        signing.dumps([complaint.pk, complaint.nonce, "respondent"], salt="another"),
        signing.dumps([other.pk, complaint.nonce, "respondent"], salt="complaints.answer", compress=False),
        signing.dumps([complaint.pk, complaint.nonce, "complainant"], salt="complaints.answer", compress=False),
        signing.dumps([complaint.pk, complaint.nonce, "nobody"], salt="complaints.answer", compress=False),
        token_of(notices.case_file_link(complaint, Side.COMPLAINANT)),  # they are a member, who signs in
        signing.dumps("text", salt="complaints.answer"),
        "",
    ]
    for text in forged:
        with pytest.raises(NotAllowed):
            respondent_answers.read_case_file_link(text)
    Complaint.objects.filter(pk=complaint.pk).update(nonce="another")
    with pytest.raises(NotAllowed):
        respondent_answers.read_case_file_link(token)


def test_the_link_says_nothing_of_anybody() -> None:
    complaint = make.complaint(State.NOTIFIED)
    said = signing.loads(token_of(notices.case_file_link(complaint, Side.RESPONDENT)), salt="complaints.answer")
    assert said == [complaint.pk, complaint.nonce, "respondent"]


def prove(person: User, complaint: Complaint) -> None:
    links.announce_link_change(make.link(person, make.fake().accounts[complaint.account_id]))


def test_whoever_proves_the_account_becomes_the_respondent_of_what_is_open() -> None:
    complaint = make.complaint(State.IN_REVIEW)
    over = make.complaint(State.WITHDRAWN, against=make.fake().accounts[complaint.account_id])
    visitor, holder = complaint.respondent, make.person()
    prove(holder, complaint)
    with pytest.raises(NotAllowed):
        respondent_answers.read_case_file_link(token_of(notices.case_file_link(complaint, Side.RESPONDENT)))
    complaint = make.fresh(complaint)
    assert complaint.respondent == holder
    assert make.fresh(over).respondent == visitor
    assert CaseParty.objects.filter(case=complaint.case, user=holder).exists()


@pytest.mark.parametrize("appealed", [False, True])
def test_and_of_what_is_decided_unless_they_decided_it(appealed: bool) -> None:
    complaint = make.complaint(State.IN_REVIEW)
    reviewer, _decision = judge.decide(complaint)
    if appealed:
        judge.appeal(complaint)
    prove(reviewer, complaint)
    assert make.fresh(complaint).respondent == complaint.respondent
    holder = make.person()
    LinkedAccount.objects.filter(person=reviewer).delete()
    prove(holder, complaint)
    complaint = make.fresh(complaint)
    assert complaint.respondent == holder
    assert appealing.appellant_of(complaint) == (Side.RESPONDENT if appealed else None)


def test_a_complainant_who_proves_the_account_complained_of_is_not_both_sides() -> None:
    complaint = make.complaint(State.NOTIFIED)
    prove(complaint.complainant, complaint)
    assert make.fresh(complaint).respondent != complaint.complainant


def test_a_visitor_who_complains_is_told_by_their_own_account() -> None:
    account = make.account()
    visitor = people.find_or_add_visitor("fake", account.id, account.name, "en")
    complaint = make.draft(visitor, original=make.post(account))
    make.submit(complaint)
    make.run_jobs()
    heard = list(make.fake().messages[account.id].values())
    assert [complaint.number in message.subject for message in heard] == [True, True]
    sides = [respondent_answers.read_case_file_link(token_of(message.url)) for message in heard]
    assert sides == [(complaint, Side.COMPLAINANT)] * 2
    assert not Notification.objects.filter(user=visitor).exists()
    intake.withdraw_complaint(complaint=make.fresh(complaint), by=visitor)
    make.run_jobs()
    assert len(make.fake().messages[account.id]) == 3


def visitors_complaint() -> Complaint:
    """Of somebody who is known by an account of the platform only; the other side has been told."""
    account = make.account()
    visitor = people.find_or_add_visitor("fake", account.id, account.name, "en")
    complaint = make.draft(visitor, original=make.post(account))
    make.submit(complaint)
    make.run_jobs()
    return make.fresh(complaint)


def test_whoever_proves_a_visitors_account_takes_over_what_it_complained_of() -> None:
    complaint = visitors_complaint()
    make.answer(complaint)
    old, answering = (
        notices.case_file_link(complaint, Side.COMPLAINANT),
        notices.case_file_link(complaint, Side.RESPONDENT),
    )
    assert complaint.original is not None
    author = make.person()
    links.announce_link_change(make.link(author, make.fake().accounts[complaint.original.account_id]))
    complaint = make.fresh(complaint)
    assert complaint.complainant == author
    assert CaseParty.objects.filter(case=complaint.case, user=author, role="complainant").exists()
    with pytest.raises(NotAllowed):
        respondent_answers.read_case_file_link(token_of(old))
    assert respondent_answers.read_case_file_link(token_of(answering))[1] == Side.RESPONDENT, (
        "the other side's link stays good"
    )


def test_what_a_member_complained_of_themselves_is_not_doubled() -> None:
    complaint = visitors_complaint()
    assert complaint.original is not None
    assert complaint.copy is not None
    author = make.person()
    make.submit(make.draft(author, original=complaint.original.url, copy=complaint.copy.url))
    links.announce_link_change(make.link(author, make.fake().accounts[complaint.original.account_id]))
    assert make.fresh(complaint).complainant.is_visitor
