"""The sentence for every code by which a video is refused."""

from django.conf import settings
from django.utils.functional import Promise, lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portal.engines.fingerprints import limits, sniffing

PROBE_FAILED = "probe_failed"
# Refusals of one kind of work that are told otherwise than those of a video.
_OF_KIND: dict[tuple[str, str], str] = {
    (sniffing.IMAGE, limits.TOO_MANY_PIXELS): "still_pixels",
    (sniffing.IMAGE, limits.TOO_LARGE): "still_large",
    (sniffing.IMAGE, limits.BROKEN): "still_broken",
    (sniffing.SOUND, limits.BROKEN): "sound_broken",
    (sniffing.TEXT, limits.TOO_LARGE): "text_large",
    (sniffing.TEXT, limits.EMPTY): "text_empty",
}

SENTENCES: dict[str, Promise] = {
    limits.EMPTY: _("This file is empty. Please choose it again."),
    limits.UNKNOWN_TYPE: _(
        "This is not a supported file, despite its name. Please upload a video (MP4, WebM), a picture (JPEG, PNG, WebP, GIF), "
        "a sound recording (MP3, M4A, Ogg, FLAC, WAV) or plain text (best in UTF-8)."
    ),
    limits.BROKEN: _("This video is damaged or incomplete. Please export it again and upload that."),
    limits.NO_VIDEO: _("This file has no video, only sound or nothing at all. Please upload the video itself."),
    limits.NO_SOUND: _("This file has neither pictures nor sound. Please upload the work itself."),
    limits.TOO_MANY_PIXELS: _("This video's picture is too large. Please export it at 4K or smaller."),
    limits.TOO_SHORT: _("This file is shorter than one second, too short for comparison."),
    limits.TOO_LONG: _("This file is longer than twelve hours. Please upload only the relevant part."),
    limits.TOO_HEAVY: _("This file is too complex to open. Please export it again, smaller, and upload that."),
    "still_pixels": _("This picture is too large. Please export it with at most 100 million pixels."),
    "still_large": _("This picture is larger than 64 MB. Please export a smaller file."),
    "still_broken": _("This picture is damaged or incomplete. Please export it again and upload that."),
    "sound_broken": _("This sound recording is damaged or incomplete. Please export it again and upload that."),
    "text_large": _(
        "This text is too long: at most 1 MB and 200,000 characters. Please upload only the relevant part."
    ),
    "text_empty": _("This text is empty."),
    PROBE_FAILED: _("We could not check this file. Our staff have been notified."),
}


def code_of_kind(kind: str, code: str) -> str:
    """The refusal's code, where the kind of work tells it otherwise than a video: SENTENCES has it."""
    return _OF_KIND.get((kind, code), code)


def video_refusal_sentence(code: str) -> str | Promise:
    """What to tell the person; a code without a sentence counts as damaged."""
    return too_large_sentence() if code == limits.TOO_LARGE else SENTENCES.get(code, SENTENCES[limits.BROKEN])


def too_large_sentence() -> str | Promise:
    """What to tell whose file is larger than videos may be."""
    text = _("This file is larger than {most} MB. Please export a smaller file or upload only the relevant part.")
    return format_lazy(text, most=lazystr(settings.MEDIA_MAX_BYTES >> 20))
