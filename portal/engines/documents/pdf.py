"""PDF files: opened, searched for what could act, counted, drawn. Runs in the child only."""

import io
import zlib
from collections.abc import Iterator

import pikepdf
import pypdfium2 as pdfium

from portal.engines.documents import limits, picture, sniffing
from portal.engines.documents.limits import Limits, Page
from portal.engines.limited_process import Refused

_ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/EmbeddedFiles", "/EmbeddedFile", "/EF", "/RichMediaContent", "/XFA", "/Rendition"}
)
_ACTIVE_NAMES = frozenset(
    {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/RichMedia", "/Movie", "/Sound", "/Rendition"}
    | {"/FileAttachment", "/EmbeddedFile", "/GoToE", "/3D"}
)
_PICTURE_CODINGS = frozenset({"/DCTDecode", "/DCT", "/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode", "/CCF"})
_NESTING = 40  # direct objects inside one another
_CHUNK = 1 << 20


def prepare() -> None:
    """Have the library open its source of random numbers, which encrypted files need, while files can be opened."""
    pikepdf.new().save(io.BytesIO(), encryption=pikepdf.Encryption(user="", owner="x"))


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
    """Draw every page, long side `bounds.page_side` px, forms included, no script engine present."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise Refused(limits.BROKEN, "pdfium") from error
    document.init_forms()
    for index in range(len(document)):
        try:
            page = document[index]
            scale = bounds.page_side / max(*page.get_size(), 1.0)
            drawn = page.render(scale=scale).to_pil()
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
    unpacked, values = 0, 0
    for item in document.objects:
        values += _refuse_active(item, bounds.pdf_values - values)
        if isinstance(item, pikepdf.Stream):
            _refuse_big_picture(item, bounds)
            unpacked += _unpacked_size(item, bounds.unpacked_bytes - unpacked)
    return count


def _refuse_active(root: pikepdf.Object, allowed: int) -> int:
    """Refuse scripts, programs, attachments and media; how many values were looked at, Refused beyond `allowed`.

    Indirect objects are visited by the caller.
    """
    waiting: list[tuple[object, int]] = [(root, 0)]
    count = 0
    while waiting:
        item, depth = waiting.pop()
        if depth > _NESTING:
            raise Refused(limits.TOO_HEAVY, "nesting")
        count += len(item) if isinstance(item, pikepdf.Array | pikepdf.Dictionary) else 1
        if count > allowed:
            raise Refused(limits.TOO_HEAVY, "values")
        waiting += [(child, depth + 1) for child in _children(item) if _is_direct(child)]
    return count


def _children(item: object) -> Iterator[object]:
    if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        for key, value in item.items():
            if key in _ACTIVE_KEYS:
                raise Refused(limits.ACTIVE, key)
            if key in ("/S", "/Subtype", "/Type") and str(value) in _ACTIVE_NAMES:
                raise Refused(limits.ACTIVE, str(value))
            yield value
    elif isinstance(item, pikepdf.Array):
        yield from item


def _is_direct(item: object) -> bool:
    return isinstance(item, pikepdf.Object) and not item.is_indirect


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
