"""What makes a complaint incomplete, as codes and in words: a video that cannot be had or opened."""

from collections.abc import Collection

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.media import refusals

COPY, ORIGINAL = "copy", "original"
PLATFORM_SILENT = "platform_silent"
OTHER_KIND = "other_kind"  # the two are works of different kinds


def gone_code(side: str) -> str:
    """The code for a video that is not there (any more)."""
    return f"{side}_gone"


def refused_code(side: str, code: str) -> str:
    """The code for a video that cannot be opened."""
    return f"{side}_refused:{code}"


def both_videos_here(codes: Collection[str]) -> bool:
    """Whether both videos are here and only the machine cannot open one: people may look at them without it."""
    return bool(codes) and all("_refused:" in code or code == OTHER_KIND for code in codes)


def code_side(code: str) -> str:
    """Which video a code is about; "" when it is the platform."""
    return next((side for side in (COPY, ORIGINAL) if code.startswith(side)), "")


def missing_sentence(code: str) -> str | Promise:
    """What to tell the complainant, and what they can do."""
    kind, _colon, refusal = code.partition(":")
    why = str(refusals.video_refusal_sentence(refusal)) if refusal else ""
    return {
        "copy_gone": _(
            "The copy is no longer available on the platform. If you have a recording of it, please upload it."
        ),
        "copy_refused": _("The copy cannot be opened: %s") % why,
        "original_gone": _(
            "Your original is not available from the platform. Please upload the work itself or give another address."
        ),
        "original_refused": _("Your original cannot be opened: %s") % why,
        OTHER_KIND: _(
            "The two works are of different kinds, for example a video and a picture, so they cannot be compared automatically. Please give "
            "a work of the same kind, or have people look at both without an automatic comparison."
        ),
        PLATFORM_SILENT: _(
            "The platform did not provide the work after several attempts. You can ask us to try "
            "again, or upload a recording."
        ),
    }[kind]
