"""Leaving a case undecided: who gets it, who is told, and how often a case can be released."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import clock
from portal.errors import NotAllowed
from portal.notifications.models import Notification
from portal.people.models import FormDraft, User
from portal.people.roles import Role
from portal.reviews import policies
from portal.reviews.actions import queue
from portal.reviews.models import Claim, ConflictOfInterest, Participation, ReviewCase
from portal.reviews.states import Level
from portal.reviews.tests import factories as make
from portal.testing.concurrency import at_once
from portal.testing.reading import filled_form

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def in_hand(reviewer: User, about: User | None = None) -> ReviewCase:
    """A new case, taken by the reviewer."""
    case = make.case(about)
    taken = queue.claim_next_case(by=reviewer)
    assert taken == case
    return ReviewCase.objects.get(pk=case.pk)


def offered(case: ReviewCase, person: User) -> set[str]:
    """The colleagues among whom the page lets the holder choose."""
    page = as_(person).get(reverse("reviews:leave", args=[case.number]))
    return {str(colleague) for colleague in page.context["forms"]["hand_over"].fields["to"].queryset}


def test_only_colleagues_who_may_take_the_case_are_offered() -> None:
    agency, account = make.agency(), "sandbox:copycat"
    creator, holder = make.person(agency=agency), make.reviewer()
    free = make.reviewer()
    tied, acted, decided_on_account, left = (make.reviewer() for _ in range(4))
    ConflictOfInterest.objects.create(reviewer=tied, user=creator)
    earlier = make.case(creator, topics=["work:1"])
    Participation.objects.create(case=earlier, user=acted, role="first", topic="work:1")
    Participation.objects.create(case=earlier, user=decided_on_account, role="first", topic=account)
    User.objects.filter(pk=left.pk).update(is_active=False)
    ReviewCase.objects.filter(pk=earlier.pk).update(state="closed", closed_at=clock.now())
    make.reviewer(skill="law")
    make.reviewer(agency=agency)
    make.person(Role.AREA_LEAD)
    case = make.case(creator, topics=["work:1"], account=account)
    assert queue.claim_next_case(by=holder) == case
    assert offered(ReviewCase.objects.get(pk=case.pk), holder) == {str(free)}


def test_only_senior_colleagues_are_offered_where_the_stage_needs_them() -> None:
    senior, other = make.senior(), make.senior()
    make.reviewer()
    case = make.case(level=Level.SENIOR)
    assert queue.claim_next_case(by=senior) == case
    assert offered(ReviewCase.objects.get(pk=case.pk), senior) == {str(other)}


def test_when_nobody_else_may_take_the_case_the_page_says_so() -> None:
    holder = make.reviewer()
    case = in_hand(holder)
    page = as_(holder).get(reverse("reviews:leave", args=[case.number])).content.decode()
    assert "No colleague can take this case at present" in page
    assert "note_to" not in page


def test_the_list_of_colleagues_takes_as_many_queries_for_many_as_for_one() -> None:
    holder = make.reviewer()
    case = in_hand(holder)
    make.reviewer()
    with CaptureQueriesContext(connection) as few:
        policies.list_takers(case, clock.now())
    for _ in range(10):
        make.reviewer()
    with CaptureQueriesContext(connection) as many:
        assert len(policies.list_takers(case, clock.now())) == 12
    assert len(few) == len(many)


def test_the_colleague_is_told_without_the_note_and_resumes_the_case() -> None:
    holder, colleague = make.reviewer(), make.reviewer()
    case = in_hand(holder)
    note = "The second page is the one to look at."
    as_(holder).post(reverse("reviews:hand_over", args=[case.number]), {"to": colleague.public_id, "note_to": note})
    told = Notification.objects.get(user=colleague)
    assert case.number in told.subjects["en"]
    assert "left you a note" in told.bodies["en"]
    assert note not in str(told.bodies)
    assert told.url == make.case_url(case, product="")
    make.case()
    client = as_(colleague)
    assert "Resume case" in client.get(reverse("reviews:queue")).content.decode()
    assert client.post(reverse("reviews:next")).headers["Location"] == make.case_url(case, product="")
    shown = Claim.objects.reassigning(case)
    assert shown is not None
    assert (shown.reviewer, shown.note) == (holder, note)


def test_a_case_that_was_reassigned_twice_shows_the_last_note() -> None:
    first, second, third = make.reviewer(), make.reviewer(), make.reviewer()
    case = in_hand(first)
    assert Claim.objects.reassigning(case) is None
    queue.hand_over_case(case, by=first, to=second, note_to="for the second")
    queue.hand_over_case(case, by=second, to=third, note_to="for the third")
    shown = Claim.objects.reassigning(case)
    assert shown is not None
    assert (shown.reviewer, shown.note) == (second, "for the third")
    queue.release_case(case, by=third, why="I am away.")
    assert queue.claim_next_case(by=make.reviewer()) == case
    assert Claim.objects.reassigning(case) is None


def test_why_a_case_was_released_reaches_the_leads_but_not_of_their_own_cases() -> None:
    lead, concerned, why = make.person(Role.AREA_LEAD), make.person(Role.AREA_LEAD), "The recording is in Uyghur."
    holder = make.reviewer()
    case = in_hand(holder, concerned)
    as_(holder).post(reverse("reviews:release", args=[case.number]), {"why": why})
    told = Notification.objects.get(kind="reviews.released")
    assert told.user == lead
    assert case.number in told.subjects["en"]
    assert why not in str(told.bodies)
    pages = {user: as_(user).get(told.url).content.decode() for user in (lead, concerned, holder)}
    assert [why in pages[user] for user in (lead, concerned, holder)] == [True, False, False]
    assert "Released and recused cases" not in pages[holder]


def test_leads_see_who_has_recused_themselves() -> None:
    lead, holder = make.person(Role.AREA_LEAD), make.reviewer()
    case = in_hand(holder)
    as_(holder).post(reverse("reviews:conflict", args=[case.number]), {"kind": "other"})
    page = as_(lead).get(reverse("reviews:team")).content.decode()
    left = page[page.index('id="released"') :]
    assert case.number in left
    assert "has a conflict of interest" in left


@pytest.fixture
def tired() -> User:
    """A reviewer who has released as many cases as they may."""
    reviewer = make.reviewer()
    for _ in range(policies.RELEASE_LIMIT):
        queue.release_case(in_hand(reviewer), by=reviewer, why="Not my language.")
        ReviewCase.objects.filter(state="waiting").update(state="closed", closed_at=clock.now())
    return reviewer


def test_releasing_again_and_again_is_refused_and_keeps_what_was_typed(tired: User) -> None:
    case, why = in_hand(tired), "I would rather have another one."
    with pytest.raises(NotAllowed, match="which is the limit"):
        queue.release_case(case, by=tired, why=why)
    client = as_(tired)
    page = client.get(reverse("reviews:leave", args=[case.number])).content.decode()
    assert "You can release up to 3 cases within 24 hours" in page
    assert "You can release another in" in page
    assert 'name="why"' not in page
    refused = client.post(reverse("reviews:release", args=[case.number]), {"why": why})
    assert refused.status_code == 422
    assert why in refused.content.decode()
    assert "You can release another in" in refused.content.decode()
    case.refresh_from_db()
    assert case.claimed_by == tired


def test_the_limit_of_releases_ends_after_a_day(tired: User) -> None:
    with clock.freeze_time(clock.now() + timedelta(hours=24, minutes=1)):
        queue.release_case(in_hand(tired), by=tired, why="Another day.")
    assert policies.refuse_release(make.reviewer(), clock.now()) is None


@pytest.mark.django_db(transaction=True)
def test_cases_released_at_once_count_together() -> None:
    holder, colleague = make.reviewer(), make.reviewer()
    cases = []
    for _ in range(policies.RELEASE_LIMIT + 3):
        cases.append(in_hand(colleague))
        queue.hand_over_case(cases[-1], by=colleague, to=holder)
    answers = at_once(*(partial(queue.release_case, case, by=holder, why="Not my language.") for case in cases))
    assert [type(answer) for answer in answers].count(NotAllowed) == 3
    assert policies.count_releases(holder, clock.now()) == policies.RELEASE_LIMIT


def test_reassigning_is_no_way_to_look_through_all_cases() -> None:
    holder, colleague = make.reviewer(), make.reviewer()
    for _ in range(policies.HAND_OVER_LIMIT):
        queue.hand_over_case(in_hand(holder), by=holder, to=colleague)
    case, note = in_hand(holder), "Please take this one, too."
    sent = {"to": colleague.public_id, "note_to": note}
    page = as_(holder).get(reverse("reviews:leave", args=[case.number])).content.decode()
    assert "You can reassign another in" in page
    assert 'name="note_to"' not in page
    refused = as_(holder).post(reverse("reviews:hand_over", args=[case.number]), sent)
    assert refused.status_code == 422
    assert note in refused.content.decode()
    assert "You can reassign another in" in refused.content.decode()
    with clock.freeze_time(clock.now() + timedelta(hours=24, minutes=1)):
        assert policies.refuse_hand_over(holder, clock.now()) is None


@pytest.mark.parametrize("way", ["release", "hand_over", "conflict"])
def test_a_party_learns_from_no_form_who_could_take_their_case(way: str) -> None:
    party, holder, colleague = make.reviewer(), make.reviewer(), make.reviewer()
    case = make.case(party)
    assert queue.claim_next_case(by=holder) == case
    page = as_(party).post(reverse(f"reviews:{way}", args=[case.number]), {})
    assert page.status_code == 403
    assert str(colleague) not in page.content.decode()


@pytest.mark.parametrize(("way", "field"), [("release", "why"), ("hand_over", "note_to")])
def test_what_is_typed_before_leaving_is_kept_until_it_is_sent(way: str, field: str) -> None:
    holder, colleague = make.reviewer(), make.reviewer()
    case = in_hand(holder)
    leave, goal = reverse("reviews:leave", args=[case.number]), reverse(f"reviews:{way}", args=[case.number])
    client, text = as_(holder), "Uyghur."
    typed = filled_form(client.get(leave), goal)
    assert field in typed
    save = reverse("people:form_draft")
    assert client.post(save, typed | {field: text}, headers={"X-Upload": "1"}).status_code == 200
    assert text in as_(holder).get(leave).content.decode(), "in another browser"
    assert text not in as_(colleague).get(leave).content.decode()
    assert FormDraft.objects.get(person=holder).form == f"{case.number}:{way}"
    refused = client.post(goal, typed | {field: text * 60})
    assert refused.status_code == 422
    assert text * 60 in refused.content.decode()
    assert text * 60 in as_(holder).get(leave).content.decode(), "what was refused is kept, too"
    sent = typed | {field: text} | ({"to": colleague.public_id} if way == "hand_over" else {})
    assert client.post(goal, sent).status_code == 302
    assert not FormDraft.objects.exists()
