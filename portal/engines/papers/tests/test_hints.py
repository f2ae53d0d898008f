"""Signs of editing: a part pasted in, an editor that names itself; nothing in what nobody touched, and whether it was looked at."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from portal.engines.papers import BOUNDS, Bounds, Hint, HintKind, Refused, child, hints
from portal.engines.pictures import turn_upright

EXAMINED = Hint(HintKind.EXAMINED)
BOX = (80, 448, 720, 576)  # left, top, right and bottom of the part that is pasted in


def page() -> Image.Image:
    """A page of writing with the noise of a camera."""
    image = Image.new("RGB", (1000, 1200), (238, 236, 230))
    draw = ImageDraw.Draw(image)
    for row in range(14):
        draw.text(
            (90, 70 + 76 * row), f"Line {row} of a paper 4711{row}", font=ImageFont.load_default(42), fill=(30, 30, 40)
        )
    noise = np.random.default_rng(7).normal(0, 4, (1200, 1000, 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def saved(image: Image.Image, quality: int, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, **more)
    return out.getvalue()


def forged() -> Image.Image:
    """The page with a part that was saved at a lower quality before."""
    made, low = page(), Image.open(io.BytesIO(saved(page(), 60))).convert("RGB")
    made.paste(low.crop(BOX), BOX)
    return made


def with_second_picture(image: Image.Image, quality: int) -> bytes:
    """As phones save photos: JPEG with another picture behind it."""
    out = io.BytesIO()
    image.save(out, "MPO", quality=quality, save_all=True, append_images=[image.resize((100, 120))])
    assert Image.open(io.BytesIO(out.getvalue())).format == "MPO"
    return out.getvalue()


def assert_lies_in(place: tuple[float, ...], box: tuple[float, ...], size: tuple[int, int]) -> None:
    """The place is part of the box (px of a picture of that size), with a block's width to spare."""
    left, top, width, height = place
    assert box[0] - 16 <= left * size[0] < (left + width) * size[0] <= box[2] + 16
    assert box[1] - 16 <= top * size[1] < (top + height) * size[1] <= box[3] + 16


def test_a_part_saved_at_a_lower_quality_is_found_where_it_lies() -> None:
    hint, examined = child.inspect_picture(saved(forged(), 92))
    assert (hint.kind, examined) == (HintKind.SAVED_BEFORE, EXAMINED)
    assert_lies_in(hint.place, BOX, (1000, 1200))


def test_a_part_is_found_in_what_a_phone_saves() -> None:
    hint, examined = hints.find_hints(with_second_picture(forged(), 92), BOUNDS)
    assert (hint.kind, examined) == (HintKind.SAVED_BEFORE, EXAMINED)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_place_of_a_part_is_that_on_the_upright_picture(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    mask = Image.new("L", (1000, 1200))
    mask.paste(255, BOX)
    upright = turn_upright(mask, orientation)
    [hint, _examined] = hints.find_hints(saved(forged(), 92, exif=exif), BOUNDS)
    assert_lies_in(hint.place, upright.getbbox() or (), upright.size)


def test_a_part_at_the_far_end_of_a_large_picture_is_found() -> None:
    large, part = Image.new("RGB", (4496, 1200), (238, 236, 230)), forged()
    for left in range(0, 4496, 1000):
        large.paste(page(), (left, 0))
    large.paste(part.crop((0, 448, 720, 576)), (3776, 448))
    hint, _examined = hints.find_hints(saved(large, 92), BOUNDS)
    assert_lies_in(hint.place, (3856, 448, 4496, 576), large.size)


def test_strips_are_measured_as_the_whole_is(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(forged(), 92)
    whole = hints.find_hints(data, BOUNDS)
    monkeypatch.setattr(hints, "_STRIP", 200_000)
    assert hints.find_hints(data, BOUNDS) == whole


@pytest.mark.parametrize(
    ("kind", "size"),
    [("PNG", (1000, 1200)), ("WEBP", (1000, 1200)), ("JPEG", (1000, 100))],
    ids=["png", "webp", "small"],
)
def test_where_no_part_can_be_told_only_the_metadata_are_looked_at(kind: str, size: tuple[int, int]) -> None:
    out = io.BytesIO()
    forged().crop((0, 0, *size)).save(out, kind)
    assert hints.find_hints(out.getvalue(), BOUNDS) == []


def test_a_plain_picture_is_not_examined() -> None:
    assert hints.find_hints(saved(Image.new("RGB", (1000, 1200), "white"), 92), BOUNDS) == []


def test_a_picture_that_takes_too_long_is_not_examined() -> None:
    assert hints.find_hints(saved(forged(), 92), Bounds(seconds=0)) == []


@pytest.mark.slow
def test_the_largest_picture_is_looked_over_within_the_memory_of_the_child() -> None:
    side = int(BOUNDS.original_pixels**0.5)
    tile = np.asarray(page().crop((0, 0, 1000, 1000)))
    large = Image.fromarray(np.tile(tile, (8, 8, 1))[:side, :side])
    assert child.inspect_picture(saved(large, 75), bounds=Bounds(seconds=600)) == [EXAMINED]


@pytest.mark.parametrize("quality", [70, 85, 92])
def test_a_page_saved_once_has_no_sign(quality: int) -> None:
    assert hints.find_hints(saved(page(), quality), BOUNDS) == [EXAMINED]


def test_a_page_saved_again_as_a_whole_has_no_sign() -> None:
    again = Image.open(io.BytesIO(saved(page(), 70))).convert("RGB")
    assert hints.find_hints(saved(again, 92), BOUNDS) == [EXAMINED]


def test_an_editor_that_names_itself_is_told() -> None:
    exif = Image.Exif()
    exif[0x0131] = "Adobe Photoshop 25.1 (Windows)"
    hint, examined = hints.find_hints(saved(page(), 85, exif=exif), BOUNDS)
    assert (hint.kind, hint.detail, examined) == (HintKind.EDITOR, "photoshop", EXAMINED)


def test_a_phone_that_names_itself_is_no_editor() -> None:
    exif = Image.Exif()
    exif[0x0131] = "HUAWEI P60 4.2.0"
    assert hints.find_hints(saved(page(), 85, exif=exif), BOUNDS) == [EXAMINED]


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(Refused):
        child.inspect_picture(b"GIF89a nothing")
