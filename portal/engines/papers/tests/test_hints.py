"""Signs of editing: a part pasted in, an editor that names itself; and nothing in what nobody touched."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from portal.engines.papers import BOUNDS, HintKind, Refused, child, hints


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


def test_a_part_saved_at_a_lower_quality_is_found_where_it_lies() -> None:
    forged, low = page(), Image.open(io.BytesIO(saved(page(), 60))).convert("RGB")
    box = (80, 448, 720, 576)
    forged.paste(low.crop(box), box)
    [hint] = child.inspect_picture(saved(forged, 92))
    assert hint.kind is HintKind.SAVED_BEFORE
    left, top, width, height = hint.place
    assert 0.06 < left < left + width < 0.74
    assert 0.35 < top < top + height < 0.50


@pytest.mark.parametrize("quality", [70, 85, 92])
def test_a_page_saved_once_has_no_sign(quality: int) -> None:
    assert hints.find_hints(saved(page(), quality), BOUNDS) == []


def test_a_page_saved_again_as_a_whole_has_no_sign() -> None:
    again = Image.open(io.BytesIO(saved(page(), 70))).convert("RGB")
    assert hints.find_hints(saved(again, 92), BOUNDS) == []


def test_an_editor_that_names_itself_is_told() -> None:
    exif = Image.Exif()
    exif[0x0131] = "Adobe Photoshop 25.1 (Windows)"
    [hint] = hints.find_hints(saved(page(), 85, exif=exif), BOUNDS)
    assert (hint.kind, hint.detail) == (HintKind.EDITOR, "photoshop")


def test_a_phone_that_names_itself_is_no_editor() -> None:
    exif = Image.Exif()
    exif[0x0131] = "HUAWEI P60 4.2.0"
    assert hints.find_hints(saved(page(), 85, exif=exif), BOUNDS) == []


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(Refused):
        child.inspect_picture(b"GIF89a nothing")
