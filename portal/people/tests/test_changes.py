"""Changes of roles and rules: a reason, a second person or a delay, and everybody who administers is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.audit.models import AuditEvent
from portal.errors import Conflict, Invalid, NotAllowed
from portal.people import changes as policies
from portal.people.actions import changes, links, staff
from portal.people.letters import compose_letter
from portal.people.models import Agency, ChangeRequest, Intervention, Letter, LinkedAccount, User
from portal.people.roles import STAFF_ROLES, Role
from portal.people.states import ChangeState
from portal.testing.concurrency import at_once
from portal.testing.sign_in import newest_mail

pytestmark = pytest.mark.django_db


def ask_role(person: User, admin: User, role: str = Role.REVIEWER) -> ChangeRequest:
    change = staff.change_role(person=person, role=role, reason="hired", by=admin)
    assert change is not None
    return change


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_staff_roles_need_a_second_administrator(creator: User, admin: User, second_admin: User, role: str) -> None:
    change = ask_role(creator, admin, role)
    creator.refresh_from_db()
    assert (creator.role, change.state, change.takes_effect_at) == (Role.CREATOR, ChangeState.WAITING, None)
    changes.approve_change(change=change, by=second_admin)
    creator.refresh_from_db()
    assert (creator.role, change.state, change.closed_by) == (role, ChangeState.DONE, second_admin)
    event = AuditEvent.objects.get(event="people.user.role_changed")
    assert (event.actor, event.data["approved_by"]) == (admin.public_id, second_admin.public_id)
    assert (Intervention.objects.get().reason, Intervention.objects.get().by) == ("hired", admin)


def test_all_administrators_are_told_of_each_step(creator: User, admin: User, second_admin: User) -> None:
    change = ask_role(creator, admin)
    told = Letter.objects.filter(kind="people/email/change_asked")
    assert {letter.person for letter in told} == {admin, second_admin}
    assert reverse("admin:people_changerequest_change", args=[change.pk]) in str(newest_mail().body)
    changes.approve_change(change=change, by=second_admin)
    assert Letter.objects.filter(kind="people/email/change_done").count() == 2
    assert Letter.objects.filter(kind="people/email/role_changed", person=creator).exists()


def test_nobody_approves_their_own_or_what_is_about_them(
    creator: User, admin: User, second_admin: User, reviewer: User, make: Callable[..., User]
) -> None:
    change = ask_role(creator, admin)
    about_second = ask_role(second_admin, admin, Role.CREATOR)
    for wrong, by in ((change, admin), (about_second, second_admin), (change, reviewer)):
        with pytest.raises(NotAllowed):
            changes.approve_change(change=wrong, by=by)
        with pytest.raises(NotAllowed):
            changes.refuse_change(change=wrong, reason="no", by=by)
    assert set(ChangeRequest.objects.values_list("closed_at", flat=True)) == {None}


def test_the_database_refuses_a_change_by_one_person(creator: User, admin: User, second_admin: User) -> None:
    change = ask_role(creator, admin)
    rows = ChangeRequest.objects.filter(pk=change.pk)
    for closed_by in (admin, creator, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(state=ChangeState.DONE, closed_by=closed_by, closed_at=clock.now())


def test_alone_it_takes_effect_after_a_day_and_can_be_withdrawn(creator: User, agent: User, admin: User) -> None:
    change, other = ask_role(creator, admin), ask_role(agent, admin)
    assert change.state == ChangeState.DELAYED
    assert "takes effect automatically" in str(newest_mail().body)
    changes.withdraw_change(change=other, by=admin)
    start = change.asked_at
    with clock.freeze_time(start + timedelta(hours=23, minutes=59)):
        assert changes.carry_out_due_changes() == 0
    with clock.freeze_time(start + timedelta(hours=24)):
        assert changes.carry_out_due_changes() == 1
        assert changes.carry_out_due_changes() == 0
    creator.refresh_from_db()
    agent.refresh_from_db()
    assert (creator.role, agent.role) == (Role.REVIEWER, Role.AGENT)


def test_a_change_that_cannot_be_made_any_more_holds_up_no_other(
    creator: User, agent: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = ask_role(creator, admin), ask_role(agent, admin)
    kind = policies.change_kinds[broken.kind]

    def carry_out(change: ChangeRequest, by: User | None) -> None:
        if change.pk == broken.pk:
            raise ProtectedError("something rests on it", set())
        kind.carry_out(change, by)

    monkeypatch.setitem(policies.change_kinds, broken.kind, replace(kind, carry_out=carry_out))
    with clock.freeze_time(other.asked_at + timedelta(hours=25)):
        assert changes.carry_out_due_changes() == 1
    broken.refresh_from_db()
    other.refresh_from_db()
    assert (broken.state, other.state) == (ChangeState.OVERTAKEN, ChangeState.DONE)


def test_a_database_that_is_busy_ends_no_change(
    creator: User, admin: User, second_admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = ask_role(creator, admin)
    kind = policies.change_kinds[change.kind]

    def carry_out(_change: ChangeRequest, _by: User | None) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setitem(policies.change_kinds, change.kind, replace(kind, carry_out=carry_out))
    with pytest.raises(OperationalError):
        changes.approve_change(change=change, by=second_admin)
    assert ChangeRequest.objects.get().state == ChangeState.WAITING
    monkeypatch.undo()
    changes.approve_change(change=ChangeRequest.objects.get(), by=second_admin)
    assert ChangeRequest.objects.get().state == ChangeState.DONE


def test_an_administrator_is_removed_by_the_only_other_after_a_day(admin: User, second_admin: User) -> None:
    change = staff.deactivate_person(person=second_admin, reason="left", by=admin)
    assert change is not None
    assert change.state == ChangeState.DELAYED
    assert second_admin in [letter.person for letter in Letter.objects.all()]
    second_admin.refresh_from_db()
    assert second_admin.is_active


def test_others_lose_access_at_once(reviewer: User, admin: User) -> None:
    assert staff.deactivate_person(person=reviewer, reason="misuse", by=admin) is None
    reviewer.refresh_from_db()
    assert not reviewer.is_active
    assert staff.reactivate_person(person=reviewer, reason="back", by=admin) is not None


def test_refused_withdrawn_and_expired_changes_do_nothing(
    make: Callable[..., User], admin: User, second_admin: User
) -> None:
    people = [make(name) for name in ("one", "two", "three")]
    refused, withdrawn, expired = (ask_role(person, admin) for person in people)
    with pytest.raises(Invalid):
        changes.refuse_change(change=refused, reason=" ", by=second_admin)
    changes.refuse_change(change=refused, reason="not yet", by=second_admin)
    with pytest.raises(NotAllowed):
        changes.withdraw_change(change=withdrawn, by=second_admin)
    changes.withdraw_change(change=withdrawn, by=admin)
    with clock.freeze_time(expired.asked_at + timedelta(days=14)):
        changes.carry_out_due_changes()
    expired.refresh_from_db()
    assert [change.state for change in (refused, withdrawn, expired)] == ["refused", "withdrawn", "expired"]
    for change in (refused, withdrawn, expired):
        with pytest.raises(NotAllowed):
            changes.approve_change(change=change, by=second_admin)
    assert {User.objects.get(pk=person.pk).role for person in people} == {Role.CREATOR}


def test_one_open_change_for_each_person(creator: User, admin: User, second_admin: User) -> None:
    ask_role(creator, admin)
    with pytest.raises(Conflict):
        ask_role(creator, second_admin, Role.AUDITOR)


def test_what_changed_meanwhile_is_overtaken(creator: User, admin: User, second_admin: User, agency: Agency) -> None:
    change = ask_role(creator, admin)
    staff.change_role(person=creator, role=Role.AGENT, agency=agency, reason="x", by=second_admin)
    with pytest.raises(Conflict):
        changes.approve_change(change=change, by=second_admin)
    change.refresh_from_db()
    creator.refresh_from_db()
    assert (change.state, creator.role) == (ChangeState.OVERTAKEN, Role.AGENT)
    assert "changed in the meantime" in change.closing_note


def test_whoever_asked_must_still_be_an_administrator(
    creator: User, admin: User, second_admin: User, make: Callable[..., User]
) -> None:
    change = ask_role(creator, admin)
    User.objects.filter(pk=admin.pk).update(role=Role.CREATOR)
    with pytest.raises(Conflict):
        changes.approve_change(change=change, by=second_admin)
    change.refresh_from_db()
    assert change.state == ChangeState.OVERTAKEN


def test_an_approver_who_lost_the_role_meanwhile_approves_nothing(
    creator: User, admin: User, second_admin: User
) -> None:
    change = ask_role(creator, admin)
    User.objects.filter(pk=second_admin.pk).update(role=Role.CREATOR)  # `second_admin` was read before
    with pytest.raises(NotAllowed):
        changes.approve_change(change=change, by=second_admin)
    change.refresh_from_db()
    assert change.state == ChangeState.WAITING


def test_a_creator_with_linked_accounts_does_not_become_staff(creator: User, admin: User, second_admin: User) -> None:
    account = LinkedAccount.objects.create(person=creator, platform="fake", external_id="1", handle="ana")
    with pytest.raises(NotAllowed, match="linked platform accounts"):
        ask_role(creator, admin)
    links.end_all_links(person=creator)
    change = ask_role(creator, admin)
    LinkedAccount.objects.create(person=creator, platform="fake", external_id=account.external_id, handle="ana")
    with pytest.raises(Conflict, match="linked platform accounts"):
        changes.approve_change(change=change, by=second_admin)


def test_refused_invitation_keeps_no_address(admin: User, second_admin: User) -> None:
    change = staff.invite_staff(email="n@example.org", display_name="N", role=Role.ADMIN, reason="x", by=admin)
    assert isinstance(change, ChangeRequest)
    assert not User.objects.filter(email="n@example.org").exists()
    changes.refuse_change(change=change, reason="unknown", by=second_admin)
    change.refresh_from_db()
    assert "n@example.org" not in str(change.after)


@pytest.mark.django_db(transaction=True)
def test_of_several_decisions_at_the_same_moment_one_goes_through(
    creator: User, admin: User, second_admin: User, make: Callable[..., User]
) -> None:
    third = make("third", Role.ADMIN)
    change = ask_role(creator, admin)

    rows = [ChangeRequest.objects.get(pk=change.pk) for _number in range(6)]

    def decide(number: int) -> str:
        row = rows[number]
        try:
            if number % 3 == 0:
                changes.withdraw_change(change=row, by=admin)
            else:
                changes.approve_change(change=row, by=second_admin if number % 2 else third)
        except (Conflict, NotAllowed):
            return "late"
        return "done"

    results = at_once(*(partial(decide, number) for number in range(6)))
    assert sorted(map(str, results)) == ["done", *["late"] * 5]
    assert Intervention.objects.count() == (ChangeRequest.objects.get().state == ChangeState.DONE)


def test_the_page_says_what_will_happen_and_lets_the_second_decide(
    client: Client, creator: User, admin: User, second_admin: User
) -> None:
    client.force_login(admin)
    answer = client.post(
        reverse("admin:people_user_role", args=[creator.pk]), {"role": Role.ADMIN, "reason": "runs it"}, follow=True
    )
    page = answer.content.decode()
    assert "Nothing has changed yet" in page
    assert "approve such changes" in page
    assert 'value="approve"' not in page
    address = answer.redirect_chain[-1][0]
    client.force_login(second_admin)
    assert 'value="approve"' in client.get(address).content.decode()
    empty = client.post(address, {"verb": "refuse", "reason": ""})
    assert "reason" in empty.context["form"].errors
    client.post(address, {"verb": "approve"})
    creator.refresh_from_db()
    assert creator.role == Role.ADMIN
    assert "nothing to decide" in client.post(address, {"verb": "approve"}, follow=True).content.decode()


def test_role_form_keeps_what_was_typed_and_says_the_conflict(client: Client, creator: User, admin: User) -> None:
    LinkedAccount.objects.create(person=creator, platform="fake", external_id="1", handle="ana")
    client.force_login(admin)
    answer = client.post(
        reverse("admin:people_user_role", args=[creator.pk]), {"role": Role.REVIEWER, "reason": "hired today"}
    )
    assert "must unlink them first" in answer.content.decode()
    assert "hired today" in answer.content.decode()
    assert not ChangeRequest.objects.exists()


def test_every_kind_is_carried_out_by_somebody() -> None:
    assert set(policies.change_kinds) == {
        "people.role", "people.invitation", "people.deactivation", "people.reactivation",
        "people.api_client", "people.api_client_scopes", "people.api_client_secret",
        "webhooks.endpoint", "webhooks.endpoint_change", "webhooks.endpoint_secret",
        "rows.changed", "rows.added", "rows.deleted", "certification.publication",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["access", "role"])
def test_of_two_administrators_neither_removes_the_other_against_an_objection(
    admin: User, second_admin: User, kind: str
) -> None:
    if kind == "access":
        change = staff.deactivate_person(person=second_admin, reason="left", by=admin)
    else:
        change = staff.change_role(person=second_admin, role=Role.CREATOR, reason="left", by=admin)
    assert change is not None
    assert change.state == ChangeState.DELAYED
    about = Letter.objects.get(kind="people/email/change_asked", person=second_admin)
    assert "you can object until then" in str(compose_letter(about).body)
    with pytest.raises(Invalid):
        changes.object_to_change(change=change, reason=" ", by=second_admin)
    with pytest.raises(NotAllowed):
        changes.object_to_change(change=change, reason="x", by=admin)
    changes.object_to_change(change=change, reason="I have not left", by=second_admin)
    with clock.freeze_time(change.asked_at + timedelta(hours=25)):
        assert changes.carry_out_due_changes() == 0
    second_admin.refresh_from_db()
    assert (second_admin.is_active, second_admin.role) == (True, Role.ADMIN)
    assert (change.state, change.closed_by, change.closing_note) == ("refused", second_admin, "I have not left")
    assert AuditEvent.objects.filter(event="people.changerequest.objected", actor=second_admin.public_id).exists()


def test_with_a_third_administrator_the_concerned_cannot_end_the_request(
    admin: User, second_admin: User, make: Callable[..., User]
) -> None:
    make("third", Role.ADMIN)
    change = staff.deactivate_person(person=second_admin, reason="left", by=admin)
    assert change is not None
    assert change.state == ChangeState.WAITING
    with pytest.raises(NotAllowed):
        changes.object_to_change(change=change, reason="no", by=second_admin)


def test_the_concerned_gets_a_letter_at_once_and_when_it_ends(creator: User, admin: User, second_admin: User) -> None:
    change = ask_role(creator, admin)
    letter = Letter.objects.get(person=creator)
    assert "Nothing has changed yet" in str(compose_letter(letter).body)
    changes.refuse_change(change=change, reason="no", by=second_admin)
    assert Letter.objects.filter(person=creator, kind="people/email/change_concerned").count() == 2


def test_the_page_lets_the_concerned_object_with_a_reason(client: Client, admin: User, second_admin: User) -> None:
    change = staff.deactivate_person(person=second_admin, reason="left", by=admin)
    assert change is not None
    address = reverse("admin:people_changerequest_change", args=[change.pk])
    client.force_login(second_admin)
    assert 'value="object"' in client.get(address).content.decode()
    assert "reason" in client.post(address, {"verb": "object", "reason": ""}).context["form"].errors
    assert "I am here" in client.post(address, {"verb": "object", "reason": "I am here"}, follow=True).content.decode()


def test_whoever_runs_the_server_ends_an_administrator(admin: User, second_admin: User) -> None:
    out = StringIO()
    call_command("end_administrator", second_admin.email, reason="they cannot agree", stdout=out)
    second_admin.refresh_from_db()
    assert not second_admin.is_active
    assert second_admin.public_id in out.getvalue()
    row = Intervention.objects.get()
    assert (row.by, row.reason) == (None, "they cannot agree")
    assert AuditEvent.objects.get(event="people.user.deactivated").data["intervention"] == row.pk
    assert Letter.objects.filter(kind="people/email/administrator_ended", person=admin).exists()
    call_command("end_administrator", admin.email, reason="they are gone", stdout=out)
    assert not User.objects.active_admins().exists()
    with pytest.raises(CommandError, match="no administrator"):
        call_command("end_administrator", admin.email, reason="again", stdout=out)
