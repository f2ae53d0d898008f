from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import BinaryIO

import pytest

from portal import clock
from portal.accounts.models import User
from portal.errors import Invalid
from portal.evidence import blobs
from portal.evidence.models import LooseBlob
from portal.jobs import runner
from portal.jobs.models import Job
from portal.media import parts, refusals
from portal.media.actions import files, probes, retention
from portal.media.models import MediaFile, MediaState
from portal.media.tests.conftest import FILM

Stored = Callable[..., MediaFile]
pytestmark = pytest.mark.django_db


class Refused(Exception):
    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Probe:
    media_type: str = "video/mp4"
    container: str = "mov"
    codec: str = "h264"
    width: int = 320
    height: int = 180
    duration: float = 2.04
    frame_rate: float = 25.0
    has_audio: bool = True
    playable: bool = True
    poster: bytes = b"\xff\xd8\xff poster"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """An engine that says what the test wants; `asked` is what it was given."""

    def probe(file: BinaryIO, *, name: str = "") -> Probe:
        found.asked.append((file.read(), name))
        if isinstance(found.answer, Exception):
            raise found.answer
        return Probe()

    found = SimpleNamespace(probe=probe, Refused=Refused, answer=None, asked=[])
    monkeypatch.setattr(probes, "_engine", lambda: found)
    return found


def test_a_video_is_checked_once_and_becomes_ready(stored: Stored, engine: SimpleNamespace) -> None:
    file = stored()
    runner.drain()
    Job.objects.update(state="queued", attempts=0)
    runner.drain()
    file.refresh_from_db()
    assert engine.asked == [(FILM, "dance.mp4")]
    assert (file.state, file.media_type, file.duration, file.playable) == ("ready", "video/mp4", 2.04, True)
    assert parts.poster(file) == Probe.poster
    assert not LooseBlob.objects.exists()


@pytest.mark.parametrize("code", sorted(refusals.SENTENCES.keys() - {"too_heavy", "probe_failed"}))
def test_a_refused_video_tells_why(stored: Stored, engine: SimpleNamespace, code: str) -> None:
    engine.answer = Refused(code)
    file = stored()
    runner.drain()
    file.refresh_from_db()
    assert (file.state, file.refusal) == (MediaState.REFUSED, code)
    assert file.refusal_text == refusals.SENTENCES[code]
    with pytest.raises(Invalid):
        stored()


def test_what_was_too_heavy_once_is_tried_again(stored: Stored, engine: SimpleNamespace) -> None:
    engine.answer = Refused("too_heavy")
    file = stored()
    runner.drain()
    file.refresh_from_db()
    assert file.state == MediaState.STORED
    with clock.at(clock.now() + timedelta(minutes=1)):
        runner.drain()
    file.refresh_from_db()
    assert "too much work" in str(file.refusal_text)


def test_after_the_last_attempt_the_person_is_told(stored: Stored, engine: SimpleNamespace) -> None:
    engine.answer = RuntimeError("broken engine")
    file = stored()
    for hours in range(1, 8):
        with clock.at(clock.now() + timedelta(hours=hours)):
            runner.drain()
    file.refresh_from_db()
    assert (file.state, file.refusal) == (MediaState.REFUSED, refusals.PROBE_FAILED)


def test_what_was_frozen_meanwhile_still_becomes_ready(stored: Stored, engine: SimpleNamespace, creator: User) -> None:
    file = stored()
    files.freeze([file], at=clock.now(), by=creator)
    runner.drain()
    file.refresh_from_db()
    assert (file.state, bool(file.poster)) == (MediaState.READY, True)


def test_a_video_purged_while_it_is_checked_keeps_no_poster(
    stored: Stored, engine: SimpleNamespace, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, put = stored(), blobs.put

    def purge_meanwhile(data: bytes) -> str:
        retention.discard(file, by=creator)
        return put(data)

    monkeypatch.setattr(blobs, "put", purge_meanwhile)
    runner.drain()
    file.refresh_from_db()
    assert (file.state, file.poster) == (MediaState.STORED, "")
    assert LooseBlob.objects.count() == 5
    runner.drain()


def test_every_refusal_is_one_sentence_of_its_own() -> None:
    codes = [*refusals.SENTENCES, refusals.TOO_LARGE]
    assert len({str(refusals.sentence(code)) for code in codes}) == len(codes)
    assert refusals.sentence("unheard of") == refusals.SENTENCES["broken"]
