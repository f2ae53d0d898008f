"""Real documents made on the spot, for tests and for the demo: what people send, and what attackers send."""

import io
import struct
import zlib
from collections.abc import Sequence

import pikepdf
from PIL import ExifTags, Image, ImageDraw

A4 = (595, 842)  # points


def make_pdf(*lines: str, pages: int = 1, encryption: pikepdf.Encryption | None = None) -> bytes:
    """A PDF with the lines on every page, in Helvetica."""
    document = pikepdf.new()
    for number in range(1, pages + 1):
        _add_page(document, _text([*lines, f"Page {number} of {pages}"]))
    return saved_pdf(document, encryption=encryption)


def saved_pdf(document: pikepdf.Pdf, *, encryption: pikepdf.Encryption | None = None) -> bytes:
    """The bytes of a document."""
    out = io.BytesIO()
    document.save(out, encryption=encryption or False, static_id=encryption is None)
    return out.getvalue()


def make_photo(
    kind: str = "JPEG", *, size: tuple[int, int] = (1200, 900), text: str = "A photo", **options: object
) -> bytes:
    """A picture with a text on it, as JPEG, PNG or WEBP."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    ImageDraw.Draw(image).text((size[0] // 10, size[1] // 10), text, fill="navy", font_size=max(12, size[1] // 20))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo_with_place(*, orientation: int = 6) -> bytes:
    """A JPEG as a phone makes it: turned by EXIF, with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Phone maker"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 20.0)
    return make_photo(exif=exif)


def png_announcing(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header announces a giant picture."""
    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def pdf_with_bomb(unpacked: int = 300 << 20, *, layers: int = 1) -> bytes:
    """A PDF whose page content unpacks to `unpacked` bytes, packed `layers` times."""
    packed = _packed_blanks(unpacked)
    for _ in range(layers - 1):
        packed = zlib.compress(packed, 9)
    document = pikepdf.new()
    stream = pikepdf.Stream(document, packed)
    stream.Filter = pikepdf.Array([pikepdf.Name.FlateDecode] * layers)
    document.add_blank_page(page_size=A4)
    document.pages[0].Contents = document.make_indirect(stream)
    out = io.BytesIO()
    document.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def pdf_with_hidden_bomb(unpacked: int = 1 << 30) -> bytes:
    """The same bomb behind a second coding, so that counting what Flate gives is not enough."""
    document = pikepdf.new()
    stream = pikepdf.Stream(document, _packed_blanks(unpacked).hex().encode() + b">")
    stream.Filter = pikepdf.Array([pikepdf.Name.ASCIIHexDecode, pikepdf.Name.FlateDecode])
    document.add_blank_page(page_size=A4)
    document.pages[0].Contents = document.make_indirect(stream)
    out = io.BytesIO()
    document.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def pdf_drawing_for_ever(levels: int = 12) -> bytes:
    """A small PDF whose form draws a form ten times, which draws a form ten times, and so on."""
    document = pikepdf.new()
    document.add_blank_page(page_size=A4)
    inner = _form(document, b"0 0 9 9 re f", None)
    for _ in range(levels):
        inner = _form(document, b"/F Do " * 10, inner)
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=inner))
    document.pages[0].Contents = document.make_stream(b"/F Do")
    return saved_pdf(document)


def pdf_with_script() -> bytes:
    """A PDF that runs JavaScript when opened."""
    document = pikepdf.new()
    document.add_blank_page(page_size=A4)
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    return saved_pdf(document)


def pdf_with_launch() -> bytes:
    """A PDF with a link that starts a program; the action lies directly inside other objects."""
    document = pikepdf.new()
    document.add_blank_page(page_size=A4)
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
    document.pages[0].Annots = pikepdf.Array([link])
    return saved_pdf(document)


def pdf_with_attachment() -> bytes:
    """A PDF that carries another file."""
    document = pikepdf.new()
    document.add_blank_page(page_size=A4)
    document.attachments["tool.exe"] = pikepdf.AttachedFileSpec(document, b"MZ" + bytes(100))
    return saved_pdf(document)


def _add_page(document: pikepdf.Pdf, content: bytes) -> None:
    document.add_blank_page(page_size=A4)
    page = document.pages[-1]
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = document.make_stream(content)


def _form(document: pikepdf.Pdf, content: bytes, inner: pikepdf.Object | None) -> pikepdf.Object:
    form = pikepdf.Stream(document, content, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
    form.BBox = pikepdf.Array([0, 0, *A4])
    if inner is not None:
        form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=inner))
    return document.make_indirect(form)


def _text(lines: Sequence[str]) -> bytes:
    parts = []
    for row, line in enumerate(lines):
        safe = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        parts.append(f"BT /F1 14 Tf 60 {770 - 24 * row} Td ({safe}) Tj ET")
    return "\n".join(parts).encode("latin-1", "replace")


def _packed_blanks(size: int) -> bytes:
    engine, block = zlib.compressobj(9), b" " * (1 << 20)
    packed = [engine.compress(block) for _ in range(size >> 20)]
    return b"".join([*packed, engine.flush()])


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)


def turned_photo(orientation: int) -> bytes:
    """A JPEG with different corners, to be turned as its EXIF says."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return make_photo(size=(600, 400), exif=exif)


def photo_with_odd_entry(orientation: int, tag: int, value: object) -> bytes:
    """The same photo with one more entry, of a type that does not belong to its tag; written byte by byte."""
    plain = make_photo(size=(600, 400))
    tiff = _tiff_entries([(ExifTags.Base.Orientation, orientation), (tag, value)])
    segment = b"Exif\0\0" + tiff
    return plain[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2) + segment + plain[2:]


def _tiff_entries(entries: Sequence[tuple[int, object]]) -> bytes:
    """A TIFF directory of numbers (SHORT), texts, bytes and signed fractions."""
    rows, tail = [], b""
    start = 8 + 2 + 12 * len(entries) + 4
    for tag, value in sorted(entries, key=lambda entry: entry[0]):
        kind, count, body = _tiff_value(value)
        if len(body) > 4:
            body, tail = (start + len(tail)).to_bytes(4, "little"), tail + body
        rows.append(struct.pack("<HHI", tag, kind, count) + body.ljust(4, b"\0"))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(rows)) + b"".join(rows) + bytes(4) + tail


def _tiff_value(value: object) -> tuple[int, int, bytes]:
    if isinstance(value, int):
        return 3, 1, struct.pack("<H", value)
    if isinstance(value, str):
        return 2, len(value) + 1, value.encode() + b"\0"
    if isinstance(value, bytes):
        return 7, len(value), value
    return 10, 1, struct.pack("<ii", value.numerator, -1)  # type: ignore[attr-defined]


def pdf_without_font(font: str) -> bytes:
    """A page of letters in a Chinese, Japanese or Korean font that is named and not embedded."""
    collection, encoding, text = _FONTS_BY_NAME[font]
    document = pikepdf.new()
    document.add_blank_page(page_size=A4)
    name, system = pikepdf.Name("/" + font), pikepdf.Dictionary(Registry=b"Adobe", Ordering=collection, Supplement=2)
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor, FontName=name, Flags=4, FontBBox=[0, -200, 1000, 900], ItalicAngle=0
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.CIDFontType0, BaseFont=name, CIDSystemInfo=system
    )
    descendant.FontDescriptor = document.make_indirect(descriptor)
    outer = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type0, BaseFont=name, Encoding=pikepdf.Name("/" + encoding)
    )
    outer.DescendantFonts = pikepdf.Array([document.make_indirect(descendant)])
    document.pages[0].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(outer)))
    code = text.encode("utf-16-be").hex()
    document.pages[0].Contents = document.make_stream(f"BT /F1 40 Tf 50 600 Td <{code}> Tj ET".encode())
    return saved_pdf(document)


_FONTS_BY_NAME = {
    "STSong-Light": (b"GB1", "UniGB-UCS2-H", "执业医师资格证书"),
    "SimSun": (b"GB1", "UniGB-UCS2-H", "执业医师资格证书"),
    "MSung-Light": (b"CNS1", "UniCNS-UCS2-H", "執業醫師資格證書"),
    "HeiseiMin-W3": (b"Japan1", "UniJIS-UCS2-H", "医師免許証国家試験"),
    "HYSMyeongJo-Medium": (b"Korea1", "UniKS-UCS2-H", "의사면허증국가시험"),
}


def _page_with(**resources: pikepdf.Object) -> pikepdf.Pdf:
    document = pikepdf.new()
    document.add_blank_page(page_size=A4)
    document.pages[0].Resources = pikepdf.Dictionary({f"/{name}": value for name, value in resources.items()})
    return document


def pdf_without_attachments() -> bytes:
    """An empty tree of attached files, as some programs always write it."""
    document = _page_with()
    document.Root.Names = pikepdf.Dictionary(
        EmbeddedFiles=pikepdf.Dictionary(Names=[]), JavaScript=pikepdf.Dictionary()
    )
    return saved_pdf(document)


def pdf_with_resources_named_like_actions() -> bytes:
    """A font, a state and a form whose names are those of keys that act elsewhere."""
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    state = pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, LW=1)
    fonts = pikepdf.Dictionary({"/JS": font, "/EmbeddedFile": font})
    return saved_pdf(_page_with(Font=fonts, ExtGState=pikepdf.Dictionary({"/EF": state, "/XFA": state})))


def pdf_with_information_named_like_actions() -> bytes:
    """Entries of information that an author named."""
    document = _page_with()
    document.docinfo["/JS"] = "Jane Smith"
    document.docinfo["/Launch"] = "2026"
    return saved_pdf(document)


def pdf_with_marks_named_like_actions() -> bytes:
    """Marked content, roles and structure whose names are those of actions."""
    document = _page_with(Properties=pikepdf.Dictionary({"/JavaScript": pikepdf.Dictionary(MCID=0)}))
    roles = pikepdf.Dictionary({"/JavaScript": pikepdf.Name.P, "/Launch": pikepdf.Name.Span})
    element = pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.JavaScript, K=0)
    document.Root.StructTreeRoot = pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot, RoleMap=roles, K=[element])
    document.Root.Dests = pikepdf.Dictionary({"/JavaScript": [document.pages[0].obj, pikepdf.Name.Fit]})
    document.pages[0].Contents = document.make_stream(b"/JavaScript BMC EMC")
    return saved_pdf(document)


HARMLESS_NAMES = (
    pdf_without_attachments,
    pdf_with_resources_named_like_actions,
    pdf_with_information_named_like_actions,
    pdf_with_marks_named_like_actions,
)


def _page_saying(content: bytes) -> bytes:
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    document = _page_with(Font=pikepdf.Dictionary(F1=font))
    document.pages[0].Contents = document.make_stream(content)
    return saved_pdf(document)


def pdf_of_blanks() -> bytes:
    """A last page on which a program left some blanks."""
    return _page_saying(b"BT /F1 12 Tf 50 700 Td (   ) Tj ET")


def pdf_with_invisible_layer() -> bytes:
    """The letters that a scanner's software read, behind a white scan."""
    return _page_saying(b"BT 3 Tr /F1 12 Tf 50 700 Td (Licence) Tj ET")


def pdf_in_white() -> bytes:
    """White letters on white."""
    return _page_saying(b"1 1 1 rg BT /F1 12 Tf 50 700 Td (Licence) Tj ET")


def pdf_beside_the_page() -> bytes:
    """Letters outside the page."""
    return _page_saying(b"BT /F1 12 Tf 5000 700 Td (Licence) Tj ET")


WHITE_PAGES = (pdf_of_blanks, pdf_with_invisible_layer, pdf_in_white, pdf_beside_the_page)


def pdf_with_action_of_a_slide() -> bytes:
    """A step of a presentation that starts a program."""
    document = _page_with()
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))
    document.pages[0].PresSteps = pikepdf.Dictionary(Type=pikepdf.Name.NavNode, NA=action)
    return saved_pdf(document)


def pdf_with_action_in_a_stream() -> bytes:
    """A stream in place of the dictionary of an action."""
    document = _page_with()
    action = document.make_stream(b"", S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    document.Root.OpenAction = action
    return saved_pdf(document)


def pdf_with_media_without_place() -> bytes:
    """A rich medium whose annotation has no rectangle."""
    document = _page_with()
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.RichMedia)
    document.pages[0].Annots = pikepdf.Array([note])
    return saved_pdf(document)


HIDDEN_ACTIONS = (pdf_with_action_of_a_slide, pdf_with_action_in_a_stream, pdf_with_media_without_place)
