"""What the first bytes of a file that was just sent tell, while its sender still sees the form; a job opens all of it later."""

import mimetypes

from django.utils.functional import Promise

from portal.engines.fingerprints import limits, sniffing
from portal.engines.limited_process import Refused
from portal.media import parts, refusals
from portal.media.models import MediaFile, MediaState

# What no text is: the name says that the bytes are something else.
_NOT_TEXT = ("video/", "audio/", "image/", "application/pdf", "application/zip", "application/msword")


def refuse_first_bytes(file: MediaFile) -> str | Promise:
    """Why the file cannot be a work, as far as its beginning and its name tell; "" where it may be one. Reads one part."""
    if file.state != MediaState.STORED:
        return ""
    head = b"".join(parts.read_video(file, 0, min(file.size, sniffing.HEAD)))
    try:
        kind = sniffing.detect_kind(head)
    except Refused as refused:
        return refusals.video_refusal_sentence(refused.code)
    named = mimetypes.guess_type(file.name)[0] or ""
    is_misnamed = kind == sniffing.TEXT and named.startswith(_NOT_TEXT)
    return refusals.video_refusal_sentence(limits.UNKNOWN_TYPE) if is_misnamed else ""
