"""A backup put back into an empty place gives the same rows, files that open, and rights that hold."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.localservers import keys
from portal.localservers.private import environment_of, own_data_dir
from portal.management.backups import folder
from portal.testing.processes import run_manage

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
def backup(filled_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> folder.Backup:
    """A backup of the filled folder."""
    backups = tmp_path_factory.mktemp("backups") / "daily"
    made = run_manage("backup", str(backups), "--with-keys", environment=environment_of(filled_dir))
    assert made.returncode == 0, made.stderr
    return folder.find_backup(backups)


def test_a_backup_restores_into_an_empty_place(
    filled: dict[str, str], filled_dir: Path, backup: folder.Backup, data_dir: Path, environment: dict[str, str]
) -> None:
    before = _look(filled)
    assert backup.path.stat().st_mode & 0o077 == 0
    assert {path.stat().st_mode & 0o077 for path in backup.path.rglob("*")} == {0}
    restored = run_manage("restore", str(backup.path.parent), environment=environment)
    assert restored.returncode == 0, restored.stderr
    assert _look(environment) == before
    assert before["files"] == [True]
    assert (before["role"], before["may delete history"], before["broken links"]) == ("portal_app", False, [])
    assert keys.load_keys(data_dir) == keys.load_keys(filled_dir)
    # Its migrations are known as applied: the next start changes nothing.
    assert "No migrations to apply" in run_manage("migrate", environment=environment).stdout
    again = run_manage("restore", str(backup), environment=environment)
    assert again.returncode != 0
    assert "not empty" in again.stderr


def test_the_next_backup_copies_only_new_files(filled_dir: Path, backup: folder.Backup, tmp_path: Path) -> None:
    first = tmp_path / "backups" / "2001-01-01T00-00-00Z"
    shutil.copytree(backup.path, first)
    made = run_manage("backup", str(first.parent), environment=environment_of(filled_dir))
    assert "of which 0.0 MB are not in the backup before" in made.stdout, made.stderr
    second = folder.find_backup(first.parent)
    names = [file.name for file in second.files()]
    assert names
    for name in names:
        assert second.place_of(name).samefile(first / "files" / name)
    shutil.rmtree(first)
    second.verify()


def test_a_damaged_file_is_copied_again(filled_dir: Path, backup: folder.Backup, tmp_path: Path) -> None:
    first = tmp_path / "backups" / "2001-01-01T00-00-00Z"
    shutil.copytree(backup.path, first)
    (name, *_others) = [file.name for file in backup.files()]
    (first / "files" / name).write_bytes(b"cut")
    assert run_manage("backup", str(first.parent), environment=environment_of(filled_dir)).returncode == 0
    folder.find_backup(first.parent).verify()


def test_old_backups_are_removed(filled_dir: Path, backup: folder.Backup, tmp_path: Path) -> None:
    for year in (2001, 2002, 2003):
        shutil.copytree(backup.path, tmp_path / "backups" / f"{year}-01-01T00-00-00Z")
    made = run_manage("backup", str(tmp_path / "backups"), "--keep", "2", environment=environment_of(filled_dir))
    assert made.returncode == 0, made.stderr
    left = folder.list_backups(tmp_path / "backups")
    assert [each.path.name[:4] for each in left][:-1] == ["2003"]
    assert len(left) == 2


def test_a_killed_backup_leaves_the_one_before_and_no_room_taken(
    filled_dir: Path, backup: folder.Backup, tmp_path: Path
) -> None:
    backups = tmp_path / "backups"
    first = backups / "2001-01-01T00-00-00Z"
    shutil.copytree(backup.path, first)
    command = [sys.executable, "manage.py", "backup", str(backups)]
    with subprocess.Popen(command, env=environment_of(filled_dir), stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while not any(folder.drafts(backups)) and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert any(folder.drafts(backups)), "killed before it was complete"
    assert folder.find_backup(backups).path == first
    folder.find_backup(backups).verify()
    assert run_manage("backup", str(backups), environment=environment_of(filled_dir)).returncode == 0
    assert not any(folder.drafts(backups))
    assert len(folder.list_backups(backups)) == 2


def test_a_damaged_backup_is_refused_and_nothing_is_touched(
    filled: dict[str, str], backup: folder.Backup, data_dir: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    for name in ("database.dump", "keys.json", "files.txt", "manifest.json", _one_file(backup)):
        for damage, change in _DAMAGES.items():
            damaged = tmp_path / damage / name.replace("/", "-")
            shutil.copytree(backup.path, damaged)
            change(damaged / name)
            result = run_manage("restore", str(damaged), environment=environment)
            assert "is not a complete backup" in result.stderr, (name, damage, result.stderr)
            assert not (data_dir / "pg").exists(), "verified before anything is started"
    assert "Complete; made at" in run_manage("restore", "--verify", str(backup), environment=filled).stdout


def _one_file(backup: folder.Backup) -> str:
    return "files/" + next(backup.files()).name


_DAMAGES: dict[str, Callable[[Path], object]] = {
    "changed": lambda path: path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1])),
    "gone": Path.unlink,
}


def test_keys_of_the_environment_must_open_the_backup(
    filled: dict[str, str], backup: folder.Backup, environment: dict[str, str], tmp_path: Path
) -> None:
    written = tmp_path / "keys.env"
    other = keys.load_keys(tmp_path / "other")
    given = environment | {"SECRET_KEY": other.secret_key}
    given["EVIDENCE_KEYS"] = other.evidence_keys[0].replace("demo:", "mine:")
    refused = run_manage("restore", str(backup), environment=given)
    assert "EVIDENCE_KEYS lacks demo" in refused.stderr
    assert run_manage("restore", str(backup), "--keys-to", str(written), environment=filled).returncode == 0
    assert written.stat().st_mode & 0o777 == 0o600
    lines = dict(line.split("=", 1) for line in written.read_text().splitlines())
    given["EVIDENCE_KEYS"] = lines["EVIDENCE_KEYS"] + "," + given["EVIDENCE_KEYS"]
    assert "in the last place" in run_manage("restore", str(backup), environment=given).stderr
    given["EVIDENCE_KEYS"] = ",".join(reversed(given["EVIDENCE_KEYS"].split(",")))
    accepted = run_manage("restore", str(backup), environment=given)
    assert accepted.returncode == 0, accepted.stderr


def test_keys_stay_out_of_a_backup_and_are_asked_for_at_its_restore(
    filled: dict[str, str], filled_dir: Path, data_dir: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    written = tmp_path / "apart" / "keys.env"
    written.parent.mkdir()
    made = run_manage("backup", str(tmp_path / "backups"), "--keys-to", str(written), environment=filled)
    assert "It holds no keys" in made.stdout, made.stderr
    apart = folder.find_backup(tmp_path / "backups")
    kept = keys.load_keys(filled_dir)
    secrets = [kept.secret_key, *(key.partition(":")[2] for key in kept.evidence_keys)]
    small = [path for path in apart.path.rglob("*") if path.is_file() and path.stat().st_size < 1 << 20]
    assert not [path for path in small if any(secret.encode() in path.read_bytes() for secret in secrets)]
    refused = run_manage("restore", str(apart), environment=environment)
    assert "EVIDENCE_KEYS lacks demo" in refused.stderr
    assert (
        "holds no keys"
        in run_manage("restore", str(apart), "--keys-to", str(tmp_path / "x"), environment=filled).stderr
    )
    given = environment | dict(line.split("=", 1) for line in written.read_text().splitlines())
    restored = run_manage("restore", str(apart), environment=given)
    assert restored.returncode == 0, restored.stderr
    assert _look(given)["files"] == [True]
