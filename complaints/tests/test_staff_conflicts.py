"""Sides of an open complaint do not become staff; those of a complaint that is over may."""

import pytest

from complaints.states import ComplaintState as State
from complaints.tests import factories as make
from portal.errors import NotAllowed
from portal.people.actions import staff
from portal.people.models import LinkedAccount, User
from portal.people.roles import Role

pytestmark = pytest.mark.django_db


def ask(person: User) -> None:
    # Linked accounts, and sides who cannot sign in, are reasons of their own.
    LinkedAccount.objects.filter(person=person).delete()
    User.objects.filter(pk=person.pk).update(email=f"{person.pk}@example.org", role=Role.CREATOR)
    person.refresh_from_db()
    staff.change_role(person=person, role=Role.SENIOR_REVIEWER, reason="hired", by=make.person(Role.ADMIN))


def test_neither_side_of_an_open_complaint_becomes_staff() -> None:
    made = make.complaint(State.IN_REVIEW)
    assert made.respondent is not None
    for side in (made.complainant, made.respondent):
        with pytest.raises(NotAllowed, match=f"open complaint, {made.number}"):
            ask(side)


def test_sides_of_a_complaint_that_is_over_may() -> None:
    made = make.complaint(State.WITHDRAWN)
    ask(made.complainant)
