"""A backup put back into an empty place gives the same rows, files that open, and rights that hold."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.localservers import keys
from portal.testing.processes import environment_of, own_data_dir, run_manage

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


def _look(environment: dict[str, str]) -> dict[str, object]:
    result = run_manage("shell", "-v", "0", "-c", LOOK, environment=environment)
    assert result.returncode == 0, result.stderr
    state: dict[str, object] = json.loads(result.stdout.split("STATE", 1)[1])
    return state


@pytest.fixture(scope="module")
def filled_dir() -> Iterator[Path]:
    """A data folder with a person, an encrypted file and a line of history; the tests only read it."""
    with own_data_dir() as folder:
        for command in (["migrate", "-v", "0"], ["shell", "-v", "0", "-c", FILL]):
            result = run_manage(*command, environment=environment_of(folder))
            assert result.returncode == 0, result.stderr
        yield folder


@pytest.fixture
def filled(filled_dir: Path) -> dict[str, str]:
    return environment_of(filled_dir)


@pytest.fixture(scope="module")
def archive(filled_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the filled folder."""
    path = tmp_path_factory.mktemp("archive") / "backup.tar"
    made = run_manage("backup", str(path), environment=environment_of(filled_dir))
    assert made.returncode == 0, made.stderr
    return path


def test_a_backup_restores_into_an_empty_place(
    filled: dict[str, str], filled_dir: Path, archive: Path, data_dir: Path, environment: dict[str, str]
) -> None:
    before = _look(filled)
    assert archive.stat().st_mode & 0o777 == 0o600
    refused = run_manage("backup", str(archive), environment=filled)
    assert refused.stderr.startswith("CommandError: "), "never over another"
    restored = run_manage("restore", str(archive), environment=environment)
    assert restored.returncode == 0, restored.stderr
    assert _look(environment) == before
    assert before["files"] == [True]
    assert (before["role"], before["may delete history"], before["broken links"]) == ("portal_app", False, [])
    assert keys.load_keys(data_dir) == keys.load_keys(filled_dir)
    # Its migrations are known as applied: the next start changes nothing.
    assert "No migrations to apply" in run_manage("migrate", environment=environment).stdout
    again = run_manage("restore", str(archive), environment=environment)
    assert again.returncode != 0
    assert "not empty" in again.stderr


def test_a_damaged_archive_is_refused_and_nothing_is_touched(
    filled: dict[str, str], archive: Path, data_dir: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    whole = archive.read_bytes()
    with tarfile.open(archive) as members:
        place = members.getmember("database.dump").offset_data + 100
    damaged = {
        "changed": whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
        "cut short": whole[: len(whole) // 2],
        "empty": b"",
        "no archive": b"hello" * 1000,
    }
    for name, content in damaged.items():
        (tmp_path / name).write_bytes(content)
        result = run_manage("restore", str(tmp_path / name), environment=environment)
        assert "is not a complete backup" in result.stderr, name
        assert not (data_dir / "pg").exists(), "verified before anything is started"
    assert "Complete; made at" in run_manage("restore", "--verify", str(archive), environment=filled).stdout


def test_keys_of_the_environment_must_open_the_backup(
    filled: dict[str, str], archive: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    written = tmp_path / "keys.env"
    other = keys.load_keys(tmp_path / "other")
    given = environment | {"SECRET_KEY": other.secret_key}
    given["EVIDENCE_KEYS"] = other.evidence_keys[0].replace("demo:", "mine:")
    refused = run_manage("restore", str(archive), environment=given)
    assert "EVIDENCE_KEYS lacks demo" in refused.stderr
    assert run_manage("restore", str(archive), "--keys-to", str(written), environment=filled).returncode == 0
    assert written.stat().st_mode & 0o777 == 0o600
    lines = dict(line.split("=", 1) for line in written.read_text().splitlines())
    given["EVIDENCE_KEYS"] = lines["EVIDENCE_KEYS"] + "," + given["EVIDENCE_KEYS"]
    assert "in the last place" in run_manage("restore", str(archive), environment=given).stderr
    given["EVIDENCE_KEYS"] = ",".join(reversed(given["EVIDENCE_KEYS"].split(",")))
    accepted = run_manage("restore", str(archive), environment=given)
    assert accepted.returncode == 0, accepted.stderr
