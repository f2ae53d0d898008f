"""People who leave, and those who never come: what goes when, and what keeps it."""

import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client

from portal import clock
from portal.audit import trail
from portal.errors import Conflict
from portal.people import departures
from portal.people.actions import departures as actions
from portal.people.actions import people, profile, staff
from portal.people.departures import CLOSED_KEPT, DEACTIVATED_KEPT, INVITED_KEPT, UNCONFIRMED_KEPT, Ending, Hold
from portal.people.models import Intervention, Letter, LinkedAccount, User
from portal.people.roles import Role
from portal.testing.concurrency import at_once
from portal.testing.reading import page_text

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def admin() -> User:
    return User.objects.create_user("admin@example.org", role=Role.ADMIN)


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> list[Hold]:
    """What rests on everybody, as the test wants it; nothing else does."""
    found: list[Hold] = []
    monkeypatch.setattr(departures, "_holds", [lambda _person: found])
    return found


def closed(**fields: object) -> User:
    person = people.add_person("ana@example.org", verified=True, display_name="Ana Anders", **fields)
    Authenticator.objects.create(user=person, type="totp", data={"secret": "s"})
    LinkedAccount.objects.create(person=person, platform="fake", external_id="7", handle="ana", name="Ana A.")
    profile.close_account(person=person)
    return person


def later(time: timedelta) -> int:
    """Run the job at a later moment."""
    with clock.freeze_time(clock.now() + time):
        return actions.purge_departed_people()


def test_nothing_goes_before_its_day() -> None:
    person = closed()
    assert later(CLOSED_KEPT - timedelta(minutes=1)) == 0
    person.refresh_from_db()
    assert (person.display_name, person.is_active) == ("Ana Anders", False)


def test_a_closed_account_leaves_its_public_id_alone(admin: User) -> None:
    person = closed()
    Intervention.objects.create(person=person, what="x", reason="Ana wrote to us.", by=admin)
    assert later(CLOSED_KEPT + SECOND) == 1
    person.refresh_from_db()
    assert person.purged_at is not None
    assert (person.email, person.display_name, person.password) == (f"{person.public_id}@gone.invalid", "", "")
    for model in (EmailAddress, Authenticator):
        assert not model.objects.filter(user=person).exists()
    assert not Letter.objects.filter(person=person).exists()
    assert not LinkedAccount.objects.filter(person=person).exists()
    assert Intervention.objects.get(person=person).reason == "[…]"
    assert [event.event for event in trail.events_of(trail.subject_of(person))][-1] == "people.user.purged"
    assert str(person) == person.public_id
    again = people.add_person("ana@example.org", verified=True)
    assert again.pk != person.pk


def test_a_case_keeps_name_and_address_and_nothing_else(holds: list[Hold]) -> None:
    person = closed()
    holds.append(Hold("Complaint OC-1 is not decided yet."))
    assert later(CLOSED_KEPT + SECOND) == 0
    person.refresh_from_db()
    assert (person.email, person.display_name) == ("ana@example.org", "Ana Anders")
    assert not Authenticator.objects.filter(user=person).exists()
    holds.clear()
    assert later(CLOSED_KEPT + actions.ASK_AGAIN + 2 * SECOND) == 1
    person.refresh_from_db()
    assert person.display_name == ""


def test_access_is_not_given_back_once_the_deletion_may_have_begun(admin: User) -> None:
    person = people.add_person("ben@example.org", verified=True, display_name="Ben")
    staff.deactivate_person(person=person, reason="Asked for it.", by=admin)
    person.refresh_from_db()
    with clock.freeze_time(clock.now() + DEACTIVATED_KEPT + SECOND), pytest.raises(Conflict):
        staff.reactivate_person(person=person, reason="Came back.", by=admin)


def test_access_taken_away_can_be_given_back_for_a_year(admin: User) -> None:
    person = people.add_person("ben@example.org", verified=True, display_name="Ben")
    staff.deactivate_person(person=person, reason="Asked for it.", by=admin)
    assert later(DEACTIVATED_KEPT - timedelta(minutes=1)) == 0
    staff.reactivate_person(person=person, reason="Came back.", by=admin)
    assert later(DEACTIVATED_KEPT + SECOND) == 0
    staff.deactivate_person(person=person, reason="Asked for it.", by=admin)
    assert later(DEACTIVATED_KEPT + SECOND) == 1
    person.refresh_from_db()
    with pytest.raises(Conflict):
        staff.reactivate_person(person=person, reason="Too late.", by=admin)


def test_a_visitor_goes_when_no_complaint_names_them(holds: list[Hold]) -> None:
    visitor = people.find_or_add_visitor("fake", "9", "Demo Holder", "en")
    holds.append(Hold("Complaint OC-1 is on record."))
    assert later(timedelta(days=2)) == 0
    holds.clear()
    assert later(timedelta(days=4)) == 1
    visitor.refresh_from_db()
    assert (visitor.is_visitor, visitor.display_name) == (False, "")


@pytest.mark.parametrize(
    ("role", "kept"), [(Role.GUEST, UNCONFIRMED_KEPT), (Role.CREATOR, UNCONFIRMED_KEPT), (Role.REVIEWER, INVITED_KEPT)]
)
def test_who_never_confirms_leaves_nothing(role: str, kept: timedelta) -> None:
    person = people.add_person("never@example.org", display_name="Never Came", role=role)
    confirmed = people.add_person("came@example.org", verified=True, role=role)
    with clock.freeze_time(clock.now() + kept - timedelta(minutes=1)):
        assert actions.purge_unconfirmed_people() == 0
    with clock.freeze_time(clock.now() + kept + SECOND):
        assert actions.purge_unconfirmed_people() == 1
    assert not User.objects.filter(pk=person.pk).exists()
    assert not EmailAddress.objects.filter(email="never@example.org").exists()
    assert User.objects.filter(pk=confirmed.pk).exists()


def test_who_has_signed_in_stays() -> None:
    people.add_person("guest@example.org", role=Role.GUEST, last_login=clock.now())
    with clock.freeze_time(clock.now() + INVITED_KEPT * 2):
        assert actions.purge_unconfirmed_people() == 0


def test_an_unconfirmed_person_on_whom_something_rests_leaves_their_row(admin: User) -> None:
    person = people.add_person("never@example.org", display_name="Never", role=Role.GUEST)
    Intervention.objects.create(person=person, what="x", reason="A note.", by=admin)
    with clock.freeze_time(clock.now() + UNCONFIRMED_KEPT + SECOND):
        assert actions.purge_unconfirmed_people() == 0
        assert actions.purge_departed_people() == 1
    person.refresh_from_db()
    assert person.display_name == ""


def test_the_database_refuses_a_purged_person_with_a_name() -> None:
    person = closed()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=person.pk).update(purged_at=clock.now(), purge_at=None)


def test_the_page_says_what_goes_when(client: Client, creator: User, holds: list[Hold]) -> None:
    client.force_login(creator)
    until = clock.now() + timedelta(days=90)
    holds += [Hold("Complaint OC-000001 is not decided yet.", None, "/x/"), Hold("Certificate CT-1 stands.", until)]
    page = page_text(client.get("/accounts/profile/close/"))
    assert "Complaint OC-000001 is not decided yet." in page
    assert "until it is decided" in page
    assert f"{until:%Y}" in page
    assert "In 30 days" in page


def test_closed_is_closed_while_a_case_holds_the_name(admin: User, holds: list[Hold]) -> None:
    person = closed()
    holds.append(Hold("Complaint OC-1 is not decided yet."))
    later(CLOSED_KEPT + SECOND)
    for days in (31, 32, 90):
        person.refresh_from_db()
        with clock.freeze_time(clock.now() + timedelta(days=days)), pytest.raises(Conflict, match="retention period"):
            staff.reactivate_person(person=person, reason="Came back.", by=admin)
    assert not User.objects.get(pk=person.pk).is_active


def test_nobody_comes_back_under_an_address_that_a_case_holds(client: Client, holds: list[Hold], creator: User) -> None:
    person = closed()
    holds.append(Hold("Complaint OC-1 is not decided yet."))
    later(CLOSED_KEPT + SECOND)
    known = User.objects.count()
    fields = {"email": person.email, "display_name": "Ana again", "language": "en"}
    client.post("/accounts/signup/", {**fields, "password1": "a long enough phrase"})
    client.post("/accounts/guest/", fields)
    client.post("/accounts/login/code/", {"email": person.email})
    client.post("/accounts/password/reset/", {"email": person.email})
    client.force_login(creator)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()
    answer = client.post("/accounts/email/", {"email": person.email, "action_add": ""})
    assert answer.status_code < 500
    assert User.objects.count() == known
    assert not EmailAddress.objects.filter(email=person.email).exists()
    person.refresh_from_db()
    assert (person.is_active, person.display_name, person.has_usable_password()) == (False, "Ana Anders", False)


def test_who_confirms_while_they_are_deleted_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    person = people.add_person("late@example.org", display_name="Late", role=Role.GUEST)
    with clock.freeze_time(clock.now() + UNCONFIRMED_KEPT + SECOND):
        listed = list(actions._unconfirmed())
        EmailAddress.objects.filter(user=person).update(verified=True)
        assert listed == [person]
        assert actions._delete(listed[0]) is False
    assert User.objects.filter(pk=person.pk, is_active=True).exists()


@pytest.mark.django_db(transaction=True)
def test_a_confirmation_that_waits_for_the_deletion_or_goes_before_it() -> None:
    person = people.add_person("late@example.org", display_name="Late", role=Role.GUEST)

    def confirm() -> bool:
        return bool(EmailAddress.objects.filter(user=person.pk).update(verified=True))

    def delete() -> bool:
        with clock.freeze_time(person.joined_at + UNCONFIRMED_KEPT + SECOND):
            return actions._delete(person)

    confirmed, deleted = at_once(confirm, delete)
    assert confirmed is not deleted
    assert User.objects.filter(pk=person.pk).exists() is confirmed


def test_closing_withdraws_what_nobody_could_follow(
    client: Client, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[User] = []

    def end() -> None:
        ended.append(User.objects.get(pk=creator.pk, is_active=True))

    def decided() -> None:
        raise Conflict("decided meanwhile")

    rows = [Ending("Application 7", "/application/7/", end), Ending("Complaint 8", "/complaint/8/", decided)]
    monkeypatch.setattr(departures, "_endings", [lambda _person: rows])
    monkeypatch.setattr(
        departures,
        "_holds",
        [lambda _person: [Hold("Not decided.", None, "/application/7/"), Hold("Other.", None, "/x/")]],
    )
    client.force_login(creator)
    page = page_text(client.get("/accounts/profile/close/"))
    assert "Application 7" in page
    assert "Not decided." not in page
    assert "Other." in page
    client.post("/accounts/profile/close/", {"email": creator.email})
    assert ended == [creator]
    creator.refresh_from_db()
    assert not creator.is_active
