"""PDF files: opened, searched for what could act, counted, drawn. Runs in the child only."""

import ctypes
import io
import zlib
from collections.abc import Iterator

import pikepdf
import pypdfium2 as pdfium
from PIL import Image

from portal.engines.documents import active_content, fonts, limits, picture, sniffing
from portal.engines.documents.limits import Limits, Page
from portal.engines.limited_process import Refused

_PICTURE_CODINGS = frozenset({"/DCTDecode", "/DCT", "/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode", "/CCF"})
_WHITE = 250  # of 255; the darkest sign of a page that shows nothing
_CHUNK = 1 << 20


def prepare() -> None:
    """Have the libraries find fonts, and the random numbers that encrypted files need, while files can be opened."""
    pikepdf.new().save(io.BytesIO(), encryption=pikepdf.Encryption(user="", owner="x"))
    fonts.install_fonts()


def inspect_pdf(data: bytes, bounds: Limits) -> int:
    """Number of pages; raises Refused for what is locked, broken, active or too big."""
    sniffing.refuse_without_end(data)
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            return _inspect_open(document, bounds)
    except pikepdf.PasswordError as error:
        raise Refused(limits.ENCRYPTED) from error
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError) as error:
        raise Refused(limits.BROKEN, type(error).__name__) from error


def render_pdf(data: bytes, bounds: Limits) -> Iterator[Page]:
    """Draw every page as large as `limits` say, forms included, no script engine present."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise Refused(limits.BROKEN, "pdfium") from error
    document.init_forms()
    for index in range(len(document)):
        try:
            page = document[index]
            width, height = page.get_size()
            drawn = page.render(scale=limits.drawing_scale(width, height, bounds)).to_pil()
            _refuse_undrawn(page, drawn)
        except pdfium.PdfiumError as error:
            raise Refused(limits.BROKEN, f"page {index + 1}") from error
        yield picture.encode_page(drawn, number=index + 1, bounds=bounds)
        page.close()


def _inspect_open(document: pikepdf.Pdf, bounds: Limits) -> int:
    if len(document.objects) > bounds.pdf_objects:
        raise Refused(limits.TOO_HEAVY, "objects")
    count = len(document.pages)
    if count > bounds.pages:
        raise Refused(limits.TOO_MANY_PAGES, str(count))
    if count == 0:
        raise Refused(limits.BROKEN, "no pages")
    active_content.refuse_active_trees(document)
    unpacked, values = 0, 0
    for item in document.objects:
        values += active_content.refuse_active(item, bounds.pdf_values - values)
        if isinstance(item, pikepdf.Stream):
            _refuse_big_picture(item, bounds)
            unpacked += _unpacked_size(item, bounds.unpacked_bytes - unpacked)
    return count


def _refuse_undrawn(page: pdfium.PdfPage, drawn: Image.Image) -> None:
    """Refuse a page that has letters and stays white: its font is neither in the file nor here."""
    darkest = next(level for level, count in enumerate(drawn.convert("L").histogram()) if count)
    if darkest >= _WHITE and _has_visible_letters(page):
        raise Refused(limits.NO_FONT)


def _has_visible_letters(page: pdfium.PdfPage) -> bool:
    """Whether there are letters that should be seen: on the page, of a colour, and no layer of text behind a scan."""
    text = page.get_textpage()
    for piece in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_TEXT]):
        left, bottom, right, top = piece.get_bounds()
        # What cannot be drawn may have no size.
        inside = right >= 0 and top >= 0 and left <= page.get_width() and bottom <= page.get_height()
        if inside and _is_coloured(piece) and _letters_of(piece, text):
            return True
    return False


def _letters_of(piece: pdfium.PdfObject, text: pdfium.PdfTextPage) -> str:
    size = pdfium.raw.FPDFTextObj_GetText(piece.raw, text.raw, None, 0)  # bytes
    letters = (ctypes.c_ushort * (size // 2 + 1))()
    pdfium.raw.FPDFTextObj_GetText(piece.raw, text.raw, letters, size)
    return bytes(letters).decode("utf-16-le", "ignore").strip("\0 \t\r\n\xa0")


def _is_coloured(piece: pdfium.PdfObject) -> bool:
    if pdfium.raw.FPDFTextObj_GetTextRenderMode(piece.raw) == pdfium.raw.FPDF_TEXTRENDERMODE_INVISIBLE:
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    parts = [ctypes.byref(part) for part in (red, green, blue, alpha)]
    if not pdfium.raw.FPDFPageObj_GetFillColor(piece.raw, *parts):
        return True
    return alpha.value > 0 and min(red.value, green.value, blue.value) < _WHITE


def _refuse_big_picture(stream: pikepdf.Stream, bounds: Limits) -> None:
    if stream.get("/Subtype") == "/Image":
        width, height = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
        if width * height > bounds.pixels or max(width, height) > bounds.side:
            raise Refused(limits.TOO_MANY_PIXELS, f"{width}x{height}")


def _unpacked_size(stream: pikepdf.Stream, allowed: int) -> int:
    """Bytes that the stream unpacks to, found without keeping them; Refused beyond `allowed`."""
    filters = stream.get("/Filter", pikepdf.Array())
    names = {str(name) for name in filters} if isinstance(filters, pikepdf.Array) else {str(filters)}
    if names & _PICTURE_CODINGS:
        return len(stream.read_raw_bytes())  # bounded by the picture's size, checked on its own
    if not names <= {"/FlateDecode", "/Fl"}:
        return _decoded_size(stream)
    parts: Iterator[bytes] = iter([stream.read_raw_bytes()])
    for _ in filters if isinstance(filters, pikepdf.Array) else [filters]:
        parts = _inflate(parts)
    total = 0
    for part in parts:
        total += len(part)
        if total > allowed:
            raise Refused(limits.TOO_HEAVY, "unpacked size")
    return total


def _decoded_size(stream: pikepdf.Stream) -> int:
    """For rare codings, by decoding them: memory runs out in this child, not in the portal."""
    try:
        return len(stream.read_bytes())
    except pikepdf.PdfError as error:
        raise Refused(limits.TOO_HEAVY, "coding") from error


def _inflate(parts: Iterator[bytes]) -> Iterator[bytes]:
    engine = zlib.decompressobj()
    for part in parts:
        rest = part
        while rest and not engine.eof:
            try:
                yield engine.decompress(rest, _CHUNK)
            except zlib.error:
                return  # readers show what precedes a fault; rendering decides whether that is enough
            rest = engine.unconsumed_tail
