"""Forms that know what they were filled from, so that two windows never overwrite each other unseen."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

STORED_MARK, PAGE_ID = "stored_mark", "page_id"
_MOST_REMEMBERED = 40


class StaleCheckedForm(forms.Form):
    """A form over stored values. It carries a mark of what was stored when the page was made.

    Sent with an old mark and other values, it is refused once with both values shown; sent again
    from that page it wins. `stored` holds the values by field name; `hidden` what counts for the
    mark but is never shown, such as the fingerprint of a number. `written` is what this session
    remembers of its own last saving (`remember`): a page that saves itself is not its own rival.
    """

    stored_mark = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)
    page_id = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)

    def __init__(
        self,
        data: Any = None,
        *,
        stored: Mapping[str, Any],
        hidden: Mapping[str, Any] | None = None,
        written: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.stored = dict(stored)
        self.mark = mark_of_values({**self.stored, **(hidden or {})})
        initial = {**self.stored, STORED_MARK: self.mark, PAGE_ID: secrets.token_hex(8)}
        super().__init__(data, initial=initial, **kwargs)
        page = self.data.get(self.add_prefix(PAGE_ID)) or ""
        self._known_marks = {self.data.get(self.add_prefix(STORED_MARK)), (written or {}).get(page)}

    @property
    def is_stale(self) -> bool:
        """Whether something was stored that the sender's page has neither shown nor saved."""
        return self.is_bound and self.mark not in self._known_marks

    def clean(self) -> dict[str, Any]:
        """Refuse once what would overwrite values that the sender has not seen."""
        data: dict[str, Any] = super().clean() or {}
        if self.is_stale:
            self.refuse_stale(data)
        return data

    def differences(self, data: Mapping[str, Any]) -> list[str]:
        """The fields whose typed value is not the stored one."""
        return [name for name, value in self.stored.items() if name in data and (data[name] or "") != (value or "")]

    def refuse_stale(self, data: Mapping[str, Any]) -> None:
        """Show both values, and let the next try count as having seen them."""
        for name in self.differences(data):
            self.add_error(name, stale_value_sentence(self.stored[name]))
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data[self.add_prefix(STORED_MARK)] = self.mark  # type: ignore[index]

    def remember(self, written: Mapping[str, str], stored: Mapping[str, Any]) -> dict[str, str]:
        """What the session keeps after saving: this page, and the mark of what it stored."""
        kept = dict(list(written.items())[-_MOST_REMEMBERED:])
        return {**kept, str(self.data.get(self.add_prefix(PAGE_ID)) or ""): mark_of_values(stored)}


def mark_of_values(values: Mapping[str, Any]) -> str:
    """A short mark of stored values; equal values give equal marks."""
    text = json.dumps({name: str(value or "") for name, value in values.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def stale_value_sentence(value: object) -> str:
    """The sentence beside a field that another window has changed."""
    stored = (value.isoformat() if isinstance(value, date) else str(value or "")).strip()
    shown = stored if len(stored) <= 80 else f"{stored[:80]}…"
    if not shown:
        return _("This was cleared in another window. Save again to keep what is shown here.")
    return _("“%(value)s” was saved in another window. Save again to replace it.") % {"value": shown}
