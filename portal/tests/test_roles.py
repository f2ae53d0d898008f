"""Every URL as every role against the table; careful headers, nothing inline, nothing private on the way."""

import logging
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.jobs import heartbeat
from portal.jobs.models import Job, JobState
from portal.people.models import User
from portal.pools import POOLS
from portal.tests import role_walk as walk
from portal.tests.role_table import ADMIN, ROWS

pytestmark = pytest.mark.django_db

_INLINE = re.compile(
    rb"""<style|<[^>]+\s(?:style|on[a-z]+)\s*=|<script(?![^>]*\ssrc=)(?![^>]*application/json)""", re.IGNORECASE
)
_ADDRESS = re.compile(rb"""(?:href|src|action|hx-get|hx-post)="([^"]*)\"""")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Answers that are the same for everybody may be kept for a moment.
_SHARED = (
    *("certification_api:areas", "certification_api:certificate", "certification_api:professions", "api_", "metrics"),
    *("certification:credential", "certification:badge", "certification:pdf", "certification:status_list", "healthz"),
    *("certification:oembed", "certification:did_document"),
)


def rows() -> list[list[str]]:
    return [line.split() for line in ROWS.strip().splitlines() if not line.startswith("#")]


def admin_rows() -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in ADMIN.strip().splitlines()}


def test_table_names_every_url_and_none_that_is_gone() -> None:
    tabled = {row[0] for row in rows()}
    pages = {
        f"admin:{prefix}_{what}"
        for prefix in admin_rows()
        for what in ("changelist", "add", "change", "delete", "history")
    }
    assert walk.all_names() == tabled | pages
    assert set(admin_rows()) == set(walk.admin_pages())


@pytest.mark.parametrize("role", walk.ROLES)
def test_role_gets_what_the_table_says(role: str, world: walk.World, caplog: pytest.LogCaptureFixture) -> None:
    client = walk.client_of(world, role)
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        wrong = [problem for row in rows() for problem in _walk(world, client, role, row)]
        wrong += _walk_admin(world, client, role)
    wrong += _private_in_logs(world, caplog)
    assert not wrong, "\n".join(wrong)


def _walk(world: walk.World, client: Client, role: str, row: list[str]) -> list[str]:
    name, wanted, method, *outcomes = row
    args = [] if wanted == "-" else world.args[wanted.replace("_", " ")]
    if name == "healthz":
        heartbeat.record_heartbeat(POOLS)
        heartbeat.record_heartbeat()  # the cache, where it is kept, is emptied before every test
        # On a busy machine the world is older than work may wait.
        Job.objects.filter(state=JobState.QUEUED).update(run_after=clock.now())
    answer = walk.ask(client, method.lower(), reverse(name, args=args))
    got, expected = walk.outcome(answer), outcomes[walk.ROLES.index(role)]
    told = [] if got == expected else [f"{method} {name}: {got}, not {expected}"]
    return told + [f"{method} {name}: {problem}" for problem in _problems(world, name, role, answer)]


def _walk_admin(world: walk.World, client: Client, role: str) -> list[str]:
    told = []
    for prefix, model in walk.admin_pages().items():
        there = admin_rows()[prefix]
        row = model.objects.order_by("pk").first()
        for what, shown in zip(("changelist", "add", "change", "delete", "history"), there, strict=True):
            needs_row = what not in {"changelist", "add"}
            if needs_row and row is None and role == "admin":
                continue
            args = [row.pk if row else 0] if needs_row else []
            answer = walk.ask(client, "get", reverse(f"admin:{prefix}_{what}", args=args))
            expected = {"anonymous": "in", "respondent": "in", "admin": "403" if shown == "-" else "200"}.get(
                role, "403"
            )
            if walk.outcome(answer) != expected:
                told.append(f"admin:{prefix}_{what}: {walk.outcome(answer)}, not {expected}")
            told += [f"admin:{prefix}_{what}: {problem}" for problem in _problems(world, "admin:", role, answer)]
    return told


def _problems(world: walk.World, name: str, role: str, answer: HttpResponse) -> list[str]:
    body = b"" if answer.streaming else answer.content
    found = [
        f"{header} is {answer.headers.get(header)}"
        for header, value in _HEADERS.items()
        if answer.headers.get(header) != value
    ]
    if not _is_strict(answer.headers.get("Content-Security-Policy", "")):
        found.append("no strict Content-Security-Policy")
    permissions = answer.headers.get("Permissions-Policy", "")
    if ("camera=(self)" if b"data-camera" in body else "camera=()") not in permissions:
        found.append(f"Permissions-Policy is {permissions}")
    if role not in {"anonymous", "respondent"} and not name.startswith(_SHARED) and not _is_kept_private(answer):
        found.append(f"may be kept: {answer.headers.get('Cache-Control')}")
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        found += [f"inline: {match.group()[:80]!r}" for match in _INLINE.finditer(body)]
    return found + _private_on_the_way(world, role, answer, body)


def _is_strict(policy: str) -> bool:
    return "default-src 'none'" in policy and "unsafe" not in policy


def _is_kept_private(answer: HttpResponse) -> bool:
    if answer.status_code in {301, 302}:
        return True
    return any(word in answer.headers.get("Cache-Control", "") for word in ("no-store", "private"))


def _private_on_the_way(world: walk.World, role: str, answer: HttpResponse, body: bytes) -> list[str]:
    person = world.people["creator"]
    assert isinstance(person, User)
    addresses = [answer.headers.get("Location", "").encode(), *_ADDRESS.findall(body)]
    marks = [person.email.encode(), walk.NAME.encode(), walk.NAME.replace(" ", "%20").encode()]
    found = [f"personal data in {address!r}" for address in addresses if any(mark in address for mark in marks)]
    if role not in {"creator", "holder"}:
        found += [f"shows {mark!r}" for mark in _only_for_holders(world) if mark in body]
    # Who holds the complaint sees its contact data after pressing a button, and the look is logged.
    if role not in {"creator", "judge"} and walk.ADDRESS.encode() in body:
        found.append("shows the complainant's address")
    return found


def _only_for_holders(world: walk.World) -> list[bytes]:
    """What stands on the pages of those who decide, and on theirs, and nowhere else."""
    masked = world.application.credentials.exclude(identifier_masked="").values_list("identifier_masked", flat=True)
    return [walk.STATEMENT.encode(), *(mark.encode() for mark in masked)]


def _private_in_logs(world: walk.World, caplog: pytest.LogCaptureFixture) -> list[str]:
    said = "\n".join(f"{record.getMessage()} {_extra(record)}" for record in caplog.records)
    people = [person for person in world.people.values() if person is not None]
    marks = [*(person.email for person in people), walk.NAME, walk.STATEMENT, walk.ADDRESS]
    return [f"the logs name {mark}" for mark in marks if mark in said]


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in {"msg", "args", "exc_info"}}
