"""What is accepted and what is refused, through the real child process."""

import io
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps, ImageStat
from PIL.TiffImagePlugin import IFDRational

from portal.engines import documents
from portal.engines.documents import LIMITS, Page, Refused, limits
from portal.testing import sample_documents


def _code(data: bytes, *, name: str = "", bounds: documents.Limits = LIMITS) -> str:
    with pytest.raises(Refused) as caught:
        documents.inspect_document(data, name=name, bounds=bounds)
    return caught.value.code


def _render_code(data: bytes, *, bounds: documents.Limits = LIMITS) -> str:
    with pytest.raises(Refused) as caught:
        documents.render_document(data, bounds=bounds)
    return caught.value.code


def _open(page: Page) -> Image.Image:
    image = Image.open(io.BytesIO(page.data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("data", "name", "media_type", "pages"),
    [
        (sample_documents.make_pdf("One", pages=3), "a.pdf", "application/pdf", 3),
        (sample_documents.make_pdf("One"), "name without ending", "application/pdf", 1),
        (sample_documents.make_photo("JPEG"), "a.JPG", "image/jpeg", 1),
        (sample_documents.make_photo("PNG"), "a.png", "image/png", 1),
        (sample_documents.make_photo("WEBP"), "a.webp", "image/webp", 1),
        (sample_documents.make_photo("PNG"), "a messenger calls it.jpg", "image/png", 1),
        (
            sample_documents.make_photo("JPEG") + b"\0\0\0\x18ftypmp42 a phone appends a film",
            "motion.jpg",
            "image/jpeg",
            1,
        ),
    ],
)
def test_real_documents_are_accepted(data: bytes, name: str, media_type: str, pages: int) -> None:
    assert documents.inspect_document(data, name=name) == documents.Report(media_type, pages)


def test_a_pdf_that_only_asks_not_to_be_printed_is_read() -> None:
    data = sample_documents.make_pdf("One", encryption=pikepdf.Encryption(user="", owner="secret"))
    assert documents.inspect_document(data).page_count == 1
    assert len(documents.render_document(data)) == 1


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("tool.txt", "x" * 100)
    return out.getvalue()


def _moving() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"
JPEG, PDF = sample_documents.make_photo("JPEG"), sample_documents.make_pdf("Licence", pages=2)


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.pdf", limits.EMPTY),
        (b"Dear reviewer, this is text.", "a.pdf", limits.UNKNOWN_TYPE),
        (os.urandom(5000), "a.pdf", limits.UNKNOWN_TYPE),
        (SVG, "a.png", limits.UNKNOWN_TYPE),
        (HTML, "a.pdf", limits.UNKNOWN_TYPE),
        (b"GIF89a" + bytes(50), "a.jpg", limits.UNKNOWN_TYPE),
        (b"MZ" + bytes(500), "licence.pdf", limits.UNKNOWN_TYPE),
        (_zip(), "a.pdf", limits.UNKNOWN_TYPE),
        (b" \n" + PDF, "a.pdf", limits.UNKNOWN_TYPE),
        (HEIC, "IMG_0001.HEIC", limits.HEIC),
        (PDF, "a.jpg", limits.WRONG_NAME),
        (JPEG, "a.pdf", limits.WRONG_NAME),
        (JPEG + _zip(), "a.jpg", limits.TWO_TYPES),
        (PDF + _zip(), "a.pdf", limits.TWO_TYPES),
        (JPEG + HTML, "a.jpg", limits.TWO_TYPES),
        (JPEG[:20] + PDF + JPEG[20:], "a.jpg", limits.TWO_TYPES),
        (b"%PDF-1.7\n" + HTML + PDF, "a.pdf", limits.TWO_TYPES),
        (JPEG[: len(JPEG) // 2], "a.jpg", limits.BROKEN),
        (JPEG[:100], "a.jpg", limits.BROKEN),
        (sample_documents.make_photo("PNG")[:-2000], "a.png", limits.BROKEN),
        (sample_documents.make_photo("WEBP")[:-200], "a.webp", limits.BROKEN),
        (PDF[:-60], "a.pdf", limits.BROKEN),
        (b"%PDF-1.7\n%%EOF", "a.pdf", limits.BROKEN),
        (b"%PDF-1.7\n" + os.urandom(5000) + b"\n%%EOF", "a.pdf", limits.BROKEN),
        (
            sample_documents.make_pdf("x", encryption=pikepdf.Encryption(user="secret", owner="o")),
            "a.pdf",
            limits.ENCRYPTED,
        ),
        (sample_documents.pdf_with_script(), "a.pdf", limits.ACTIVE),
        (sample_documents.pdf_with_launch(), "a.pdf", limits.ACTIVE),
        (sample_documents.pdf_with_attachment(), "a.pdf", limits.ACTIVE),
        (sample_documents.make_pdf(pages=21), "a.pdf", limits.TOO_MANY_PAGES),
        (sample_documents.png_announcing(60_000, 60_000), "a.png", limits.TOO_MANY_PIXELS),
        (sample_documents.png_announcing(40_000, 1), "a.png", limits.TOO_MANY_PIXELS),
        (sample_documents.png_announcing(5_000, 5_000), "a.png", limits.BROKEN),
        (_moving(), "a.webp", limits.ANIMATED),
    ],
)
def test_hostile_and_broken_files_are_refused(data: bytes, name: str, code: str) -> None:
    assert _code(data, name=name) == code


def test_a_file_over_the_limit_is_refused_before_a_child_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("a child was started"))
    assert _code(PDF, bounds=replace(LIMITS, file_bytes=10)) == limits.TOO_LARGE


def test_a_hundred_thousand_pages_are_refused_quickly() -> None:
    document = pikepdf.new()
    document.add_blank_page(page_size=sample_documents.A4)
    leaf = document.pages[0].obj
    document.Root.Pages.Kids = pikepdf.Array([leaf] * 100_000)
    document.Root.Pages.Count = 100_000
    data, before = sample_documents.saved_pdf(document), _spent_by_children()
    assert _code(data) in (limits.TOO_MANY_PAGES, limits.TOO_HEAVY)
    assert _spent_by_children() - before < LIMITS.inspect_seconds + 2


def test_a_lying_page_count_does_not_help() -> None:
    document = pikepdf.open(io.BytesIO(sample_documents.make_pdf(pages=30)))
    document.Root.Pages.Count = 1
    assert _code(sample_documents.saved_pdf(document)) == limits.TOO_MANY_PAGES


@pytest.mark.parametrize("layers", [1, 2])
def test_a_pdf_bomb_is_refused_by_its_unpacked_size(layers: int) -> None:
    data = sample_documents.pdf_with_bomb(layers=layers)
    assert len(data) < 2 * limits.MIB
    assert _code(data) == limits.TOO_HEAVY


def test_a_pdf_bomb_behind_another_coding_is_refused() -> None:
    assert _code(sample_documents.pdf_with_hidden_bomb()) == limits.TOO_HEAVY


def test_a_pdf_that_draws_for_ever_is_stopped() -> None:
    data = sample_documents.pdf_drawing_for_ever()
    assert documents.inspect_document(data).page_count == 1
    before = _spent_by_children()
    assert _render_code(data, bounds=replace(LIMITS, render_seconds=2)) == limits.TOO_HEAVY
    assert _spent_by_children() - before < 6


def _spent_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_giant_picture_inside_a_pdf_is_refused() -> None:
    document = pikepdf.open(io.BytesIO(sample_documents.make_pdf("x")))
    picture = pikepdf.Stream(document, b"x", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
    picture.Width, picture.Height, picture.BitsPerComponent = 60_000, 60_000, 8
    picture.ColorSpace = pikepdf.Name.DeviceRGB
    document.pages[0].Resources.XObject = pikepdf.Dictionary(Im0=document.make_indirect(picture))
    assert _code(sample_documents.saved_pdf(document)) == limits.TOO_MANY_PIXELS


def test_endlessly_nested_objects_are_refused() -> None:
    depth = 5000
    body = b"1 0 obj<</Type/Catalog/Pages 2 0 R/X " + b"[" * depth + b"]" * depth + b">>endobj\n"
    body += b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    assert _code(b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF") in (limits.BROKEN, limits.TOO_HEAVY)


def test_pages_are_drawn_in_order_and_to_size() -> None:
    pages = documents.render_document(sample_documents.make_pdf("Licence", pages=3))
    assert [(page.number, page.width, page.height) for page in pages] == [(n, 1131, 1600) for n in (1, 2, 3)]
    assert all(min(_open(page).convert("L").tobytes()) < 60 for page in pages)  # there is ink on it


def test_a_page_of_extreme_shape_stays_within_bounds() -> None:
    document = pikepdf.new()
    document.add_blank_page(page_size=(14_400, 3))
    [page] = documents.render_document(sample_documents.saved_pdf(document))
    assert max(page.width, page.height) <= 24_000
    assert page.width * page.height <= LIMITS.strip_pixels


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(1080, 12_000), (12_000, 1080)])
def test_a_long_screenshot_stays_as_wide_as_can_be_read(kind: str, size: tuple[int, int]) -> None:
    [page] = documents.render_document(sample_documents.make_photo(kind, size=size))
    assert min(page.width, page.height) == LIMITS.strip_side
    assert page.width / page.height == pytest.approx(size[0] / size[1], rel=0.01)


def test_a_web_page_saved_as_one_long_page_can_be_read() -> None:
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 14_000))
    [page] = documents.render_document(sample_documents.saved_pdf(document))
    assert page.width > 800
    assert page.width * page.height <= LIMITS.strip_pixels * 1.01


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("tag", "value"),
    [(0x011A, IFDRational(-1, 1)), (0x011A, "72 dpi"), (0x0128, "inch"), (0x8769, b"\0\0"), (0x9286, b"\xff" * 9)],
)
def test_a_photo_with_odd_entries_is_shown_upright(orientation: int, tag: int, value: object) -> None:
    [page] = documents.render_document(sample_documents.photo_with_odd_entry(orientation, tag, value))
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(sample_documents.turned_photo(orientation))))
    assert _open(page).size == expected.size
    assert ImageStat.Stat(ImageChops.difference(_open(page), expected.convert("RGB"))).mean[0] < 3


@pytest.mark.parametrize("font", ["STSong-Light", "SimSun", "MSung-Light", "HeiseiMin-W3", "HYSMyeongJo-Medium"])
def test_letters_whose_font_is_not_in_the_file_are_drawn(font: str) -> None:
    [page] = documents.render_document(sample_documents.pdf_without_font(font))
    dark = sum(level < 128 for level in _open(page).convert("L").tobytes())
    assert dark > 2_000


def test_a_page_with_letters_that_cannot_be_drawn_is_refused() -> None:
    data = sample_documents.pdf_without_font("STSong-Light")
    program = (
        "from pathlib import Path; from portal.engines.documents import fonts, limits, pdf\n"
        "import sys; from portal.engines.limited_process import Refused\n"
        "fonts.own_fonts = lambda: Path('/nowhere'); fonts._SYSTEM = (); pdf.prepare()\n"
        "try: list(pdf.render_pdf(sys.stdin.buffer.read(), limits.LIMITS))\n"
        "except Refused as refused: print(refused.code)"
    )
    ended = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True)
    assert ended.stdout.decode().strip() == limits.NO_FONT


@pytest.mark.parametrize("make", sample_documents.HARMLESS_NAMES, ids=lambda make: make.__name__)
def test_names_that_authors_choose_do_not_act(make: Callable[[], bytes]) -> None:
    assert documents.inspect_document(make()).page_count == 1


@pytest.mark.parametrize("padding", [b"\0" * 5_000, b"\r\n" * 3_000, b" " * 9_000])
def test_padding_behind_the_end_mark_is_no_damage(padding: bytes) -> None:
    assert documents.inspect_document(PDF + padding).page_count == 2


def test_a_photo_is_turned_upright_and_loses_place_and_maker() -> None:
    data = sample_documents.photo_with_place(orientation=6)
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(0x8825)
    [page] = documents.render_document(data)
    assert page.width < page.height  # 1200 x 900 on its side
    shown = _open(page)
    assert not shown.getexif()
    assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_drawn_on_white(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (40, 20)).save(out, "PNG")
    [page] = documents.render_document(out.getvalue())
    assert _open(page).mode == "RGB"


def test_a_big_phone_photo_is_accepted() -> None:
    data = sample_documents.make_photo(size=(8160, 6144))
    assert documents.inspect_document(data, name="a.jpg").media_type == "image/jpeg"
    [page] = documents.render_document(data)
    assert (page.width, page.height) == (1600, 1205)


@given(
    which=st.sampled_from([JPEG, PDF, sample_documents.make_photo("PNG"), sample_documents.make_photo("WEBP")]),
    draw=st.data(),
)
@settings(max_examples=15, deadline=None)
def test_damage_anywhere_gives_an_outcome_and_never_an_error(which: bytes, draw: st.DataObject) -> None:
    data = bytearray(which)
    for _ in range(draw.draw(st.integers(1, 8))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    with suppress(Refused):
        pages = documents.render_document(bytes(data))
        assert pages
        assert all(max(_open(page).size) <= LIMITS.page_side for page in pages)


TRICKS: dict[str, Callable[[], bytes]] = {
    "zip tail": lambda: JPEG + _zip(),
    "bomb": sample_documents.pdf_with_bomb,
    "giant": lambda: sample_documents.png_announcing(60_000, 60_000),
    "script": sample_documents.pdf_with_script,
}


@pytest.mark.parametrize("trick", TRICKS)
def test_rendering_refuses_on_its_own_what_inspection_refuses(trick: str) -> None:
    assert _render_code(TRICKS[trick]()) in limits.CODES


@pytest.mark.parametrize("make", sample_documents.WHITE_PAGES, ids=lambda make: make.__name__)
def test_a_white_page_whose_letters_nobody_should_see_is_no_fault(make: Callable[[], bytes]) -> None:
    assert len(documents.render_document(make())) == 1


@pytest.mark.parametrize("make", sample_documents.HIDDEN_ACTIONS, ids=lambda make: make.__name__)
def test_actions_in_unusual_places_are_refused(make: Callable[[], bytes]) -> None:
    assert _code(make()) == limits.ACTIVE
