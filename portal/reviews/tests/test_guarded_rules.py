"""What reviewers may take, reasons and calendars change when a second administrator agrees."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEvent
from portal.people.actions import changes, people
from portal.people.models import ChangeRequest, User
from portal.people.roles import Role
from portal.reviews.models import Calendar, CalendarDay, ReasonCode, ReviewerSkill
from portal.reviews.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def admins(client: Client) -> tuple[User, User]:
    first, second = (people.add_person(f"{name}@example.org", role=Role.ADMIN) for name in ("one", "two"))
    client.force_login(first)
    return first, second


def agree(by: User) -> ChangeRequest:
    change = ChangeRequest.objects.filter(closed_at=None).get()
    changes.approve_change(change=change, by=by)
    return change


def send(client: Client, page: str, data: dict[str, Any], row: Any = None) -> Any:
    """Send a page of the admin as its form stands, with `data` in it."""
    address = reverse(f"admin:reviews_{page}", args=[row.pk] if row else [])
    shown = client.get(address)
    form = shown.context["adminform"].form
    typed = {name: field.value() for name in form.fields if (field := form[name]).value() is not None}
    for name in ("labels", "texts"):
        for widget in form[name].subwidgets if name in form.fields else ():
            typed |= {part["name"]: part["value"] or "" for part in widget.data.get("subwidgets", ())}
    for formset in shown.context["inline_admin_formsets"]:
        inner = formset.formset
        typed |= {
            inner.management_form.add_prefix(name): value for name, value in inner.management_form.initial.items()
        }
        for part in inner.initial_forms:
            typed |= {part.add_prefix(name): part[name].value() or "" for name in part.fields if name != "DELETE"}
    return client.post(address, typed | data)


def test_a_reviewer_gets_an_area_from_two(client: Client, admins: tuple[User, User]) -> None:
    reviewer = make.person(Role.REVIEWER)
    data = {"user": reviewer.pk, "skill": make.SKILL, "level": 1, "change_reason": "examined"}
    missing = send(client, "reviewerskill_add", data | {"change_reason": ""})
    assert "change_reason" in missing.context["adminform"].form.errors
    assert send(client, "reviewerskill_add", data).status_code == 302
    assert not ReviewerSkill.objects.exists()
    change = agree(admins[1])
    row = ReviewerSkill.objects.get()
    assert (row.user, row.skill, change.person) == (reviewer, make.SKILL, reviewer)
    event = AuditEvent.objects.get(event="reviews.reviewerskill.added")
    assert event.data["approved_by"] == admins[1].public_id
    client.post(reverse("admin:reviews_reviewerskill_delete", args=[row.pk]), {"reason": "left the area"})
    assert ReviewerSkill.objects.exists()
    agree(admins[1])
    assert not ReviewerSkill.objects.exists()


def test_a_reason_is_taken_out_of_use_by_two(client: Client, admins: tuple[User, User]) -> None:
    row = make.reason()
    address = reverse("admin:reviews_reasoncode_change", args=[row.pk])
    form = client.get(address).context["adminform"].form
    typed = {
        "stamp": form.current_stamp,
        **{f"labels_{code}": text for code, text in row.labels.items()},
        **{f"texts_{code}": text for code, text in row.texts.items()},
        "change_reason": "unclear",
    }
    answer = client.post(address, typed)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert ReasonCode.objects.get(pk=row.pk).active
    agree(admins[1])
    assert not ReasonCode.objects.get(pk=row.pk).active


def test_days_off_change_for_two_and_all_together(client: Client, admins: tuple[User, User]) -> None:
    row = Calendar.objects.create(code="cn-test", name="Test", zone="UTC")
    kept = CalendarDay.objects.create(calendar=row, day=date(2027, 1, 1), kind="holiday", name="New Year")
    CalendarDay.objects.create(calendar=row, day=date(2027, 5, 1), kind="holiday", name="Labour Day")
    typed = {
        "days-TOTAL_FORMS": "3",
        "days-1-DELETE": "on",
        "days-2-day": "2027-10-01",
        "days-2-kind": "holiday",
        "days-2-name": "National Day",
    }
    refused = send(client, "calendar_change", typed, row)
    assert "change_reason" in refused.context["adminform"].form.errors, "why is asked for"
    answer = send(client, "calendar_change", typed | {"change_reason": "decree"}, row)
    assert answer.status_code == 302
    assert list(row.days.values_list("name", flat=True)) == ["New Year", "Labour Day"]
    page = client.get(answer.headers["Location"]).content.decode()
    assert "National Day" in page
    assert "Labour Day" in page
    assert "New Year" not in page, "what stays is not listed"
    agree(admins[1])
    assert list(row.days.values_list("name", flat=True)) == ["New Year", "National Day"]
    assert row.days.first().day == kept.day  # type: ignore[union-attr]


def test_a_new_calendar_comes_with_its_days(client: Client, admins: tuple[User, User]) -> None:
    typed = {
        "code": "new",
        "name": "New",
        "zone": "UTC",
        "change_reason": "another country",
        "days-TOTAL_FORMS": "1",
        "days-0-day": "2027-10-03",
        "days-0-kind": "holiday",
        "days-0-name": "",
    }
    assert send(client, "calendar_add", typed).status_code == 302
    assert not Calendar.objects.filter(code="new").exists()
    agree(admins[1])
    assert [str(day.day) for day in Calendar.objects.get(code="new").days.all()] == ["2027-10-03"]


def test_days_that_changed_meanwhile_are_left_alone(client: Client, admins: tuple[User, User]) -> None:
    row = Calendar.objects.create(code="cn-test", name="Test", zone="UTC")
    typed = {"days-TOTAL_FORMS": "1", "days-0-day": "2027-10-01", "days-0-kind": "holiday", "change_reason": "x"}
    send(client, "calendar_change", typed, row)
    CalendarDay.objects.create(calendar=row, day=date(2027, 1, 1), kind="holiday")
    with pytest.raises(Exception, match="changed in the meantime"):
        agree(admins[1])
    assert row.days.count() == 1
