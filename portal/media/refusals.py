"""The sentence for every code by which a video is refused."""

from django.conf import settings
from django.utils.functional import Promise, lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portal.engines.fingerprints import limits

PROBE_FAILED = "probe_failed"

SENTENCES: dict[str, Promise] = {
    limits.EMPTY: _("This file is empty. Please choose it again."),
    limits.UNKNOWN_TYPE: _(
        "This is not a video file that can be read here, whatever its name says. Please send MP4 or WebM."
    ),
    limits.BROKEN: _("This video is damaged or incomplete. Please export it again and send that."),
    limits.NO_VIDEO: _("This file has no moving picture, only sound or nothing at all. Please send the video itself."),
    limits.TOO_MANY_PIXELS: _("The picture of this video is too large. Please export it at 4K or smaller."),
    limits.TOO_SHORT: _("This video is too short to compare it with another."),
    limits.TOO_LONG: _("This video is too long. Please send only the part that matters."),
    limits.TOO_HEAVY: _("This video takes too much work to open. Please export it again as MP4 and send that."),
    PROBE_FAILED: _("We could not check this video. Our staff have been told."),
}


def video_refusal_sentence(code: str) -> str | Promise:
    """What to tell the person; a code without a sentence counts as damaged."""
    return too_large_sentence() if code == limits.TOO_LARGE else SENTENCES.get(code, SENTENCES[limits.BROKEN])


def too_large_sentence() -> str | Promise:
    """What to tell whose file is larger than videos may be."""
    text = _("This video is larger than {most} MB. Please export it smaller, or send only the part that matters.")
    return format_lazy(text, most=lazystr(settings.MEDIA_MAX_BYTES >> 20))
