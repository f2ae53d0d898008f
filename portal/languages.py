"""Texts in several languages: a field that holds them by language code, its form field, and the choice among them.

A text of a row is data: `{"en": "Medicine", "zh-hans": "医疗健康"}`. Texts of pages and letters are messages of the catalogues.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, overload

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Texts = dict[str, str]

if TYPE_CHECKING:  # takes its types in the stubs only
    _JSONField = models.JSONField[Texts, Texts]
else:
    _JSONField = models.JSONField

_SHORT = 300  # characters; a longer text gets several lines in forms


def language_codes() -> list[str]:
    """The languages of the portal."""
    return [code for code, _name in settings.LANGUAGES]


def language_choices() -> list[tuple[str, Any]]:
    """The languages of the portal with their names, for forms."""
    return list(settings.LANGUAGES)


def current_language() -> str:
    """The reader's language."""
    return translation.get_language() or settings.LANGUAGE_CODE


def text_lookups(name: str) -> list[str]:
    """The lookups that reach a TranslatedField's text in each language."""
    return [f"{name}__{code}" for code in language_codes()]


def supported_language(tag: str) -> str:
    """The language of the portal that best matches a language tag; without any match, the default."""
    try:
        return translation.get_supported_language_variant(tag.lower())
    except LookupError:
        return settings.LANGUAGE_CODE


def text_in_language(texts: Mapping[str, str], language: str | None = None) -> str:
    """The text in a language (None: the reader's), else in its base language, else in the default language, else empty."""
    code = language or current_language()
    found = (texts.get(key) for key in (code, code.partition("-")[0], settings.LANGUAGE_CODE))
    return next(filter(None, found), "")


def in_each_language(render: Callable[[], str]) -> Texts:
    """What a function returns in each language of the portal."""
    texts = {}
    for code in language_codes():
        with translation.override(code):
            texts[code] = render()
    return texts


class TranslatedInput(forms.MultiWidget):
    """One input for each language."""

    template_name = "components/translated_input.html"
    use_fieldset = True

    def __init__(self, *, max_length: int) -> None:
        widget, rows = (forms.TextInput, {}) if max_length <= _SHORT else (forms.Textarea, {"rows": 4})
        super().__init__({code: widget({"lang": code, "maxlength": max_length, **rows}) for code in language_codes()})

    def decompress(self, value: Texts | None) -> list[str]:
        """The texts in the order of the inputs."""
        return [(value or {}).get(code, "") for code in language_codes()]


class TranslatedFormField(forms.MultiValueField):
    """Texts of at most `max_length` characters by language; an empty one is left out."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        needed = {settings.LANGUAGE_CODE} if kwargs.get("required", True) else set()
        fields = [forms.CharField(max_length=max_length, required=code in needed) for code in language_codes()]
        messages = {"incomplete": _default_language_missing()}
        widget = TranslatedInput(max_length=max_length)
        super().__init__(fields, require_all_fields=False, error_messages=messages, widget=widget, **kwargs)

    def compress(self, data_list: list[str]) -> Texts:
        """The texts that were given."""
        return {code: text for code, text in zip(language_codes(), data_list, strict=False) if text}


class TranslatedField(_JSONField):
    """Texts by language code, each of 1 to `max_length` characters; the default language is always there unless all may be blank."""

    def __init__(self, verbose_name: Any = None, *, max_length: int, **kwargs: Any) -> None:
        if kwargs.get("blank"):
            kwargs.setdefault("default", dict)
        super().__init__(verbose_name, max_length=max_length, **kwargs)
        self.max_length: int = max_length

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Refuse what is not a text by language, an unknown language, a text too long, and no text in the default language."""
        super().validate(value, model_instance)
        if not isinstance(value, dict) or not all(text and isinstance(text, str) for text in value.values()):
            raise ValidationError(_("Please give texts by language."))
        if unknown := value.keys() - language_codes():
            raise ValidationError(_("Unknown: %s") % ", ".join(sorted(unknown)))
        if settings.LANGUAGE_CODE not in value:
            raise ValidationError(_default_language_missing())
        if any(len(text) > self.max_length for text in value.values()):
            raise ValidationError(_("Please use at most %d characters.") % self.max_length)

    def formfield(self, **kwargs: Any) -> Any:
        """One input for each language."""
        given = {
            "form_class": TranslatedFormField,
            "max_length": self.max_length,
            "show_hidden_initial": False,
            **kwargs,
        }
        return models.Field.formfield(self, **given)


class ReaderText:
    """Attribute of a model: the text of a TranslatedField in the reader's language. The admin can show it and sort by it."""

    def __init__(self, field: TranslatedField) -> None:
        self.field = field

    @overload
    def __get__(self, row: None, owner: type[models.Model]) -> Self: ...
    @overload
    def __get__(self, row: models.Model, owner: type[models.Model]) -> str: ...
    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> Self | str:
        return self if row is None else text_in_language(getattr(row, self.field.attname))

    @property
    def short_description(self) -> str:
        """The heading of its column."""
        return str(self.field.verbose_name)

    @property
    def admin_order_field(self) -> str:
        """Rows are sorted by their text in the default language."""
        return f"{self.field.attname}__{settings.LANGUAGE_CODE}"


def _default_language_missing() -> str:
    name = dict(settings.LANGUAGES)[settings.LANGUAGE_CODE]
    return gettext("Please give the text in this language, too: %s") % name
