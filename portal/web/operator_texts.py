"""The operator's own texts: terms, privacy notice, contact. Plain text, from files that the operator writes.

In the folder `settings.OPERATOR_TEXTS` the file `terms.en.txt` holds the terms in English, `privacy.zh-hans.txt` the
privacy notice in Chinese, and so on. Empty lines part paragraphs; addresses become links.
"""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language

MOST_BYTES = 200_000


@dataclass(frozen=True)
class OperatorText:
    """A text, and the language in which it is written."""

    text: str
    language: str


def operator_text(name: str) -> OperatorText | None:
    """The text in the reader's language, else in the default language, else in any; None if there is none."""
    folder: Path | None = settings.OPERATOR_TEXTS
    if folder is None:
        return None
    codes = [get_language() or settings.LANGUAGE_CODE, settings.LANGUAGE_CODE, *dict(settings.LANGUAGES)]
    for code in codes:
        try:
            with (folder / f"{name}.{code}.txt").open("rb") as file:
                text = file.read(MOST_BYTES).decode("utf-8", "replace").strip()
        except OSError:
            continue
        if text:
            return OperatorText(text, code)
    return None
