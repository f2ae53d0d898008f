"""Still pictures compared after real edits; hostile ones are refused by the child."""

import io
import struct
import tempfile
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps
from PIL.TiffImagePlugin import IFDRational

from portal.engines.fingerprints import (
    Fingerprint,
    Refused,
    compare_images,
    fingerprint_image,
    fingerprint_video,
    limits,
)
from portal.engines.fingerprints.tests import pictures, specimens
from portal.testing import sample_documents


def _drawn(seed: int) -> Image.Image:
    """640 x 480, three random pictures side by side over one that is larger."""
    large = Image.fromarray(pictures.picture(seed)).resize((640, 480), Image.Resampling.BICUBIC)
    for number in range(3):
        small = Image.fromarray(pictures.picture(seed * 10 + number)).resize((150, 150), Image.Resampling.BICUBIC)
        large.paste(small, (40 + 200 * number, 60 + 110 * number))
    return large


def _saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _fingerprint(data: bytes) -> Fingerprint:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        return fingerprint_image(file)


def _within(picture: Image.Image) -> Image.Image:
    ground = _drawn(90)
    ground.paste(picture.resize((400, 300)), (200, 150))
    return ground


_EDITS: dict[str, tuple[Callable[[Image.Image], Image.Image], set[str]]] = {
    "brighter": (lambda each: ImageEnhance.Brightness(each).enhance(1.3), set()),
    "smaller": (lambda each: each.resize((240, 180)), set()),
    "mirrored": (ImageOps.mirror, {"mirrored"}),
    "turned": (lambda each: each.transpose(Image.Transpose.ROTATE_90), {"turned_left"}),
    "cropped": (lambda each: each.crop((130, 60, 560, 420)), {"cropped"}),
    "bordered": (lambda each: ImageOps.expand(each, 90, "white"), {"bordered"}),
    "rotated": (lambda each: each.rotate(12, expand=True), {"rotated"}),
    "within another": (_within, {"bordered"}),
}


@pytest.mark.parametrize("edit", _EDITS)
def test_an_edited_copy_is_the_same_imagery_from_either_side(edit: str) -> None:
    change, codes = _EDITS[edit]
    a, b = _fingerprint(_saved(_drawn(1))), _fingerprint(_saved(change(_drawn(1)), "JPEG", quality=60))
    found, back = compare_images(a, b), compare_images(b, a)
    assert found.grade == back.grade == "static"
    assert found.score == back.score > 0
    assert codes <= set(found.segments[0].transformations)
    assert found.segments[0].places == back.segments[0].places
    assert found == compare_images(a, b)


def test_distinct_pictures_share_nothing() -> None:
    prints = [_fingerprint(_saved(_drawn(seed))) for seed in range(2, 12)]
    grades = {compare_images(a, b).grade for number, a in enumerate(prints) for b in prints[:number]}
    assert grades == {"none"}


def test_a_plain_picture_is_not_comparable() -> None:
    plain, other = _fingerprint(_saved(Image.new("L", (200, 200), 90))), _fingerprint(_saved(_drawn(1)))
    assert compare_images(plain, other).grade == "not_comparable"
    assert compare_images(plain, plain).grade == "not_comparable"


def test_orientation_of_the_metadata_and_transparency_are_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = _drawn(1).transpose(Image.Transpose.ROTATE_90)
    clear = Image.merge("LA", (_drawn(1), Image.new("L", (640, 480), 255)))
    plain = _fingerprint(_saved(_drawn(1)))
    for data in (_saved(turned, exif=exif), _saved(clear)):
        assert np.array_equal(_fingerprint(data).hashes, plain.hashes)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_type_is_read_and_always_gives_the_same_bytes(kind: str) -> None:
    data = _saved(_drawn(1), kind)
    made = _fingerprint(data)
    assert made.pack() == _fingerprint(data).pack()
    assert compare_images(made, _fingerprint(_saved(_drawn(1)))).grade == "static"


def _huge(side: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


_HOSTILE = {
    "40,000 px": (_huge(40_000), limits.TOO_MANY_PIXELS),
    "cut": (_saved(_drawn(1))[:3000], limits.BROKEN),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", limits.BROKEN),
    "html behind a JPEG's first bytes": (b"\xff\xd8\xff<html>", limits.BROKEN),
    "tiff": (_saved(_drawn(1), "TIFF"), limits.BROKEN),
}


@pytest.mark.parametrize("trick", _HOSTILE)
def test_a_hostile_picture_is_refused(trick: str) -> None:
    data, code = _HOSTILE[trick]
    with pytest.raises(Refused) as caught:
        _fingerprint(data)
    assert caught.value.code == code


def _animated(pictures: list[Image.Image], kind: str, duration: int = 100) -> bytes:
    out = io.BytesIO()
    pictures[0].save(out, kind, save_all=True, append_images=pictures[1:], duration=duration, loop=0)
    return out.getvalue()


def _moving(seed: int, count: int = 60) -> list[Image.Image]:
    """A window that moves over a large picture, and a disc that moves over that."""
    ground = Image.fromarray(pictures.picture(seed)).convert("RGB").resize((640, 480), Image.Resampling.BICUBIC)
    patch = _drawn(seed + 50).convert("RGB").resize((90, 90))
    found = []
    for number in range(count):
        shown = ground.copy()
        shown.paste(patch, (round(250 + 200 * np.sin(number / 9 + seed)), round(180 + 150 * np.cos(number / 7))))
        found.append(shown.resize((320, 240)))
    return found


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_is_read_as_a_video_and_found_in_one(kind: str) -> None:
    shown = _moving(1)
    a = _fingerprint(_animated(shown, kind))
    assert not a.is_still
    assert a.duration == pytest.approx(6, abs=0.01)
    film = specimens.encoded((number / 10, np.asarray(picture)) for number, picture in enumerate(shown))
    with tempfile.TemporaryFile() as file:
        file.write(film)
        b = fingerprint_video(file)
    for one, other in ((a, b), (b, a)):
        assert compare_images(one, other).grade == "motion_confirmed"
    assert compare_images(a, _fingerprint(_animated(_moving(2), kind))).grade == "none"


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_without_movement_or_of_an_instant_is_a_picture(kind: str) -> None:
    still = _drawn(1).convert("RGB")
    slightly = still.copy()
    slightly.putpixel((0, 0), (1, 2, 3))
    for data in (_animated([still, slightly] * 10, kind), _animated(_moving(1, 4), kind, 50)):
        assert _fingerprint(data).is_still


def test_a_damaged_animation_is_read_as_far_as_it_goes() -> None:
    whole = _animated(_moving(1), "GIF")
    made = _fingerprint(whole[: len(whole) // 2])
    assert made.is_still or (made.duration < 5 and len(made.times) > 4)


@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_a_photo_with_odd_entries_of_exif_is_turned_and_compared(orientation: int) -> None:
    plain = _fingerprint(sample_documents.turned_photo(orientation))
    odd = _fingerprint(sample_documents.photo_with_odd_entry(orientation, 0x011A, IFDRational(-1, 1)))
    assert odd.box == plain.box
    assert np.bitwise_count(odd.hashes ^ plain.hashes).sum() <= 16
