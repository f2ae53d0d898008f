"""`manage.py screen` with real videos: the edited copy finds its work in the library, another video does not."""

import hashlib
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from complaints import matching
from complaints.library import LIBRARY_VERSION, WorkContent, get_library
from complaints.models import Fingerprint, LibraryEntry, Work
from portal.engines import fingerprints
from portal.engines.fingerprints import Window, closer
from portal.localservers import postgres, valkey
from portal.localservers.private import environment_of, own_data_dir
from portal.media.models import MediaFile
from portal.people.models import User
from portal.sandbox import drawing

pytestmark = pytest.mark.django_db


def held(data: bytes, title: str) -> MediaFile:
    """A registered work with its fingerprint, in the library."""
    owner = User.objects.create_user(f"{title}@example.org", display_name=title)
    media = MediaFile.objects.create(
        owner=owner,
        purpose="complaints.video",
        size=len(data),
        state="ready",
        sha256=hashlib.sha256(data).hexdigest(),
        wrapped_key=b"none",
        kind="video",
        duration=8.0,
    )
    with tempfile.TemporaryFile() as file:
        file.write(data)
        made = fingerprints.fingerprint_video(file)
    Fingerprint.objects.create(media=media, algorithm="pdq", version=str(made.version), data=made.pack())
    Work.objects.create(owner=owner, title=title, media=media)
    get_library().add(media, WorkContent("video", fingerprints.words_to_keep(made), made))
    return media


def screen(path: Path, *options: str) -> tuple[int, str, str]:
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command("screen", str(path), *options, stdout=out, stderr=err)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue(), err.getvalue()


def told(path: Path) -> list[dict[str, Any]]:
    code, out, _err = screen(path, "--json")
    assert code == 0
    found: list[dict[str, Any]] = json.loads(out)["candidates"]
    return found


def test_an_edited_copy_finds_its_work(tmp_path: Path) -> None:
    orchard = drawing.draw_video("orchard", seconds=8, width=240, height=136)
    mine, _other = held(orchard, "orchard"), held(drawing.draw_video("city", seconds=8, width=240, height=136), "city")
    path = tmp_path / "film.mp4"
    path.write_bytes(drawing.edit_video(orchard, mirror=True, crf=36))
    first, *rest = told(path)
    assert (first["media"], first["matches"], first["works"][0]["title"]) == (str(mine.pk), True, "orchard")
    assert first["grade"] in {"motion_confirmed", "imagery"}
    assert first["segments"]
    assert not any(row["matches"] for row in rest)
    path.write_bytes(orchard)
    assert next((row["media"], row["grade"]) for row in told(path)) == (str(mine.pk), "identical")
    assert LibraryEntry.objects.filter(version=LIBRARY_VERSION).count() == 2
    code, out, _err = screen(path)
    assert code == 0
    assert "identical, score 1.00: orchard" in out


def test_without_tables_it_says_so_and_leaves_no_server_behind(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Nobody has written this before, so nobody can have copied it. " * 4)
    with own_data_dir() as folder:
        command = [sys.executable, "manage.py", "screen", str(path), "--json"]
        ended = subprocess.run(
            command, env=environment_of(folder), capture_output=True, text=True, check=False, cwd=settings.BASE_DIR
        )
        assert (ended.returncode, json.loads(ended.stdout)["error"]) == (2, "no_library")
        assert "Traceback" not in ended.stderr
        assert not postgres.postgres_status(folder).running
        assert not valkey.is_valkey_running(folder)


def test_long_videos_get_a_closer_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orchard = drawing.draw_video("orchard", seconds=8, width=240, height=136)
    held(orchard, "orchard")
    path, looked_at = tmp_path / "film.mp4", list[tuple[float, float]]()

    def read(_media: MediaFile, window: tuple[float, float]) -> fingerprints.Fingerprint:
        looked_at.append(window)
        with tempfile.TemporaryFile() as file:
            file.write(orchard)
            return fingerprints.fingerprint_video(file, window=window)

    monkeypatch.setattr(closer, "windows_to_look_at", lambda *_: (Window((1.0, 5.0), (0.5, 5.5)),))
    monkeypatch.setattr(matching, "_made_fingerprint", read)
    path.write_bytes(drawing.edit_video(orchard, mirror=True))
    assert told(path)[0]["grade"] == "motion_confirmed"
    assert looked_at == [(1.0, 5.0)]
    assert Fingerprint.objects.count() == 1


def test_what_is_no_video_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "letter.mp4"
    path.write_bytes(b"\0\1 Dear all,")
    code, out, err = screen(path, "--json")
    assert (code, json.loads(out)["error"]) == (2, "unknown_type")
    assert "This is not a video" in err
    assert screen(tmp_path / "nowhere.mp4")[0] == 2
