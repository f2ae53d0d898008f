"""Real documents made on the spot, for tests and for the demo: what people send, and what attackers send."""

import io
import zlib
from collections.abc import Sequence

import pikepdf
from PIL import Image, ImageDraw

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
