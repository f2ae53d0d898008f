"""The first administrator of a new site, and the ways in which there is none."""

import re
from functools import partial
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from portal.audit import trail
from portal.people.actions.first_administrator import create_first_administrator
from portal.people.models import User
from portal.people.roles import Role
from portal.testing.concurrency import at_once

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = StringIO()
    call_command("create_first_administrator", *args, stdout=out)
    return out.getvalue()


def test_what_is_printed_opens_the_site(client: Client, settings: Settings) -> None:
    settings.SECOND_FACTOR_ENFORCED = True
    shown = run("Ana@Example.org", "--name", "Ana", "--language", "zh-hans")
    person = User.objects.get()
    assert (person.email, person.role, person.display_name, person.language) == (
        "ana@example.org", Role.ADMIN, "Ana", "zh-hans",
    )  # fmt: skip
    found = dict(re.findall(r"^  (Password|App secret) +(\S+)$", shown, re.MULTILINE))
    client.post("/accounts/login/", {"login": "ana@example.org", "password": found["Password"]})
    counters = list(yield_hotp_counters_from_time())
    code = format_hotp_value(hotp_value(found["App secret"], counters[len(counters) // 2]))
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.get("/admin/").status_code == 200
    assert f"secret={found['App secret']}" in shown
    codes = RecoveryCodes(Authenticator.objects.get(user=person, type="recovery_codes")).get_unused_codes()
    assert all(code in shown for code in codes)
    event = trail.events_of(trail.subject_of(person)).get()
    assert (event.event, event.actor, event.data) == ("people.user.made_first_administrator", "", {})


def test_there_is_one_first_administrator(admin: User) -> None:
    with pytest.raises(CommandError, match="administrator already"):
        run("ana@example.org")
    assert User.objects.get() == admin


def test_a_creator_is_not_turned_into_one(creator: User) -> None:
    with pytest.raises(CommandError, match="account with this address"):
        run(creator.email)
    creator.refresh_from_db()
    assert creator.role == Role.CREATOR


@pytest.mark.parametrize("address", ["nobody", "ana@visitor.invalid"])
def test_the_address_must_take_mail(address: str) -> None:
    with pytest.raises(CommandError):
        run(address)


def test_administrators_of_a_demo_count_for_nothing_elsewhere(admin: User, settings: Settings) -> None:
    User.objects.update(is_demo=True)
    settings.DEMO = False
    run("ana@example.org")
    assert [person.email for person in User.objects.active_admins()] == ["ana@example.org"]


@pytest.mark.django_db(transaction=True)
def test_two_commands_at_the_same_moment_make_one() -> None:
    make = partial(create_first_administrator, display_name="A", language="en")
    at_once(*(partial(make, email=f"{number}@example.org") for number in range(4)))
    assert User.objects.active_admins().count() == 1


def test_django_s_own_command_refuses() -> None:
    with pytest.raises(CommandError, match="create_first_administrator"):
        call_command("createsuperuser")
