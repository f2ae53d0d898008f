"""Papers read for real, in their child and here."""

import io
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from portal.engines.limited_process import OnRequestThread, answering_request
from portal.engines.papers import BOUNDS, FieldKind, Refused, child, choosing, models, reading

_CHINESE = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
ENGLISH = (
    "CERTIFICATE",
    "Name: Anna Dawson",
    "Licence No.: 4711203",
    "Date of issue: 12 May 2019",
    "Expires: 2029-05-11",
)
CHINESE = (
    "执业证书",
    "姓名：歐陽芳",
    "证书编号：20094412311010519491231002X",
    "发证日期：2019年12月12日",
    "有效期至：2029-12-11",
)


def paper(texts: tuple[str, ...], font: ImageFont.FreeTypeFont | ImageFont.ImageFont, turned: int = 0) -> bytes:
    """A JPEG of a page with one line each, turned by degrees."""
    image = Image.new("RGB", (1000, 800), "white")
    draw = ImageDraw.Draw(image)
    for row, text in enumerate(texts):
        draw.text((100, 100 + 110 * row), text, font=font, fill="black")
    out = io.BytesIO()
    image.rotate(turned, expand=True).save(out, "JPEG", quality=85)
    return out.getvalue()


def values(data: bytes, *, here: bool = False) -> dict[FieldKind, tuple[str, bool]]:
    """What the child, or this process, reads."""
    found = reading.read_picture(data, BOUNDS) if here else child.read_page(data)
    return {kind: (field.value, field.certain) for kind, field in choosing.choose_fields(found.fields).items()}


def test_an_english_paper_is_read_in_the_child() -> None:
    assert values(paper(ENGLISH, ImageFont.load_default(40))) == {
        FieldKind.NAME: ("Anna Dawson", True),
        FieldKind.NUMBER: ("4711203", True),
        FieldKind.ISSUED_ON: ("2019-05-12", True),
        FieldKind.EXPIRES_ON: ("2029-05-11", True),
    }


@pytest.mark.skipif(not _CHINESE.exists(), reason="the fonts of make chromium are not installed")
def test_a_chinese_paper_on_its_side_is_read_and_its_boxes_lie_on_the_page() -> None:
    data = paper(CHINESE, ImageFont.truetype(str(_CHINESE), 42, index=2), turned=90)
    found = child.read_page(data)
    chosen = choosing.choose_fields(found.fields)
    assert {kind: (field.value, field.certain) for kind, field in chosen.items()} == {
        FieldKind.NAME: ("歐陽芳", True),
        FieldKind.NUMBER: ("20094412311010519491231002X", True),
        FieldKind.ISSUED_ON: ("2019-12-12", True),
        FieldKind.EXPIRES_ON: ("2029-12-11", True),
    }
    assert (found.width, found.height) == (800, 1000)
    # The name stands in the second line: turned, that is 210..262 px from the left, upwards from 900.
    xs, ys = zip(*chosen[FieldKind.NAME].box, strict=True)
    assert 190 < min(xs) < max(xs) < 290
    assert 500 < min(ys) < max(ys) < 920


def test_nothing_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("a socket was opened")

    models._session.cache_clear()
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    models.prepare()
    reading.prepare()
    assert values(paper(ENGLISH, ImageFont.load_default(40)), here=True)[FieldKind.NUMBER] == ("4711203", True)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        child.read_page(b"%PDF-1.7 nothing")
    assert refused.value.code == "broken"


def test_a_page_of_too_many_bytes_starts_no_child() -> None:
    with pytest.raises(Refused) as refused:
        child.read_page(b"x" * 11, bounds=replace(BOUNDS, page_bytes=10))
    assert refused.value.code == "too_heavy"


def test_a_child_that_may_not_have_the_memory_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        child.read_page(paper(ENGLISH, ImageFont.load_default(40)), bounds=replace(BOUNDS, child_memory=200 * 2**20))
    assert refused.value.code == "too_heavy"


def test_no_paper_is_read_while_a_page_is_waited_for() -> None:
    with answering_request(), pytest.raises(OnRequestThread):
        child.read_page(paper(ENGLISH, ImageFont.load_default(40)))


def test_an_empty_page_has_nothing() -> None:
    assert values(paper((), ImageFont.load_default(40))) == {}
