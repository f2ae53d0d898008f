"""`manage.py compare`, as it is called from a shell; without a database and without servers."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command
from PIL import Image, ImageOps

from portal.engines.fingerprints import CODES, Window, closer
from portal.engines.fingerprints.tests import pictures, signed
from portal.management.commands import compare
from portal.sandbox import drawing


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films")
    drawn = drawing.draw_video("orchard", seconds=8, width=240, height=136)
    for name, data in {
        "original.mp4": drawn,
        "again.mp4": drawn,
        "mirrored.mp4": drawing.edit_video(drawn, mirror=True, crf=36),
        "other.mp4": drawing.draw_video("city", seconds=8, width=240, height=136),
        "letter.mp4": b"Dear all,\0",
        "empty.mp4": b"",
    }.items():
        (path / name).write_bytes(data)
    return path


def _from_a_shell(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr, where neither a database nor a broker answers."""
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "CELERY_BROKER_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "compare", *arguments],
        cwd=folder,
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def _compare(folder: Path, *arguments: str) -> tuple[int, str, str]:
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.chdir(folder):
        try:
            call_command("compare", *arguments, stdout=out, stderr=err)
        except SystemExit as end:
            code = int(end.code or 0)
    return code, out.getvalue(), err.getvalue()


def _json(folder: Path, *names: str, run: Callable[..., tuple[int, str, str]] = _compare) -> dict[str, Any]:
    code, out, _ = run(folder, *names, "--json")
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


def test_a_mirrored_copy_is_found(folder: Path) -> None:
    found = _json(folder, "original.mp4", "mirrored.mp4", run=_from_a_shell)
    assert found["grade"] == "motion_confirmed"
    assert found["score"] > 0.8
    assert [segment["orientation"] for segment in found["segments"]] == ["mirrored"]
    for end in ("a_start", "b_start"):
        assert found["segments"][0][end] == pytest.approx(0, abs=0.6)
    for end in ("a_end", "b_end"):
        assert found["segments"][0][end] == pytest.approx(8, abs=0.6)
    assert found["versions"].keys() == {"fingerprint", "comparison"}
    assert found["thresholds"]["bits"] == 31


def test_the_same_file_is_identical_from_end_to_end(folder: Path) -> None:
    found = _json(folder, "original.mp4", "again.mp4")
    assert (found["grade"], found["score"]) == ("identical", 1.0)
    segment = found["segments"][0]
    assert [segment[end] for end in ("a_start", "a_end", "b_start", "b_end")] == [0, 8, 0, 8]


def test_content_credentials_are_told_and_change_nothing(tmp_path: Path) -> None:
    plain = signed.picture()
    for name, data in {
        "signed.jpg": signed.sign(plain, "image/jpeg"),
        "plain.jpg": plain,
        "a.txt": b"A text, " * 9,
    }.items():
        (tmp_path / name).write_bytes(data)
    found = _json(tmp_path, "signed.jpg", "plain.jpg")
    assert [each["status"] for each in found["content_credentials"]] == ["present", "none"]
    assert found["content_credentials"][0]["signature"] == "valid"
    beside = _json(tmp_path, "plain.jpg", "plain.jpg")
    assert [each["grade"] for each in (found, beside)] == ["static", "identical"]
    assert _json(tmp_path, "a.txt", "a.txt")["content_credentials"] == [None, None]


def test_another_video_shares_nothing(folder: Path) -> None:
    found = _json(folder, "original.mp4", "other.mp4")
    assert (found["grade"], found["score"], found["segments"]) == ("none", 0.0, [])


def test_long_videos_get_a_closer_look(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = (Window((1.0, 5.0), (1.0, 5.0)), Window((30.0, 40.0), (30.0, 40.0)))  # the second one is in no video
    monkeypatch.setattr(closer, "windows_to_look_at", lambda *_: windows)
    found = _json(folder, "original.mp4", "mirrored.mp4")
    assert (found["versions"]["windows"], found["versions"]["windows_confirmed"]) == (1, 1)
    assert (found["grade"], found["segments"][0]["orientation"]) == ("motion_confirmed", "mirrored")


def test_time_spent_on_decoding_is_told_from_the_rest(folder: Path) -> None:
    seconds = _json(folder, "original.mp4", "mirrored.mp4")["seconds"]
    assert seconds.keys() == {"decoding", "fingerprinting", "comparing", "all"}
    assert 0 < seconds["decoding"] < seconds["fingerprinting"]


def test_without_json_there_is_a_table(folder: Path) -> None:
    code, out, _ = _compare(folder, "original.mp4", "mirrored.mp4")
    assert code == 0
    assert out.startswith("motion_confirmed, score 0.")
    assert "mirrored, rate 1.000" in out


def test_each_bad_file_gets_one_sentence_and_the_exit_code_is_2(folder: Path) -> None:
    code, out, err = _from_a_shell(folder, "letter.mp4", "nowhere.mp4")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        (
            "letter.mp4: This is not a video (MP4, MOV, WebM, MKV, AVI), sound (MP3, M4A, AAC, WAV, OGG, FLAC), a picture "
            "(JPEG, PNG, WebP, GIF) or plain text, despite its name."
        ),
        "nowhere.mp4: The file does not exist or cannot be read.",
    ]


def test_with_json_the_code_of_a_bad_file_is_on_stdout(folder: Path) -> None:
    code, out, err = _compare(folder, "original.mp4", "empty.mp4", "--json")
    assert code == 2
    assert json.loads(out) == {
        "error": "empty",
        "file": "empty.mp4",
        "errors": [{"error": "empty", "file": "empty.mp4"}],
    }
    assert err == "empty.mp4: The file is empty.\n"


def test_every_code_has_a_sentence() -> None:
    assert compare._SENTENCES.keys() == CODES | {compare._MISSING, compare._OTHER_KIND}


def test_a_name_gives_the_terminal_no_orders(folder: Path) -> None:
    name = "red \x1b[31m\n\u202e\U0001f3ac.mp4"
    (folder / name).write_bytes(b"Dear all,\0")
    _code, _out, err = _compare(folder, name, "original.mp4")
    assert err.startswith("red \\x1b[31m\\n\\u202e\U0001f3ac.mp4: This is not")


def test_what_has_no_end_is_not_read(folder: Path) -> None:
    os.mkfifo(folder / "pipe.mp4")
    code, _out, err = _compare(folder, "pipe.mp4", "/dev/zero")
    assert code == 2
    assert err.count("does not exist or cannot be read") == 2


def test_pictures_and_texts_are_told_apart_by_content_and_have_the_same_keys(folder: Path) -> None:
    drawn = Image.fromarray(np.kron(pictures.picture(1), np.ones((5, 5), np.uint8)))
    drawn.save(folder / "drawn.txt", "PNG")
    ImageOps.mirror(drawn).save(folder / "mirrored.mov", "JPEG")
    (folder / "one.png").write_text("The ferry leaves the old harbour every morning at a quarter past six.")
    (folder / "two.txt").write_text("Note: THE FERRY leaves the old harbour every morning at a quarter past six!")
    still = _json(folder, "drawn.txt", "mirrored.mov", run=_from_a_shell)
    text = _json(folder, "one.png", "two.txt")
    video = _json(folder, "original.mp4", "again.mp4")
    assert (still["kind"], still["grade"]) == ("image", "static")
    assert still["segments"][0]["transformations"] == ["mirrored"]
    assert (text["kind"], text["grade"], text["score"]) == ("text", "similar", 1.0)
    assert video["kind"] == "video"
    assert [each["unit"] for each in (still, text, video)] == ["seconds", "characters", "seconds"]
    _code, table, _err = _compare(folder, "one.png", "two.txt")
    assert "characters 0.." in table
    assert " s is at" not in table
    assert still.keys() == text.keys() == video.keys()


def test_works_of_different_kinds_are_not_compared(folder: Path) -> None:
    (folder / "words.txt").write_text("The ferry leaves the old harbour every morning.")
    code, _out, err = _compare(folder, "original.mp4", "words.txt")
    assert (code, err) == (2, "words.txt: The two files are works of different kinds, which cannot be compared.\n")
