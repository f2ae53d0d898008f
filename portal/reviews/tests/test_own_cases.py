"""Who is a party to a case learns from the queue, the team's pages and the admin neither who has it nor anything else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.people.models import Mandate, User
from portal.people.roles import Role
from portal.reviews.actions import decisions, queue
from portal.reviews.models import CaseParty, Decision, ReviewCase
from portal.reviews.tests import factories as make
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
NAME = "Holder of the case"


@pytest.fixture
def own(enter: Enter) -> tuple[User, ReviewCase, Client]:
    """A reviewer, a case about them that a colleague holds, and the reviewer's client."""
    party = make.senior()
    holder = make.senior()
    holder.display_name = NAME
    holder.save()
    make.case(party, reasons=["failed:form"])
    case = queue.claim_next_case(by=holder)
    assert case is not None
    return party, case, enter(party)


@pytest.mark.parametrize("role", [Role.SENIOR_REVIEWER, Role.AREA_LEAD, Role.AUDITOR])
def test_a_party_does_not_see_their_case(own: tuple[User, ReviewCase, Client], role: str) -> None:
    party, case, client = own
    User.objects.filter(pk=party.pk).update(role=role)
    page = client.get(reverse("reviews:case", args=[case.number]))
    assert page.status_code == 403
    assert NAME not in page.content.decode()
    for address in (f"/reviews/{case.number}/work/", f"/reviews/{case.number}/leave/"):
        answer = client.get(address, follow=True)
        assert NAME not in answer.content.decode()


def test_a_colleague_of_the_party_s_agency_does_not_either(enter: Enter) -> None:
    agency, creator = make.agency(), make.person()
    colleague = make.reviewer(agency=agency)
    creator.agency = agency
    creator.save()
    case = make.case(creator)
    assert enter(colleague).get(reverse("reviews:case", args=[case.number])).status_code == 403
    assert list(ReviewCase.objects.without_own(colleague)) == []


def test_it_is_in_no_list_of_the_queue(own: tuple[User, ReviewCase, Client]) -> None:
    _party, case, client = own
    queue.release_case(case, by=ReviewCase.objects.get().claimed_by, why="Later.")  # type: ignore[arg-type]
    other = make.case(reasons=["failed:form"])
    page = client.get(reverse("reviews:queue"))
    assert [row["case"] for row in page.context["rows"]] == [other]
    assert page.context["count"].value == 1


def test_others_see_who_has_it(own: tuple[User, ReviewCase, Client], enter: Enter) -> None:
    _party, case, _client = own
    page = enter(make.reviewer()).get(reverse("reviews:case", args=[case.number]))
    assert NAME in page.content.decode()


def test_the_admin_keeps_it_from_the_party(own: tuple[User, ReviewCase, Client]) -> None:
    party, case, client = own
    holder = case.claimed_by
    assert holder is not None
    decisions.record_decision(case, by=holder, outcome="approved", version=case.version)
    User.objects.filter(pk=party.pk).update(role=Role.ADMIN)
    pages = ["reviews_reviewcase", "reviews_decision", "audit_auditevent"]
    for name in pages:
        page = client.get(reverse(f"admin:{name}_changelist"))
        assert page.status_code == 200
        assert holder.public_id not in page.content.decode(), name
    for name, row in (("reviews_reviewcase", case), ("reviews_decision", Decision.objects.get())):
        answer = client.get(reverse(f"admin:{name}_change", args=[row.pk]), follow=True)
        assert holder.public_id not in answer.content.decode()
        history = client.get(reverse(f"admin:{name}_history", args=[row.pk]), follow=True)
        assert holder.public_id not in history.content.decode()


@pytest.mark.parametrize("by", ["its people", "its mandate", "its name"])
def test_the_admin_keeps_cases_of_an_agency_from_its_people(by: str, enter: Enter) -> None:
    """An administrator of an agency sees nothing about its people, about those it acts for, or about itself."""
    agency, creator, holder = make.agency(), make.person(), make.senior()
    admin = make.person()
    User.objects.filter(pk=admin.pk).update(role=Role.ADMIN, agency=agency)
    if by == "its people":
        User.objects.filter(pk=creator.pk).update(agency=agency)
    case = make.case(creator, reasons=["failed:form"])
    if by == "its mandate":
        Mandate.objects.create(creator=creator, agency=agency, ends_at=clock.now() + timedelta(days=9))
    if by == "its name":
        CaseParty.objects.create(case=case, agency=agency, role="agency")
    case = queue.claim_next_case(by=holder) or case
    decisions.record_decision(case, by=holder, outcome="approved", version=case.version)
    client = enter(User.objects.get(pk=admin.pk))
    for name, row in (("reviews_reviewcase", case), ("reviews_decision", Decision.objects.get())):
        page = client.get(reverse(f"admin:{name}_changelist"))
        assert (page.status_code, holder.public_id in page.content.decode()) == (200, False)
        assert client.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code == 302
    assert holder.public_id not in client.get(reverse("admin:audit_auditevent_changelist")).content.decode()
    assert list(ReviewCase.objects.without_own(User.objects.get(pk=admin.pk))) == []
