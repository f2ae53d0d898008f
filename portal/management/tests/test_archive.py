"""A backup put back into an empty place gives the same rows, files that open, and rights that hold."""

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from portal import localservers
from portal.localservers import keys

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow

FILL = """
from django.core.files.base import ContentFile
from portal.people.models import User
from portal.audit import trail
from portal.evidence.actions import files
from portal.testing import sample_documents
user = User.objects.create_user("someone@example.org", "some password 1")
files.store_file(ContentFile(sample_documents.make_pdf("A licence"), name="licence.pdf"), by=user, purpose="test")
trail.record_event("test.something.done", by=user, on=user)
"""
LOOK = """
import hashlib, json
from django.db import connection
from portal.audit import trail
from portal import vault
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
tables = connection.introspection.table_names()
state = {}
with connection.cursor() as cursor:
    for table in sorted(tables):
        cursor.execute(f'SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), \\'\\')) FROM "{table}" t')
        state[table] = cursor.fetchone()[0]
    cursor.execute("SELECT has_table_privilege(current_user, 'audit_auditevent', 'DELETE')")
    state["may delete history"] = cursor.fetchone()[0]
    cursor.execute("SELECT current_user")
    state["role"] = cursor.fetchone()[0]
state["files"] = [hashlib.sha256(files.file_content(file)).hexdigest() == file.sha256 for file in EvidenceFile.objects.all()]
state["fingerprint"] = vault.keyed_fingerprint("110000199001011234")
state["broken links"] = trail.broken_links()
print("STATE", json.dumps(state))
"""


def _manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _look(environment: dict[str, str]) -> dict[str, object]:
    result = _manage(environment, "shell", "-v", "0", "-c", LOOK)
    assert result.returncode == 0, result.stderr
    state: dict[str, object] = json.loads(result.stdout.split("STATE", 1)[1])
    return state


@pytest.fixture
def filled(environment: dict[str, str]) -> dict[str, str]:
    """A place with a person, an encrypted file and a line of history."""
    for command in (["migrate", "-v", "0"], ["shell", "-v", "0", "-c", FILL]):
        result = _manage(environment, *command)
        assert result.returncode == 0, result.stderr
    return environment


def test_a_backup_restores_into_an_empty_place(filled: dict[str, str], data_dir: Path) -> None:
    before, archive = _look(filled), data_dir.parent / "backup.tar"
    made = _manage(filled, "backup", str(archive))
    assert made.returncode == 0, made.stderr
    assert archive.stat().st_mode & 0o777 == 0o600
    assert _manage(filled, "backup", str(archive)).stderr.startswith("CommandError: "), "never over another"
    elsewhere = data_dir.parent / "elsewhere"
    empty = filled | {"DATA_DIR": str(elsewhere)}
    try:
        restored = _manage(empty, "restore", str(archive))
        assert restored.returncode == 0, restored.stderr
        assert _look(empty) == before
        assert before["files"] == [True]
        assert (before["role"], before["may delete history"], before["broken links"]) == ("portal_app", False, [])
        assert keys.load_keys(elsewhere) == keys.load_keys(data_dir)
        # Its migrations are known as applied: the next start changes nothing.
        assert "No migrations to apply" in _manage(empty, "migrate").stdout
        again = _manage(empty, "restore", str(archive))
        assert again.returncode != 0
        assert "not empty" in again.stderr
    finally:
        localservers.stop_servers(elsewhere)


def test_a_damaged_archive_is_refused_and_nothing_is_touched(filled: dict[str, str], data_dir: Path) -> None:
    archive = data_dir.parent / "backup.tar"
    assert _manage(filled, "backup", str(archive)).returncode == 0
    whole = archive.read_bytes()
    with tarfile.open(archive) as members:
        place = members.getmember("database.dump").offset_data + 100
    damaged = {
        "changed": whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
        "cut short": whole[: len(whole) // 2],
        "empty": b"",
        "no archive": b"hello" * 1000,
    }
    elsewhere = data_dir.parent / "elsewhere"
    for name, content in damaged.items():
        archive.write_bytes(content)
        result = _manage(filled | {"DATA_DIR": str(elsewhere)}, "restore", str(archive))
        assert "is not a complete backup" in result.stderr, name
        assert not (elsewhere / "pg").exists(), "verified before anything is started"
    archive.write_bytes(whole)
    assert "Complete; made at" in _manage(filled, "restore", "--verify", str(archive)).stdout


def test_keys_of_the_environment_must_open_the_backup(filled: dict[str, str], data_dir: Path) -> None:
    archive, written = data_dir.parent / "backup.tar", data_dir.parent / "keys.env"
    assert _manage(filled, "backup", str(archive)).returncode == 0
    other = keys.load_keys(data_dir.parent / "other")
    elsewhere = data_dir.parent / "elsewhere"
    given = {"DATA_DIR": str(elsewhere), "SECRET_KEY": other.secret_key}
    given["EVIDENCE_KEYS"] = other.evidence_keys[0].replace("demo:", "mine:")
    try:
        refused = _manage(filled | given, "restore", str(archive))
        assert "EVIDENCE_KEYS lacks demo" in refused.stderr
        assert _manage(filled, "restore", str(archive), "--keys-to", str(written)).returncode == 0
        assert written.stat().st_mode & 0o777 == 0o600
        lines = dict(line.split("=", 1) for line in written.read_text().splitlines())
        given["EVIDENCE_KEYS"] = lines["EVIDENCE_KEYS"] + "," + given["EVIDENCE_KEYS"]
        assert "in the last place" in _manage(filled | given, "restore", str(archive)).stderr
        given["EVIDENCE_KEYS"] = ",".join(reversed(given["EVIDENCE_KEYS"].split(",")))
        accepted = _manage(filled | given, "restore", str(archive))
        assert accepted.returncode == 0, accepted.stderr
    finally:
        localservers.stop_servers(elsewhere)
