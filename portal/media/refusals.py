"""The sentence for every code by which a video is refused."""

from django.conf import settings
from django.utils.functional import Promise, lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portal.engines.fingerprints import limits

PROBE_FAILED = "probe_failed"

SENTENCES: dict[str, Promise] = {
    limits.EMPTY: _("This file is empty. Please choose it again."),
    limits.UNKNOWN_TYPE: _("This is not a supported video file, despite its name. Please upload MP4 or WebM."),
    limits.BROKEN: _("This video is damaged or incomplete. Please export it again and upload that."),
    limits.NO_VIDEO: _("This file has no video, only sound or nothing at all. Please upload the video itself."),
    limits.TOO_MANY_PIXELS: _("This video's picture is too large. Please export it at 4K or smaller."),
    limits.TOO_SHORT: _("This video is too short for comparison."),
    limits.TOO_LONG: _("This video is too long. Please upload only the relevant part."),
    limits.TOO_HEAVY: _("This video is too complex to open. Please export it again as MP4 and upload that."),
    PROBE_FAILED: _("We could not check this video. Our staff have been notified."),
}


def video_refusal_sentence(code: str) -> str | Promise:
    """What to tell the person; a code without a sentence counts as damaged."""
    return too_large_sentence() if code == limits.TOO_LARGE else SENTENCES.get(code, SENTENCES[limits.BROKEN])


def too_large_sentence() -> str | Promise:
    """What to tell whose file is larger than videos may be."""
    text = _("This video is larger than {most} MB. Please export a smaller file or upload only the relevant part.")
    return format_lazy(text, most=lazystr(settings.MEDIA_MAX_BYTES >> 20))
