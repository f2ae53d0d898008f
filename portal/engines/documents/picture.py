"""Pictures: opened in full, bounded, re-encoded without metadata. Runs in the child only."""

import io
import warnings

from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, UnidentifiedImageError, WebPImagePlugin

from portal.engines.documents import limits
from portal.engines.documents.limits import Limits, Page
from portal.engines.limited_process import Refused

# A JPEG with a second picture behind it, as phones make them, opens as MPO; the first is shown.
_FORMATS = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
)
_QUALITY = 88
_FAULTS = (OSError, SyntaxError, ValueError, TypeError, OverflowError, EOFError, IndexError, KeyError)


def prepare() -> None:
    """Have Pillow import its readers while files can be opened."""
    Image.preinit()


def inspect_picture(data: bytes, bounds: Limits) -> int:
    """1, the number of pages, once the whole picture was decoded; raises Refused otherwise."""
    _load(data, bounds)
    return 1


def render_picture(data: bytes, bounds: Limits) -> Page:
    """The picture as the person meant it: turned upright, on white, at most `page_side` px long."""
    return encode_page(_load(data, bounds), number=1, bounds=bounds)


def encode_page(drawn: Image.Image, *, number: int, bounds: Limits) -> Page:
    """A page re-encoded from pixels only, so that no hidden content survives."""
    flat = _on_white(drawn)
    flat.thumbnail((bounds.page_side, bounds.page_side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=_QUALITY)
    return Page(number=number, width=flat.width, height=flat.height, data=out.getvalue())


def _load(data: bytes, bounds: Limits) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # our own bounds, checked on the header, before any pixel is decoded
    warnings.simplefilter("ignore")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _check_header(image, bounds)
            image.draft("RGB", (bounds.page_side, bounds.page_side))
            image.load()
            return _upright(image, bounds)
    except UnidentifiedImageError as error:
        raise Refused(limits.BROKEN, "not a picture") from error
    except _FAULTS as error:
        raise Refused(limits.BROKEN, type(error).__name__) from error


def _check_header(image: Image.Image, bounds: Limits) -> None:
    width, height = image.size
    if width * height > bounds.pixels or max(width, height) > bounds.side:
        raise Refused(limits.TOO_MANY_PIXELS, f"{width}x{height}")
    if getattr(image, "is_animated", False) and image.format != "MPO":
        raise Refused(limits.ANIMATED)


def _upright(image: Image.Image, bounds: Limits) -> Image.Image:
    """Made small first, so that turning copies little."""
    small = _eight_bits(image)
    small.thumbnail((bounds.page_side, bounds.page_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return ImageOps.exif_transpose(small)


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return image.point(lambda level: level / 256).convert("L")
    if image.mode in ("P", "PA", "LA", "La", "RGBa"):
        return image.convert("RGBA")
    return image


def _on_white(image: Image.Image) -> Image.Image:
    if "A" in image.getbands():
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    return image.convert("RGB")
