"""Pages of the queue, as the people who use them meet them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.people.models import User
from portal.people.roles import Role
from portal.reviews import policies
from portal.reviews.actions import cases, decisions, queue
from portal.reviews.models import ConflictOfInterest, ReviewCase
from portal.reviews.states import CaseState
from portal.reviews.tests import factories as make

pytestmark = pytest.mark.django_db
PAGES = ("reviews:queue", "reviews:team", "reviews:conflicts")
TABS = ("waiting", "mine", "seconds", "appeals", "paused", "decided")


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def in_hand(reviewer: User, **fields: Any) -> ReviewCase:
    make.case(**fields)
    case = queue.claim_next_case(by=reviewer)
    assert case is not None
    return case


# Which role opens which page: 200, or refused.
MAY: dict[str, set[str]] = {
    "reviews:queue": {"reviewer", "senior_reviewer", "area_lead", "auditor"},
    "reviews:team": {"reviewer", "senior_reviewer", "area_lead", "auditor"},
    "reviews:conflicts": {"reviewer", "senior_reviewer"},
    "reviews:case": {"reviewer", "senior_reviewer", "area_lead", "auditor"},
    "reviews:leave": {"reviewer", "senior_reviewer"},
}


@pytest.mark.parametrize("role", Role.values)
def test_every_page_as_every_role(role: str) -> None:
    agency = make.agency() if role == Role.AGENT else None
    client, case = as_(make.person(role, agency=agency)), make.case()
    for name, roles in MAY.items():
        args = [case.number] if name in {"reviews:case", "reviews:leave"} else []
        assert client.get(reverse(name, args=args)).status_code == (200 if role in roles else 403), name


@pytest.mark.parametrize("name", ["next", "release", "hand_over", "conflict"])
@pytest.mark.parametrize("role", [Role.CREATOR, Role.AREA_LEAD, Role.AUDITOR, Role.ADMIN])
def test_nobody_else_acts_on_cases(role: str, name: str) -> None:
    case = make.case()
    args = [] if name == "next" else [case.number]
    response = as_(make.person(role)).post(reverse(f"reviews:{name}", args=args), {"why": "x", "kind": "family"})
    assert response.status_code == 403
    case.refresh_from_db()
    assert case.state == CaseState.WAITING


def test_strangers_are_sent_to_sign_in() -> None:
    response = Client().get(reverse("reviews:queue"))
    assert response.status_code == 302
    assert "/accounts/login/" in response.headers["Location"]


@pytest.mark.parametrize("number", ["C-999999", "C-", "x", "C-٣", "C-" + "9" * 40])
def test_a_case_that_is_not_there(number: str) -> None:
    assert as_(make.reviewer()).get(f"/reviews/{number}/").status_code == 404


def test_next_takes_a_case_and_a_second_click_the_same() -> None:
    reviewer, first = make.reviewer(), make.case()
    make.case()
    client = as_(reviewer)
    for _ in range(2):
        assert client.post(reverse("reviews:next")).headers["Location"] == make.case_url(first, product="")
    assert ReviewCase.objects.claimed_by(reviewer).count() == 1


def test_next_says_why_nothing_comes() -> None:
    reviewer = make.reviewer()
    make.case(reviewer)
    page = as_(reviewer).post(reverse("reviews:next"), follow=True)
    assert b"There is no case for you to take right now" in page.content


def test_next_on_the_tab_of_second_approvals_takes_only_those() -> None:
    reviewer, senior = make.reviewer(), make.senior()
    case = in_hand(reviewer)
    decisions.record_decision(
        case, by=reviewer, outcome="approved", explanation="", version=case.version, second_approval_for=["area"]
    )
    make.case(priority=3)
    response = as_(senior).post(reverse("reviews:next"), {"tab": "seconds"})
    assert response.headers["Location"] == make.case_url(case, product="")


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_with_and_without_rows(tab: str) -> None:
    reviewer = make.reviewer()
    client = as_(reviewer)
    assert client.get(reverse("reviews:queue"), {"tab": tab}).status_code == 200
    one_of_each(reviewer, 1)
    page = client.get(reverse("reviews:queue"), {"tab": tab})
    assert page.status_code == 200
    assert b"C-0" in page.content


def one_of_each(reviewer: User, number: int) -> None:
    other = make.reviewer()
    for _ in range(number):
        case = in_hand(reviewer)
        decisions.record_decision(
            case, by=reviewer, outcome="approved", explanation="", version=case.version, second_approval_for=["area"]
        )
        case = in_hand(reviewer)
        decisions.record_decision(case, by=reviewer, outcome="approved", explanation="", version=case.version)
        ReviewCase.objects.filter(pk=case.pk).update(state="waiting", stage="appeal", level=2, closed_at=None)
        cases.pause_case(in_hand(other), by=other)
        cases.take_case(make.case(), by=reviewer)
    for _ in range(number):
        make.case()


def test_filters_narrow_and_stand_in_the_url() -> None:
    reviewer = make.reviewer()
    late = make.case(due_at=clock.now() - timedelta(hours=1), reasons=["failed:form"])
    other = make.case(skill="law")
    client = as_(reviewer)

    def shown(**chosen: str) -> set[str]:
        page = client.get(reverse("reviews:queue"), chosen)
        return {row["case"].number for row in page.context["rows"]}

    assert shown() == {late.number, other.number}
    assert shown(overdue="on") == {late.number}
    assert shown(reason="failed:form") == {late.number}
    assert shown(reason="two_people") == set()
    assert shown(reason="made-up") == {late.number, other.number}
    assert shown(kind="made-up", skill="'; drop table") == {late.number, other.number}


def test_pages_go_by_key_through_all_rows_once() -> None:
    for _ in range(45):
        make.case()
    client, url, seen = as_(make.reviewer()), reverse("reviews:queue"), []
    while url:
        page = client.get(url)
        seen += [row["case"].pk for row in page.context["rows"]]
        url = page.context["page"].next_url and reverse("reviews:queue") + page.context["page"].next_url
    assert seen == list(ReviewCase.objects.waiting().values_list("pk", flat=True))


def test_lease_is_shown_renewed_and_its_loss_told() -> None:
    reviewer, start = make.reviewer(), clock.now()
    case = in_hand(reviewer)
    client, url = as_(reviewer), reverse("reviews:lease", args=[case.number])
    htmx: dict[str, Any] = {"headers": {"HX-Request": "true"}}
    assert b"Claim expires" in client.get(url, **htmx).content
    with clock.freeze_time(start + timedelta(minutes=20)):
        client.post(url, **htmx)
        case.refresh_from_db()
        assert case.lease_until == clock.now() + timedelta(minutes=30)
    with clock.freeze_time(start + timedelta(minutes=51)):
        assert b"has expired" in client.post(url, **htmx).content
        assert client.post(url).headers["Location"] == make.case_url(case, product="")


def test_giving_back_needs_a_word_and_keeps_the_form() -> None:
    reviewer = make.reviewer()
    case = in_hand(reviewer)
    client, url = as_(reviewer), reverse("reviews:release", args=[case.number])
    assert client.post(url, {"why": " "}).status_code == 422
    assert client.post(url, {"why": "I cannot read it."}).status_code == 302
    again = client.post(url, {"why": "twice"})
    assert again.status_code == 422
    assert "This case is not assigned to you" in again.content.decode()
    case.refresh_from_db()
    assert case.state == CaseState.WAITING


def test_handing_over_asks_the_rules_about_the_colleague() -> None:
    reviewer, colleague, party = make.reviewer(), make.reviewer(), make.reviewer()
    case = in_hand(reviewer, about=party)
    client, url = as_(reviewer), reverse("reviews:hand_over", args=[case.number])
    refused = client.post(url, {"to": party.public_id})
    assert refused.status_code == 422
    assert b"This colleague cannot take the case" in refused.content
    assert client.post(url, {"to": make.person().public_id}).status_code == 422
    assert client.post(url, {"to": colleague.public_id, "note_to": "Yours?"}).status_code == 302
    case.refresh_from_db()
    assert case.claimed_by == colleague


def test_stepping_aside_notes_the_conflict() -> None:
    reviewer, creator = make.reviewer(), make.person()
    case = in_hand(reviewer, about=creator)
    client, url = as_(reviewer), reverse("reviews:conflict", args=[case.number])
    assert client.post(url, {"kind": "made-up"}).status_code == 422
    assert client.post(url, {"kind": "family"}).status_code == 302
    assert ConflictOfInterest.objects.get(reviewer=reviewer).user == creator


def test_conflicts_are_declared_by_address_or_id_and_not_to_nobody() -> None:
    reviewer, creator = make.reviewer(), make.person()
    client, url = as_(reviewer), reverse("reviews:conflicts")
    for wrong in ("nobody@example.org", reviewer.email, "p_nothing"):
        assert client.post(url, {"person": wrong, "kind": "work"}).status_code == 422
    assert client.post(url, {"person": creator.email, "kind": "work", "until": "2001-01-01"}).status_code == 422
    for name in (creator.email.upper(), creator.public_id):
        assert client.post(url, {"person": name, "kind": "work"}).status_code == 302
    assert ConflictOfInterest.objects.filter(reviewer=reviewer, user=creator).count() == 1
    make.case(creator)
    assert queue.claim_next_case(by=reviewer) is None


def test_case_page_keeps_explanations_from_those_who_need_them_not() -> None:
    reviewer, words = make.reviewer(), "The paper shows another name."
    case = in_hand(reviewer)
    decisions.record_decision(
        case,
        by=reviewer,
        outcome="rejected",
        explanation=words,
        version=case.version,
        reasons=[make.reason().code],
        adverse=True,
    )
    url = reverse("reviews:case", args=[case.number])
    sees = {
        user.role: words in as_(user).get(url).content.decode()
        for user in (reviewer, make.person(Role.AUDITOR), make.person(Role.AREA_LEAD))
    }
    assert sees == {"reviewer": True, "auditor": True, "area_lead": False}


def test_a_closed_case_is_not_offered_for_taking() -> None:
    senior = make.senior()
    case = in_hand(senior)
    cases.close_open_case(case, by=senior)
    assert "closed" in str(policies.refuse_holding(case, senior, clock.now()))
