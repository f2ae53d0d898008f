import io
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import BinaryIO

import pytest
from PIL import Image

from portal import clock
from portal.engines import fingerprints
from portal.engines.fingerprints import limits
from portal.errors import Invalid
from portal.evidence import blobs
from portal.evidence.models import OrphanBlob
from portal.jobs import runner
from portal.jobs.models import Job
from portal.media import parts, refusals
from portal.media.actions import files, retention
from portal.media.models import MediaFile, MediaState
from portal.media.tests.conftest import FILM
from portal.people.models import User
from portal.sandbox import drawing
from portal.testing import sample_documents

Stored = Callable[..., MediaFile]
pytestmark = pytest.mark.django_db


FOUND = fingerprints.WorkProbe("video", "video/mp4", "h264", 320, 180, 2.04, 25.0, True, True, b"\xff\xd8\xff poster")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """An engine that says what the test wants; `asked` is what it was given."""

    def probe(file: BinaryIO, *, name: str = "") -> fingerprints.WorkProbe:
        told.asked.append((file.read(), name))
        if told.refusal is not None:
            raise told.refusal
        return FOUND

    told = SimpleNamespace(refusal=None, asked=[])
    monkeypatch.setattr(fingerprints, "probe_work", probe)
    return told


def test_a_video_is_checked_once_and_becomes_ready(stored: Stored, engine: SimpleNamespace) -> None:
    file = stored()
    runner.run_due_jobs()
    Job.objects.update(state="queued", attempts=0)
    runner.run_due_jobs()
    file.refresh_from_db()
    assert engine.asked == [(FILM, "dance.mp4")]
    assert (file.state, file.media_type, file.duration, file.playable) == ("ready", "video/mp4", 2.04, True)
    assert parts.read_poster(file) == FOUND.poster
    assert not OrphanBlob.objects.exists()


@pytest.mark.parametrize("code", sorted(limits.CODES - {limits.TOO_HEAVY, limits.TOO_LARGE}))
def test_a_refused_video_tells_why(stored: Stored, engine: SimpleNamespace, code: str) -> None:
    engine.refusal = fingerprints.Refused(code)
    file = stored()
    runner.run_due_jobs()
    file.refresh_from_db()
    assert (file.state, file.refusal) == (MediaState.REFUSED, code)
    assert file.refusal_text == refusals.SENTENCES[code]
    with pytest.raises(Invalid):
        stored()


def test_what_was_too_heavy_once_is_tried_again(stored: Stored, engine: SimpleNamespace) -> None:
    engine.refusal = fingerprints.Refused("too_heavy")
    file = stored()
    runner.run_due_jobs()
    file.refresh_from_db()
    assert file.state == MediaState.STORED
    with clock.freeze_time(clock.now() + timedelta(minutes=1)):
        runner.run_due_jobs()
    file.refresh_from_db()
    assert "too complex" in str(file.refusal_text)


def test_after_the_last_attempt_the_person_is_told(stored: Stored, engine: SimpleNamespace) -> None:
    engine.refusal = RuntimeError("broken engine")
    file = stored()
    for hours in range(1, 8):
        with clock.freeze_time(clock.now() + timedelta(hours=hours)):
            runner.run_due_jobs()
    file.refresh_from_db()
    assert (file.state, file.refusal) == (MediaState.REFUSED, refusals.PROBE_FAILED)


def test_what_was_frozen_meanwhile_still_becomes_ready(stored: Stored, engine: SimpleNamespace, creator: User) -> None:
    file = stored()
    files.freeze_videos([file], at=clock.now(), by=creator)
    runner.run_due_jobs()
    file.refresh_from_db()
    assert (file.state, bool(file.poster)) == (MediaState.READY, True)


def test_a_video_purged_while_it_is_checked_keeps_no_poster(
    stored: Stored, engine: SimpleNamespace, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, put = stored(), blobs.store_blob

    def purge_meanwhile(data: bytes) -> str:
        retention.discard_video(file, by=creator)
        return put(data)

    monkeypatch.setattr(blobs, "store_blob", purge_meanwhile)
    runner.run_due_jobs()
    file.refresh_from_db()
    assert (file.state, file.poster) == (MediaState.STORED, "")
    assert OrphanBlob.objects.count() == 5
    runner.run_due_jobs()


def test_every_refusal_of_the_engine_is_one_sentence_of_its_own() -> None:
    codes = limits.CODES | {refusals.PROBE_FAILED, *refusals._OF_KIND.values()}
    assert len({str(refusals.video_refusal_sentence(code)) for code in codes}) == len(codes)
    assert set(refusals.SENTENCES) == codes - {limits.TOO_LARGE}
    assert refusals.video_refusal_sentence("unheard of") == refusals.SENTENCES[limits.BROKEN]


@pytest.fixture(scope="module")
def film() -> bytes:
    return drawing.draw_video(drawing.SUBJECTS[0], seconds=2, width=160, height=90)


def test_a_real_video_is_found_to_be_one(stored: Stored, film: bytes) -> None:
    file = stored(film)
    runner.run_due_jobs()
    file.refresh_from_db()
    found = (file.state, file.media_type, file.codec, file.width, file.height, file.has_audio, file.playable)
    assert found == ("ready", "video/mp4", "h264", 160, 90, False, True)
    assert file.duration == pytest.approx(2, abs=0.1)
    assert Image.open(io.BytesIO(parts.read_poster(file))).size == (160, 90)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda _: b"<html>only a sentence", limits.UNKNOWN_TYPE),
        (lambda _: bytes(5000), limits.UNKNOWN_TYPE),
        (lambda film: film[: film.index(b"mdat")], limits.BROKEN),
        (lambda film: film[:32] + bytes(len(film) - 32), limits.BROKEN),
        (lambda _: sample_documents.make_pdf("A paper"), limits.UNKNOWN_TYPE),
        (lambda _: drawing.draw_video(drawing.SUBJECTS[0], seconds=0.5, width=160, height=90), limits.TOO_SHORT),
    ],
    ids=["text", "zeros", "index only", "header only", "paper", "short"],
)
def test_what_is_no_video_is_refused_in_one_sentence(
    stored: Stored, film: bytes, spoil: Callable[[bytes], bytes], code: str
) -> None:
    file = stored(spoil(film))
    runner.run_due_jobs()
    file.refresh_from_db()
    assert (file.state, file.refusal) == (MediaState.REFUSED, code)
    assert file.refusal_text == refusals.SENTENCES[code]
