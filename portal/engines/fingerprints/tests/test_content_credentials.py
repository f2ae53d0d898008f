"""Content Credentials: signed, changed since, broken, huge, elsewhere, none; nothing is fetched."""

import http.server
import io
import struct
import tempfile
import threading
import wave
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from portal.engines import fingerprints, limited_process
from portal.engines.fingerprints import Limits, child, content_credentials, credential_reading
from portal.engines.fingerprints.tests import remuxing, signed, specimens

NONE, UNREADABLE = {"status": "none"}, {"status": "unreadable"}


def read(data: bytes, **bounds: Any) -> dict[str, Any]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(3)
        told = fingerprints.read_content_credentials(cast("Any", file), bounds=Limits(**bounds))
        assert file.tell() == 3
    return told


def sound() -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16_000))
    return written.getvalue()


@pytest.fixture(scope="module")
def photo() -> bytes:
    return signed.sign(signed.picture(), "image/jpeg")


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        *(("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif")),
        *(("film", "video/mp4"), ("sound", "audio/wav")),
    ],
)
def test_pictures_videos_and_sounds_are_read_and_verified(kind: str, media_type: str) -> None:
    made = {"film": lambda: specimens.drawn(seconds=1), "sound": sound}.get(kind, lambda: signed.picture(kind))
    plain = made()
    assert read(plain) == NONE
    assert read(signed.sign(plain, media_type)) == {
        "status": "present",
        "signature": "valid",
        "content": "same",
        "problems": [],
        "signer": signed.SIGNER,
        "organisation": signed.ORGANISATION,
        "signed_at": "",
        "created_at": "2026-02-03T04:05:06+00:00",
        "generators": ["Example Camera 2.1"],
        "actions": ["c2pa.created"],
        "sources": ["trainedAlgorithmicMedia"],
        "earlier_sources": [],
        "ingredients": [],
    }


def test_a_file_that_was_changed_since_is_told_apart_from_a_wrong_signature(photo: bytes) -> None:
    changed = bytearray(photo)
    changed[-200] ^= 1
    told = read(bytes(changed))
    assert (told["signature"], told["content"], told["problems"]) == (
        "valid",
        "changed",
        ["assertion.dataHash.mismatch"],
    )
    place = photo.rindex(b"\x58\x40") + 2  # the signature: 64 bytes of CBOR
    forged = bytearray(photo)
    forged[place + 40] ^= 1
    told = read(bytes(forged))
    assert (told["signature"], told["content"]) == ("invalid", "same")
    assert "claimSignature.mismatch" in told["problems"]


def test_credentials_of_another_file_do_not_fit(photo: bytes) -> None:
    plain, other = signed.picture(), bytearray(signed.picture())
    other[-200] ^= 1
    assert photo.endswith(plain[20:])
    assert read(photo[: -len(plain) + 20] + bytes(other[20:]))["content"] == "changed"


def test_what_it_was_made_of_is_told(photo: bytes) -> None:
    opened = [{"action": "c2pa.opened"}]
    made_of = ("an older\u202e picture.jpg", photo, "image/jpeg")
    told = read(signed.sign(signed.picture("PNG"), "image/png", signed.manifest(actions=opened), made_of=made_of))
    assert told["ingredients"] == ["an older picture.jpg"]
    assert (told["sources"], told["earlier_sources"]) == ([], ["trainedAlgorithmicMedia"])


def test_texts_and_lists_are_bounded() -> None:
    actions = [{"action": "c2pa.created"}, *({"action": f"example.{number}" + "x" * 900} for number in range(90))]
    said = signed.manifest(generator="Camera \u202e\x07" * 400, actions=actions)
    told = read(signed.sign(signed.picture(), "image/jpeg", said))
    assert told["status"] == "present"
    assert len(told["actions"]) == content_credentials.MOST_TEXTS
    texts = [text for each in told.values() for text in (each if isinstance(each, list) else [each])]
    assert all(len(text) <= content_credentials.LONGEST_TEXT and text.isprintable() for text in texts)


def test_what_is_cut_off_or_too_heavy_cannot_be_read(photo: bytes) -> None:
    assert read(photo[: photo.index(b"jumb") + 500]) == UNREADABLE
    damaged = bytearray(photo)
    damaged[photo.index(b"c2pa.actions") + 100] ^= 255
    assert read(bytes(damaged)) == UNREADABLE
    assert read(photo, child_memory=1 << 24) == UNREADABLE
    assert read(photo, file_bytes=1000) == UNREADABLE
    assert read(photo, wall_seconds=0) == UNREADABLE


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data) + 8, kind) + data


def with_store(store: bytes) -> bytes:
    """A PNG with these bytes where its credentials would be."""
    plain, chunk = signed.picture("PNG"), b"caBX" + store
    return plain[:33] + struct.pack(">I", len(store)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + plain[33:]


@pytest.mark.parametrize("kind", ["noise", "deep", "wide"])
def test_a_store_that_is_none_cannot_be_read(kind: str) -> None:
    label = box(b"jumd", b"c2pa" + bytes.fromhex("00110010800000aa00389b71") + b"\x03c2pa\0")
    deep = label
    for _ in range(2000):
        deep = box(b"jumb", label + deep)
    stores = {"noise": b"x" * (5 << 20), "deep": deep, "wide": box(b"jumb", label + box(b"jumb", label) * 50_000)}
    assert read(with_store(stores[kind])) == UNREADABLE


def test_a_long_history_is_told_in_the_same_order_each_time(photo: bytes) -> None:
    data = photo
    for number in range(12):
        actions = [{"action": "c2pa.created", "digitalSourceType": f"http://example.org/{number}"}]
        made_of = (f"{number}.jpg", data, "image/jpeg")
        data = signed.sign(signed.picture(), "image/jpeg", signed.manifest(actions=actions), made_of=made_of)
    first, second = read(data), read(data)
    assert first == second
    assert len(first["earlier_sources"]) == 12


def test_types_that_are_not_searched_say_so() -> None:
    film = remuxing.shifted(specimens.drawn(seconds=1), 0.0, kind="matroska")
    assert [read(data)["status"] for data in (film, b"no film", b"")] == ["unsupported", "unsupported", "unsupported"]


def test_damage_anywhere_gives_an_answer(photo: bytes) -> None:
    chance = np.random.default_rng(5)
    for _ in range(12):
        changed = bytearray(photo)
        for place in chance.integers(0, len(photo) // 2, 3):
            changed[place] = int(chance.integers(0, 256))
        assert read(bytes(changed))["status"] in content_credentials.STATUSES


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """An address, and the paths that were asked for there."""
    asked = list[str]()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/store.c2pa", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("isolated", [True, False])
def test_an_address_in_the_file_is_never_called(*, isolated: bool) -> None:
    with listening() as (address, asked):
        data = signed.sign(signed.picture(), "image/jpeg", address=address)
        limited_process.switch_isolation(on=isolated)
        try:
            assert read(data) == {"status": "elsewhere"}
        finally:
            limited_process.switch_isolation(on=True)
        assert not asked


@pytest.mark.parametrize(
    ("explanation", "content", "problems"),
    [
        (
            "asset hash error, error: hash verification( Hashes do not match )",
            "changed",
            ["assertion.bmffHash.mismatch"],
        ),
        ("asset hash error, name: jumbf manifest, error: Operation not permitted (os error 1)", "unknown", []),
    ],
)
def test_what_could_not_be_hashed_is_not_called_changed(explanation: str, content: str, problems: list[str]) -> None:
    """Stretches of more than 256 MiB are hashed in a thread, which an isolated child may not start."""
    failed = [{"code": "assertion.bmffHash.mismatch", "explanation": explanation}]
    told = credential_reading._told(
        {
            "active_manifest": "one",
            "manifests": {"one": {}},
            "validation_status": failed,
            "validation_results": {"activeManifest": {"success": [], "failure": failed}},
        }
    )
    assert (told["content"], told["problems"]) == (content, problems)
    assert content_credentials.checked_credentials(told) == told


@pytest.mark.parametrize(
    "head",
    [
        *("{}", "[]", '{"status": "trusted"}', '{"status": "present"}'),
        '{"status": "present", "signature": "valid", "content": "same", "signer": 7}',
    ],
)
def test_a_wrong_answer_is_not_believed(head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program.py"
    program.write_text(f"print({head!r})")
    monkeypatch.setattr(child, "_WORKER", program)
    assert read(b"x" * 1000) == UNREADABLE
