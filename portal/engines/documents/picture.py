"""Pictures: opened in full, bounded, re-encoded without metadata. Runs in the child only."""

import io
import warnings

from PIL import Image, JpegImagePlugin, PngImagePlugin, UnidentifiedImageError, WebPImagePlugin

from portal.engines import pictures
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


def prepare() -> None:
    """Have Pillow import its readers while files can be opened."""
    Image.preinit()


def inspect_picture(data: bytes, bounds: Limits) -> int:
    """1, the number of pages, once the whole picture was decoded; raises Refused otherwise."""
    load_picture(data, bounds)
    return 1


def render_picture(data: bytes, bounds: Limits) -> Page:
    """The picture as the person meant it: turned upright, on white, reduced as `limits` say."""
    return encode_page(load_picture(data, bounds), number=1, bounds=bounds)


def encode_page(drawn: Image.Image, *, number: int, bounds: Limits) -> Page:
    """A page re-encoded from pixels only, so that no hidden content survives."""
    flat = pictures.put_on_white(drawn)
    flat.thumbnail(_drawn_size(flat, bounds), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=_QUALITY)
    return Page(number=number, width=flat.width, height=flat.height, data=out.getvalue())


def load_picture(data: bytes, bounds: Limits) -> Image.Image:
    """The picture decoded, upright and reduced as `limits` say; raises Refused."""
    Image.MAX_IMAGE_PIXELS = None  # our own bounds, checked on the header, before any pixel is decoded
    warnings.simplefilter("ignore")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _check_header(image, bounds)
            image.draft("RGB", _drawn_size(image, bounds))
            image.load()
            return _upright(image, bounds)
    except UnidentifiedImageError as error:
        raise Refused(limits.BROKEN, "not a picture") from error
    except pictures.FAULTS as error:
        raise Refused(limits.BROKEN, type(error).__name__) from error


def _check_header(image: Image.Image, bounds: Limits) -> None:
    width, height = image.size
    if width * height > bounds.pixels or max(width, height) > bounds.side:
        raise Refused(limits.TOO_MANY_PIXELS, f"{width}x{height}")
    if getattr(image, "is_animated", False) and image.format != "MPO":
        raise Refused(limits.ANIMATED)


def _upright(image: Image.Image, bounds: Limits) -> Image.Image:
    """Made small first, so that turning copies little."""
    orientation = pictures.read_orientation(image)
    small = _eight_bits(image)
    small.thumbnail(_drawn_size(small, bounds), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return pictures.turn_upright(small, orientation)


def _drawn_size(image: Image.Image, bounds: Limits) -> tuple[int, int]:
    """Width and height to which a picture is reduced; it is never enlarged."""
    scale = min(1.0, limits.drawing_scale(image.width, image.height, bounds))
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return image.point(lambda level: level / 256).convert("L")
    if image.mode in ("P", "PA", "LA", "La", "RGBa"):
        return image.convert("RGBA")
    return image
