"""Forms that know what they were filled from, so that two windows never overwrite each other unseen."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.utils.translation import gettext as _

STORED_MARK, PAGE_ID = "stored_mark", "page_id"
_MOST_REMEMBERED = 40


class StaleCheckedForm(forms.Form):
    """A form over stored values. It carries a mark of each value that was stored when the page was made.

    What was changed on this page is written; what was changed elsewhere only stays as it is stored. A field that was
    changed in both places is refused once with both values shown; sent again from that page it wins. `stored` holds the
    values by field name; `hidden` what counts but is never shown, such as the fingerprint of a number. `written` is what
    this session remembers of each page's own last saving (`remember`): a page that saves itself is not its own rival.
    """

    # Whether a form that came without any mark, as from a program, has seen what is stored.
    unmarked_is_current: ClassVar[bool] = False

    stored_mark = forms.CharField(required=False, widget=forms.HiddenInput, max_length=2000)
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
        self.marks = marks_of_values({**self.stored, **(hidden or {})})
        initial = {**self.stored, STORED_MARK: join_marks(self.marks), PAGE_ID: secrets.token_hex(8)}
        super().__init__(data, initial=initial, **kwargs)
        self._page = str(self.data.get(self.add_prefix(PAGE_ID)) or "")
        shown = self.data.get(self.add_prefix(STORED_MARK)) or ""
        self.seen = split_marks(shown) | split_marks((written or {}).get(self._page, ""))
        self._conflicts: list[str] = []
        self._untouched: list[str] = []

    @property
    def is_stale(self) -> bool:
        """Whether a field was changed on the sender's page and, unseen by it, elsewhere; known once it is validated."""
        return bool(self._conflicts)

    def clean(self) -> dict[str, Any]:
        """Leave alone what was not changed here, and refuse once what would overwrite values that the sender has not seen."""
        data: dict[str, Any] = super().clean() or {}
        for name in [name for name in self.stored if name in self.fields and self.is_changed_elsewhere(name)]:
            typed = self._typed_marks(name, data)
            if self.seen.get(name) in typed:
                self._untouched.append(name)
            elif self.marks[name] not in typed:
                self._conflicts.append(name)
        self._conflicts += self.hidden_conflicts(data)
        self._show_stored(data)
        for name in self._conflicts:
            self.add_error(name, stale_value_sentence(self.shown_elsewhere(name)))
        return data

    def is_changed_elsewhere(self, name: str) -> bool:
        """Whether another value is stored than the sender's page has shown or saved."""
        if self.unmarked_is_current and not self.seen:
            return False
        return self.seen.get(name) != self.marks[name]

    def hidden_conflicts(self, _data: Mapping[str, Any]) -> list[str]:
        """Fields whose stored value is never shown, and was replaced here and elsewhere."""
        return []

    def shown_elsewhere(self, name: str) -> object:
        """What was saved elsewhere, as it may be shown."""
        return self.stored[name]

    def differences(self, data: Mapping[str, Any]) -> list[str]:
        """The fields whose typed value is not the stored one."""
        return [name for name, value in self.stored.items() if name in data and (data[name] or "") != (value or "")]

    def remember(self, written: Mapping[str, str], stored: Mapping[str, Any]) -> dict[str, str]:
        """What the session keeps after saving: this page, and the marks of what it stored or had shown before."""
        marks = marks_of_values(stored)
        unseen = {name: self.seen.get(name, "") for name in (*self._untouched, *self._conflicts) if name in marks}
        kept = dict(list(written.items())[-_MOST_REMEMBERED:])
        return {**kept, self._page: join_marks({**marks, **unseen})}

    def _typed_marks(self, name: str, data: Mapping[str, Any]) -> set[str]:
        """The marks of a field's value, as it was sent and as it was read."""
        sent = self.fields[name].widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        return {_mark(value) for value in ([sent, data[name]] if name in data else [sent])}

    def _show_stored(self, data: dict[str, Any]) -> None:
        """Put the stored values into what was not touched; a page that is shown again has seen everything."""
        if not (self._untouched or self._conflicts):
            return
        shown = self.data.copy()  # type: ignore[attr-defined]
        for name in self._untouched:
            data[name] = self.stored[name]
            self.errors.pop(name, None)
            shown[self.add_prefix(name)] = _text(self.stored[name])
        shown[self.add_prefix(PAGE_ID)] = secrets.token_hex(8)
        shown[self.add_prefix(STORED_MARK)] = join_marks(self.marks)
        self.data = shown


class ShownChoiceForm(forms.Form):
    """A form with one choice, perhaps made in several fields. It carries a mark of the choice that its page was filled with.

    A choice that was not changed on its page does not replace another one that was stored meanwhile.
    """

    shown_mark = forms.CharField(required=False, widget=forms.HiddenInput, max_length=12)

    def note_stored(self, *choice: object) -> None:
        """Say what is stored now."""
        self._stored = _mark_of_choice(choice)
        self.initial["shown_mark"] = self._stored

    def is_untouched(self, *choice: object) -> bool:
        """Whether the choice that was sent is the one that the page was filled with, while another one is stored."""
        shown = self._shown()
        return bool(shown) and shown == _mark_of_choice(choice) != self._stored

    def shown_after(self, *, sent: object, stored: object) -> str:
        """The mark that the page carries once a part of it is replaced: of what is `stored`, if that is what was `sent`."""
        return _mark_of_choice([stored]) if not self.is_bound or sent == stored else self._shown()

    def _shown(self) -> str:
        return str(self.data.get(self.add_prefix("shown_mark")) or "")


def marks_of_values(values: Mapping[str, Any]) -> dict[str, str]:
    """A short mark of each stored value; equal values have equal marks."""
    return {name: _mark(value) for name, value in values.items()}


def join_marks(marks: Mapping[str, str]) -> str:
    """Marks by name as one text."""
    return " ".join(f"{name}:{mark}" for name, mark in marks.items())


def split_marks(text: str) -> dict[str, str]:
    """What join_marks() was given."""
    return dict(part.split(":", 1) for part in text.split() if ":" in part)


def stale_value_sentence(value: object) -> str:
    """The sentence beside a field that another window has changed."""
    stored = str(value) if isinstance(value, Model) else _text(value)
    shown = stored if len(stored) <= 80 else f"{stored[:80]}…"
    if not shown:
        return _("This was cleared in another window. Save again to keep what is shown here.")
    return _("“%(value)s” was saved in another window. Save again to replace it.") % {"value": shown}


def _mark_of_choice(choice: Iterable[object]) -> str:
    return _mark("\n".join(_text(value) for value in choice))


def _text(value: object) -> str:
    if isinstance(value, Model):
        return str(value.pk)
    return (value.isoformat() if isinstance(value, date) else str(value or "")).replace("\r\n", "\n").strip()


def _mark(value: object) -> str:
    return hashlib.sha256(_text(value).encode()).hexdigest()[:12]
