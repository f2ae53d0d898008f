"""The admin: for administrators only, every change with a trace, nothing overwritten, nobody decided upon."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.idp.oidc.models import Client as ApiClient
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from certification.tests import factories as certification
from portal import clock
from portal.audit import trail
from portal.audit.admin_pages import AuditedAdmin, ReadOnlyAdmin, StampedForm
from portal.audit.models import AuditEvent
from portal.evidence.models import EvidenceAccess
from portal.jobs.models import Job, JobState
from portal.notifications.models import Notification
from portal.outbound.mail import Delivery
from portal.people.actions import api_clients, changes
from portal.people.models import Agency, ChangeRequest, Intervention, Mandate, User
from portal.people.roles import Role
from portal.people.tokens import Scope
from portal.reviews.models import (
    Calendar,
    ConflictOfInterest,
    Decision,
    ReviewCase,
    ReviewerSkill,
)
from portal.testing.sign_in import PASSWORD, give_app

pytestmark = pytest.mark.django_db
PAGES = sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label)
MODELS = [model for model, _page in PAGES]


def address(model: Any, what: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


@pytest.fixture
def office(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def test_every_page_names_its_section_and_libraries_stay_outside() -> None:
    assert all(isinstance(page, ReadOnlyAdmin | AuditedAdmin) for _model, page in PAGES)
    assert {"auth", "mfa", "account", "sessions"}.isdisjoint({model._meta.app_label for model in MODELS})


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_lists_open_for_administrators_only(model: Any, client: Client, admin: User, reviewer: User) -> None:
    assert client.get(address(model)).status_code == 302
    client.force_login(reviewer)
    assert client.get(address(model)).status_code == 403
    client.force_login(admin)
    assert client.get(address(model)).status_code == 200


def test_first_page_groups_by_purpose(office: Client) -> None:
    page = office.get(reverse("admin:index")).content.decode()
    assert "Reviewing" in page
    assert "Records (read only)" in page
    assert "<style" not in page
    assert 'style="' not in page


def test_without_a_second_factor_in_this_session_nothing_opens(client: Client, admin: User, settings: Settings) -> None:
    settings.SECOND_FACTOR_ENFORCED = True
    give_app(admin)
    client.force_login(admin)
    answer = client.get(address(Calendar))
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("mfa_reauthenticate"))


def test_changes_leave_a_trace_with_before_and_after(office: Client, admin: User) -> None:
    answer = office.post(address(Agency, "add"), {"code": "south", "name": "South"})
    assert answer.status_code == 302
    agency = Agency.objects.get(code="south")
    form = office.get(address(Agency, "change", agency.pk)).context["adminform"].form
    stamp = form.fields["stamp"].initial
    answer = office.post(address(Agency, "change", agency.pk), {"name": "South & sons", "stamp": stamp})
    assert answer.status_code == 302
    added, changed = AuditEvent.objects.filter(subject=trail.subject_of(agency)).order_by("number")
    assert (added.event, added.actor, added.data) == (
        "people.agency.added",
        admin.public_id,
        {"after": {"code": "south", "name": "South"}},
    )
    assert changed.data == {"before": {"name": "South"}, "after": {"name": "South & sons"}}
    history = office.get(address(Agency, "history", agency.pk)).content.decode()
    assert "people.agency.changed" in history


def test_stale_form_overwrites_nothing(office: Client) -> None:
    agency = Agency.objects.create(code="south", name="South")
    stamp = office.get(address(Agency, "change", agency.pk)).context["adminform"].form.fields["stamp"].initial
    Agency.objects.filter(pk=agency.pk).update(name="Changed by another")
    answer = office.post(address(Agency, "change", agency.pk), {"name": "Mine", "stamp": stamp})
    assert answer.status_code == 200
    assert "Someone else has changed this" in answer.content.decode()
    agency.refresh_from_db()
    assert agency.name == "Changed by another"


def test_what_changes_while_a_form_is_saved_is_not_taken_back(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    agency = Agency.objects.create(code="south", name="South")
    stamp = office.get(address(Agency, "change", agency.pk)).context["adminform"].form.fields["stamp"].initial
    clean = StampedForm.clean

    def clean_then_another_is_first(form: StampedForm) -> dict[str, object]:
        data = clean(form)
        Agency.objects.filter(pk=agency.pk).update(name="Changed by another")
        return data

    monkeypatch.setattr(StampedForm, "clean", clean_then_another_is_first)
    answer = office.post(address(Agency, "change", agency.pk), {"name": "Mine", "stamp": stamp})
    assert answer.status_code == 409
    agency.refresh_from_db()
    assert agency.name == "South"  # what another did stands in the request's own transaction here
    assert not AuditEvent.objects.filter(event="people.agency.changed").exists()


def test_deleting_keeps_what_was_there_in_the_trail(office: Client, reviewer: User, second_admin: User) -> None:
    skill = ReviewerSkill.objects.create(user=reviewer, skill="cn-medicine")
    assert office.post(address(ReviewerSkill, "delete", skill.pk), {"reason": "left"}).status_code == 302
    changes.approve_change(change=ChangeRequest.objects.get(), by=second_admin)
    event = AuditEvent.objects.get(event="reviews.reviewerskill.deleted")
    assert event.data["before"] == {"user": reviewer.pk, "skill": "cn-medicine", "level": 2, "valid_until": None}


@pytest.mark.parametrize("model", [AuditEvent, Decision, ReviewCase, Job, Notification, EvidenceAccess, Mandate])
def test_history_cannot_be_made_or_changed(model: Any, office: Client, admin: User) -> None:
    held = certification.certificate("cn-law")
    file = held.application.documents.get().file
    EvidenceAccess.objects.create(file=file, by=admin, why="a test")
    agency = Agency.objects.create(code="agency", name="Agency")
    Mandate.objects.create(creator=held.holder, agency=agency, ends_at=clock.now() + timedelta(days=1))
    row = model.objects.latest("pk")
    before = model.objects.filter(pk=row.pk).values().get()
    assert office.get(address(model, "add")).status_code == 403
    assert office.get(address(model, "change", row.pk)).status_code == 200
    assert office.post(address(model, "change", row.pk), {"event": "forged", "why": "forged"}).status_code == 403
    assert office.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    sent = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    office.post(address(model), sent)  # there is no such action, and most of these lists have none at all
    assert model.objects.filter(pk=row.pk).values().get() == before


def test_trail_is_searched_by_case_person_and_event(office: Client, admin: User, creator: User) -> None:
    trail.record_event("people.user.invited", creator, by=admin)
    trail.record_event("people.user.deactivated", creator, by=None)
    for term, count in [
        (admin.public_id, 1),
        (trail.subject_of(creator), 2),
        ("people.user.deactivated", 1),
        ("people.user", 0),
        ("", 2),
    ]:
        listed = office.get(address(AuditEvent), {"q": term}).context["cl"].result_count
        assert listed == count, term


def test_roles_change_only_through_the_action(office: Client, admin: User, creator: User) -> None:
    page = reverse("admin:people_user_role", args=[creator.pk])
    assert office.post(page, {"role": Role.AGENT, "agency": "", "reason": "Joined"}).status_code == 200
    creator.refresh_from_db()
    assert creator.role == Role.CREATOR
    agency = Agency.objects.create(code="south", name="South")
    answer = office.post(page, {"role": Role.AGENT, "agency": agency.pk, "reason": "Works here now"})
    assert answer.status_code == 302
    creator.refresh_from_db()
    assert creator.role == Role.AGENT
    assert Intervention.objects.get().reason == "Works here now"
    mine = reverse("admin:people_user_role", args=[admin.pk])
    refused = office.post(mine, {"role": Role.AUDITOR, "reason": "Tired"})
    assert "cannot change your own role" in refused.content.decode()


def test_access_is_taken_and_given_back(office: Client, creator: User) -> None:
    for verb, active in [("deactivate", False), ("reactivate", True)]:
        page = reverse(f"admin:people_user_{verb}", args=[creator.pk])
        assert office.get(page).status_code == 200
        assert office.post(page, {"reason": "Because"}).status_code == 302
        creator.refresh_from_db()
        assert creator.is_active is active


def test_staff_are_invited(office: Client) -> None:
    data = {
        "email": "new@example.org",
        "display_name": "New",
        "language": "en",
        "role": Role.AUDITOR,
        "reason": "Hired",
    }
    assert office.get(address(User, "add")).status_code == 200
    assert office.post(address(User, "add"), data).status_code == 302
    with clock.freeze_time(clock.now() + timedelta(days=2)):  # nobody else could agree
        assert changes.carry_out_due_changes() == 1
    assert User.objects.get(email="new@example.org").role == Role.AUDITOR
    again = office.post(address(User, "add"), data)
    assert "An account with this address already exists." in again.content.decode()


def test_people_are_found_by_address_without_a_trace_of_it_in_the_url(office: Client, creator: User) -> None:
    page = reverse("admin:people_user_find")
    found = office.post(page, {"email": creator.email.upper()})
    assert found["Location"] == address(User, "change", creator.pk)
    assert "No one has this address" in office.post(page, {"email": "no@example.org"}).content.decode()


def test_person_s_page_shows_no_password(office: Client, creator: User) -> None:
    page = office.get(address(User, "change", creator.pk)).content.decode()
    assert creator.public_id in page
    assert creator.password not in page
    assert PASSWORD not in page


def test_conflict_needs_somebody_who_exists(office: Client, reviewer: User, creator: User) -> None:
    data = {"reviewer": reviewer.pk, "user": "p_nobody", "kind": "work"}
    assert "No person has this public ID" in office.post(address(ConflictOfInterest, "add"), data).content.decode()
    assert office.post(address(ConflictOfInterest, "add"), {**data, "user": creator.public_id}).status_code == 302
    assert ConflictOfInterest.objects.get().user == creator


def test_client_is_ended_at_once(office: Client) -> None:
    api, secret = api_clients.create_client(name="Platform", platform="sandbox", scopes=[Scope.GATE])
    page = office.get(address(ApiClient, "change", api.pk)).content.decode()
    assert secret not in page
    assert api.secret not in page
    assert office.post(reverse("admin:api_client_end", args=[api.pk])).status_code == 302
    assert not ApiClient.objects.exists()


def test_failed_work_gets_another_try(office: Client) -> None:
    failed = Job.objects.create(kind="jobs.purge_done", key="a", state=JobState.FAILED, attempts=5)
    done = Job.objects.create(kind="jobs.purge_done", key="b", state=JobState.DONE)
    office.post(address(Job), {"action": "try_again", "_selected_action": [failed.pk, done.pk]})
    states = dict(Job.objects.filter(key__in="ab").values_list("key", "state"))
    assert states == {"a": JobState.QUEUED, "b": JobState.DONE}
    assert AuditEvent.objects.filter(event="jobs.job.retried").count() == 1


def test_failed_mails_are_sent_again(office: Client, creator: User) -> None:
    note = Notification.objects.create(
        user=creator, kind="notifications.welcome", key="n", subjects={}, bodies={}, delivery=Delivery.FAILED
    )
    office.post(address(Notification), {"action": "send_again", "_selected_action": [note.pk]})
    note.refresh_from_db()
    assert note.delivery == Delivery.PENDING
