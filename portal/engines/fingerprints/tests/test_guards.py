"""What looks like a copy and is none, or would cost too much: each guard against it alone."""

import io
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
from av.packet import Packet

from portal.engines import fingerprints
from portal.engines.fingerprints import LIMITS, THRESHOLDS, findings, reading, rhythm, warped_motion
from portal.engines.fingerprints.channels import LUMA_STEP
from portal.engines.fingerprints.tests import specimens, test_voting
from portal.engines.fingerprints.tests.still_ground import film, video
from portal.engines.fingerprints.voting import Line

WIDE, HIGH = 160, 90


def test_thumbnails_in_which_something_else_moves_do_not_confirm() -> None:
    a, other = test_voting.fingerprint(5), test_voting.fingerprint(6)
    a = replace(a, thumbnails=_stirred(1, len(a.times)))
    same = replace(other, hashes=a.hashes, thumbnails=a.thumbnails)
    assert fingerprints.compare_fingerprints(a, same).grade == fingerprints.MOTION_CONFIRMED
    found = fingerprints.compare_fingerprints(a, replace(same, thumbnails=_stirred(2, len(a.times))))
    assert found.grade == fingerprints.IMAGERY
    assert found.segments[0].motion is not None
    assert found.segments[0].motion < THRESHOLDS.small_motion


def test_motion_that_repeats_itself_is_as_alike_at_other_moments_and_does_not_confirm() -> None:
    once = film(1, 13)
    loop = np.concatenate([once] * 12)
    found = _moved(loop, loop)
    assert found.likeness > 0.9
    assert found.elsewhere > 0.9
    assert not findings._confirms(found, THRESHOLDS)
    assert findings._confirms(replace(found, elsewhere=0.0), THRESHOLDS)


def test_motion_that_is_there_in_a_part_of_the_stretch_does_not_confirm_all_of_it() -> None:
    pictures = film(1, 100)
    told = [
        warped_motion.AlignedMotion(video(pictures), video(pictures[first:]), np.eye(2, 3)).compare(
            Line(1.0, -first * LUMA_STEP), (0.0, 100 * LUMA_STEP)
        )
        for first in (20, 60)
    ]
    assert told[0] is not None
    assert told[0].likeness > THRESHOLDS.motion
    assert told[1] is None


def test_the_same_rhythm_alone_is_similar() -> None:
    changes = np.random.default_rng(1).integers(0, 254, 400).astype(np.uint8)
    a, b = (replace(test_voting.fingerprint(seed), changes=changes) for seed in (1, 2))
    found = fingerprints.compare_fingerprints(a, b)
    assert (found.grade, found.segments) == (fingerprints.SIMILAR, ())
    assert found.rhythm >= THRESHOLDS.rhythm
    other = replace(b, changes=np.random.default_rng(2).integers(0, 254, 400).astype(np.uint8))
    assert fingerprints.compare_fingerprints(a, other).grade == fingerprints.NONE


def test_an_even_beat_is_alike_at_many_lags_and_no_rhythm() -> None:
    beat = np.tile(np.random.default_rng(1).integers(0, 254, 10), 40).astype(np.uint8)
    assert rhythm.compare_rhythm(beat, beat).score == 0.0


def test_a_frame_that_grows_within_the_video_is_not_decoded() -> None:
    small, large = _page(WIDE, HIGH), _page(4 * WIDE, 4 * HIGH)
    shown, broken = _decoded([small, small, small, large, large, small], pixels=2 * WIDE * HIGH)
    assert set(shown) == {(WIDE, HIGH)}
    assert broken == 2
    shown, _ = _decoded([small, small, small, large, large, small])
    assert (4 * WIDE, 4 * HIGH) in shown


def test_after_many_packets_that_do_not_decode_the_rest_is_given_up() -> None:
    page = _page(WIDE, HIGH)
    pages = [*[page] * 5, *[b"\x89PNG\r\n\x1a\n" + bytes(200)] * 20, *[page] * 5]
    assert _decoded(pages) == ([(WIDE, HIGH)] * 10, 20)
    shown, broken = _decoded(pages, errors=7)
    assert (len(shown), broken) == (5, 7)


def _stirred(take: int, count: int) -> np.ndarray:
    """Thumbnails of one still ground, in which each take moves otherwise."""
    ground, chance = np.random.default_rng(0).uniform(60, 180, 256), np.random.default_rng(take)
    moments, parts = np.arange(count)[:, None], chance.normal(0, 8, (3, 256))
    course = np.sin(moments * chance.uniform(0.2, 0.9, 3) + chance.uniform(0, 6, 3))
    return np.clip(ground + course @ parts, 0, 255).astype(np.uint8).reshape(count, 16, 16)


def _moved(first: np.ndarray, second: np.ndarray) -> warped_motion.Motion:
    whole = 0.0, len(first) * LUMA_STEP
    found = warped_motion.AlignedMotion(video(first), video(second), np.eye(2, 3)).compare(Line(1.0, 0.0), whole)
    assert found is not None
    return found


def _page(wide: int, high: int) -> bytes:
    return specimens.png(np.random.default_rng(wide).integers(0, 255, (high, wide, 3), dtype=np.uint8))


def _decoded(pages: list[bytes], **bounds: int) -> tuple[list[tuple[int, int]], int]:
    """Sizes of the frames of a film of these PNG files, one a second, and how many packets failed."""
    written = io.BytesIO()
    with av.open(written, "w", format="mov") as target:
        stream = target.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "rgb24"
        for number, page in enumerate(pages):
            packet = Packet(page)
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1), True
            packet.pts = packet.dts = number
            target.mux(packet)
    written.seek(0)
    limits = replace(LIMITS, **bounds)
    decoder = reading.Decoder(reading.open_video(written, limits), limits)
    return [(frame.width, frame.height) for _second, frame in decoder.frames()], decoder.broken
