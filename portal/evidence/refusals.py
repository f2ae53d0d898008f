"""The sentence for every code by which the document engine refuses a file."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.engines.documents import limits

RENDER_FAILED = "render_failed"

REFUSAL_SENTENCES: dict[str, Promise] = {
    limits.EMPTY: _("This file is empty. Please choose it again."),
    limits.TOO_LARGE: _("This file is larger than 20 MB. Please upload a smaller scan or photo."),
    limits.UNKNOWN_TYPE: _("This is not a PDF, JPEG, PNG or WebP file, despite its name."),
    limits.HEIC: _("HEIC photos are not supported. Please save the photo as JPEG and upload that."),
    limits.WRONG_NAME: _("The file name does not match its content. Please save it again as the correct type."),
    limits.TWO_TYPES: _(
        "This file contains two file types in one. Please print or photograph the document and upload that."
    ),
    limits.BROKEN: _("This file is damaged or incomplete. Please save or scan it again."),
    limits.ENCRYPTED: _("This PDF is locked with a password. Please upload a copy without a password."),
    limits.ACTIVE: _(
        "This PDF contains scripts, forms that send data, media or attached files. Please print it to "
        "a new PDF and upload that."
    ),
    limits.NO_FONT: _(
        "The letters of this PDF cannot be shown here, because their font is not in the file. Please save it with its fonts "
        "embedded, or upload a photo or screenshot of it."
    ),
    limits.TOO_MANY_PAGES: _("This PDF has more than 20 pages. Please upload only the pages that are needed."),
    limits.TOO_MANY_PIXELS: _(
        "This picture is too large: at most 64 million pixels are allowed. Please upload a smaller copy."
    ),
    limits.ANIMATED: _("This picture is animated. Please upload a still picture."),
    limits.TOO_HEAVY: _("This file is too complex to open. Please print it to a new PDF or take a photo of it."),
    RENDER_FAILED: _("We could not prepare this file for viewing. Our staff have been notified."),
}


def refusal_sentence(code: str) -> Promise:
    """What to tell the person; a code without a sentence counts as damaged."""
    return REFUSAL_SENTENCES.get(code, REFUSAL_SENTENCES[limits.BROKEN])
