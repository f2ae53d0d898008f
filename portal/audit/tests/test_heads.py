"""Signed daily heads: what the owner of the database could do unseen with whole chains is found."""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pgtrigger
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core import mail
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from portal import clock, grants
from portal.audit import heads, trail
from portal.audit.models import AuditEvent
from portal.jobs import runner
from portal.people.models import Agency
from portal.testing.concurrency import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("storage")]
START = datetime(2026, 3, 1, 3, tzinfo=UTC)
_INSERT = "insert into audit_auditevent (chain, number, event, at, actor, subject, data, digest)"
PRIVATE = Ed25519PrivateKey.generate()


@pytest.fixture(autouse=True)
def _signing_key(settings: Settings) -> None:
    settings.AUDIT_SIGNING_KEY = base64.b64encode(PRIVATE.private_bytes_raw()).decode()


@pytest.fixture
def history(storage: Path) -> Iterator[None]:
    """A chain a day, for three days, each with two events and a head; the last head is two days later."""
    for day, code in enumerate("abc"):
        with clock.freeze_time(START + timedelta(days=day)):
            agency = Agency.objects.create(code=code, name=code)
            trail.record_event("people.agency.made", agency, by=None)
            trail.record_event("people.agency.renamed", agency, by=None)
            heads.write_due_head()
    with clock.freeze_time(START + timedelta(days=5)):
        heads.write_due_head()
        yield


def _verify() -> list[str]:
    return heads.verify_heads(default_storage, heads.public_key())


def _forge(*statements: str) -> None:
    """Act as the owner of the database, who can switch every guard off and compute every digest."""
    triggers = ("audit.AuditEvent:append_only",)
    with grants.as_database_owner(connection), pgtrigger.ignore(*triggers), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.usefixtures("history")
def test_an_honest_trail_agrees_with_its_heads() -> None:
    assert _verify() == []
    days = [name[:10] for name in sorted(default_storage.listdir(heads.FOLDER)[1]) if name.endswith(".json")]
    assert days == ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-06"]
    # A chain that goes on after the heads is no contradiction.
    trail.record_event("people.agency.closed", Agency.objects.get(code="a"), by=None)
    assert _verify() == []


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["delete from audit_auditevent where chain = '{a}'"], "was changed or removed"),
        (["delete from audit_auditevent where chain = '{c}' and number = 2"], "was changed or removed"),
        (
            [
                "create temp table kept as select * from audit_auditevent where chain = '{b}' order by number",
                "delete from audit_auditevent where chain = '{b}'",
                f"{_INSERT} select chain, 0, event, at, 'p_other', subject, data, '' from kept order by number",
            ],
            "was changed or removed",
        ),
        (
            [
                f"{_INSERT} select '{{new}}', 0, event, at, actor, subject, data, '' from audit_auditevent limit 1",
            ],
            "was put in later",
        ),
    ],
)
@pytest.mark.usefixtures("history")
def test_a_rewritten_trail_is_found(statements: list[str], found: str) -> None:
    names = {agency.code: f"people.agency:{agency.pk}" for agency in Agency.objects.all()} | {"new": "people.agency:0"}
    _forge(*[statement.format(**names) for statement in statements])
    assert trail.broken_links() == [], "the chains alone do not show it"
    assert [found in line for line in _verify()][:1] == [True]
    with pytest.raises(CommandError, match=found):
        call_command("verify_audit", heads=True)


@pytest.mark.usefixtures("history")
def test_heads_that_were_changed_or_removed_do_not_hold(storage: Path) -> None:
    folder, kept = storage / heads.FOLDER, storage.parent / "kept"
    shutil.copytree(folder, kept / heads.FOLDER)
    damages: dict[str, Callable[[], object]] = {
        "is missing or was changed": (folder / "2026-03-02.json").unlink,
        "is not signed": lambda: _replace(folder / "2026-03-02.json", '"chains":2', '"chains":3'),
        "The chains of 2026-03-03.json were changed": lambda: _replace(_chains(folder, "2026-03-03"), " 2 ", " 1 "),
        "chains is missing": lambda: _chains(folder, "2026-03-06").unlink(),
    }
    for said, damage in damages.items():
        damage()
        with pytest.raises(heads.HeadsBroken, match=said):
            _verify()
        shutil.rmtree(folder)
        shutil.copytree(kept / heads.FOLDER, folder)
    assert heads.verify_heads(FileSystemStorage(kept), heads.public_key()) == []
    other = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    with pytest.raises(heads.HeadsBroken, match="not signed"):
        heads.verify_heads(FileSystemStorage(kept), other)


def _chains(folder: Path, day: str) -> Path:
    return folder / f"{json.loads((folder / f'{day}.json').read_text())['chains_sha256']}.chains"


def _replace(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def test_a_head_is_written_once_a_day_and_mailed(settings: Settings) -> None:
    settings.AUDIT_HEADS_TO = ["auditor@example.org"]
    trail.record_event("people.agency.made", Agency.objects.create(code="a", name="a"), by=None)
    with clock.freeze_time(clock.now()):
        at_once(heads.write_due_head, heads.write_due_head)
        heads.write_due_head()
        runner.run_due_jobs(of=[heads.MAIL_KIND])
    (letter,) = mail.outbox
    (head,) = [name for name in default_storage.listdir(heads.FOLDER)[1] if name.endswith(".json")]
    with default_storage.open(f"{heads.FOLDER}/{head}") as file:
        assert file.read().decode() in letter.body
    assert AuditEvent.objects.count() == 1
    assert _verify() == []


def test_a_head_whose_writer_died_before_the_mail_is_mailed(settings: Settings) -> None:
    trail.record_event("people.agency.made", Agency.objects.create(code="a", name="a"), by=None)
    with clock.freeze_time(clock.now()):
        heads.write_due_head()
        settings.AUDIT_HEADS_TO = ["auditor@example.org"]
        heads.write_due_head()
        runner.run_due_jobs(of=[heads.MAIL_KIND])
    assert len(mail.outbox) == 1


def test_a_head_that_was_cut_off_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    trail.record_event("people.agency.made", Agency.objects.create(code="a", name="a"), by=None)
    save, calls = heads._save, []

    def die_at_the_second(name: str, content: bytes) -> bool:
        calls.append(name)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return save(name, content)

    monkeypatch.setattr(heads, "_save", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        heads.write_due_head()
    assert heads.newest_head(default_storage) is None
    monkeypatch.setattr(heads, "_save", save)
    trail.record_event("people.agency.renamed", Agency.objects.get(), by=None)
    heads.write_due_head()
    assert _verify() == []


def test_without_a_key_no_head_is_written(settings: Settings) -> None:
    settings.AUDIT_SIGNING_KEY, settings.DEMO = "", False
    heads.write_due_head()
    assert heads.newest_head(default_storage) is None
    with pytest.raises(CommandError, match="AUDIT_SIGNING_KEY"):
        call_command("verify_audit", heads=True)


def test_a_demo_makes_its_own_key(settings: Settings, tmp_path: Path) -> None:
    settings.AUDIT_SIGNING_KEY, settings.DATA_DIR = "", tmp_path
    keys = at_once(heads.public_key, heads.public_key)
    assert keys[0] == keys[1] == heads.public_key()
    assert (tmp_path / "audit.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("history")
def test_heads_that_are_no_longer_written_are_no_proof(tmp_path: Path, storage: Path) -> None:
    call_command("verify_audit", heads=True)
    shutil.copytree(storage / heads.FOLDER, tmp_path / heads.FOLDER)
    with clock.freeze_time(START + timedelta(days=5, hours=25)):
        call_command("verify_audit", heads=True)
    with clock.freeze_time(START + timedelta(days=5, hours=27)):
        with pytest.raises(CommandError, match="none was written in the last 26 hours"):
            call_command("verify_audit", heads=True)
        call_command("verify_audit", heads_in=tmp_path)
