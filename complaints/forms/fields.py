"""What the forms of complaints share: days, addresses, platforms, statements to tick."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from complaints.policies import formalities
from complaints.regimes import RequiredStatement
from portal import clock
from portal.errors import Invalid
from portal.people.forms import PlainTextField, mark_needed, textarea_field, validate_plain_text
from portal.platforms import registry

# Under each upload of files that the other side is shown.
SHARED_FILES_HELP = _(
    "PDF, JPEG, PNG or WebP, up to 20 MB and 20 pages each. Files are encrypted. Reviewers and the "
    "other side see the pages as pictures, and nothing in them is hidden automatically: cover "
    "addresses, numbers and other private details first."
)
_LONG_AGO = timedelta(days=120 * 366)
_ADDRESS = 500
_PASTED = 20_000  # characters; what does not come as a file has 64 kB at most


def address_field(label: Any, *, help_text: Any = "", required: bool = False) -> forms.CharField:
    """The address of a page, as it is copied from a browser."""
    widget = forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"})
    return PlainTextField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=_ADDRESS,
        widget=widget,
        validators=[_refuse_no_address],
        error_messages={"required": _("Please enter an address.")},
    )


def _refuse_no_address(text: str) -> None:
    """Refuse at once what names no host: no platform has to be asked for that."""
    host = text.strip().partition("/")[0]
    if "://" not in text and ("." not in host or " " in text.strip()):
        raise ValidationError(_("This is not an address. Copy the whole address, with https://"))


def pasted_text_field() -> forms.CharField:
    """A work that is a text, pasted instead of uploaded."""
    return textarea_field(
        _("Or paste a text"),
        rows=4,
        most=_PASTED,
        required=False,
        help_text=_("If the work is a text of at most 20,000 characters. Upload a longer one as a file."),
    )


def require_one_source(form: forms.BaseForm, data: dict[str, Any]) -> None:
    """Say at `video` that a file or a pasted text is needed, or at `pasted` that it is one too many."""
    video, pasted = data.get("video"), data.get("pasted", "").strip()
    if video and pasted:
        form.add_error("pasted", _("Please give the file or the text, not both."))
    elif not video and not pasted and not form.errors.get("video") and not form.errors.get("pasted"):
        form.add_error("video", _("Please choose the file."))


class PastDayField(forms.DateField):
    """A plausible past day, as its first moment (UTC)."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> datetime | None:
        """The moment; None for nothing."""
        day: date | None = super().clean(value)
        if day is None:
            return None
        if day > clock.today() + timedelta(days=1):
            raise ValidationError(_("This date is in the future."))
        if day < clock.today() - _LONG_AGO:
            raise ValidationError(_("Please check the year."))
        return datetime.combine(day, time.min, tzinfo=UTC)


class PlatformField(forms.ChoiceField):
    """One of the platforms there are. Where there is only one, nobody is asked (`hide_single_platform`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Platform"), choices=registry.platform_choices, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        """The code that was chosen, or the only one there is."""
        chosen: str = super().clean(value)
        codes = registry.platform_codes()
        return chosen or (codes[0] if len(codes) == 1 else "")


def hide_single_platform(form: forms.BaseForm, name: str = "platform") -> None:
    """Hide the choice where there is one platform only."""
    codes = registry.platform_codes()
    form.fields[name].initial = codes[0] if codes else ""
    if len(codes) < 2:
        form.fields[name].widget = forms.HiddenInput()


class TicksForm(forms.Form):
    """The statements that the rules ask for, each ticked by itself, and a signature where they ask for one."""

    def __init__(
        self, data: Any = None, *, ticks: Sequence[RequiredStatement], signed: bool, name: str = "", **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.codes = [tick.code for tick in ticks]
        for tick in ticks:
            self.fields[_tick_name(tick.code)] = forms.BooleanField(
                label=str(tick.text),
                error_messages={"required": _("The complaint cannot be sent without this statement.")},
            )
        if signed:
            self.fields["signature"] = PlainTextField(
                label=_("Your signature"),
                max_length=120,
                help_text=_signing(name),
                error_messages={"required": _("Please type your full name.")},
                widget=forms.TextInput(attrs={"autocomplete": "name"}),
            )

    def ticked(self) -> list[str]:
        """The codes of the statements that were made."""
        return [code for code in self.codes if self.cleaned_data.get(_tick_name(code))]

    def signed_with(self) -> str:
        """What was signed with; "" where no signature is asked for."""
        return str(self.cleaned_data.get("signature", ""))


@contextmanager
def rename_error_fields(**names: str) -> Iterator[None]:
    """Say what an action refused at the form's names: `renamed(media="video")`."""
    try:
        yield
    except Invalid as error:
        fields = {names.get(name, name): sentences for name, sentences in error.fields.items()}
        raise Invalid(error.message, fields=fields) from error


def _tick_name(code: str) -> str:
    return f"tick-{code}"


def _signing(name: str) -> Any:
    if name:
        return format_lazy(_("Type your full name as you gave it: {name}. This is your signature."), name=escape(name))
    return _("Type your full name as you gave it above. This is your signature.")


CONTACT_FIELDS: dict[str, dict[str, Any]] = {
    "name": {"label": _("Your full name"), "max_length": 120, "auto": "name"},
    "email": {"label": _("E-mail address"), "max_length": 200, "auto": "email"},
    "address": {"label": _("Postal address"), "max_length": 300, "auto": "street-address", "rows": 3},
    "phone": {"label": _("Telephone number"), "max_length": 40, "auto": "tel"},
}


def add_contact_fields(form: forms.BaseForm, names: Sequence[str], *, required: bool) -> None:
    """The contact fields that the rules ask for, named as the rules name them."""
    for name in names:
        form.fields[name] = _contact_field(name, required=required)


def _contact_field(name: str, *, required: bool) -> forms.CharField:
    about = CONTACT_FIELDS[name]
    kind = forms.EmailField if name == "email" else forms.CharField
    missing = {"required": str(formalities.contact_gaps([name], {})[name][0])}
    field = kind(label=about["label"], max_length=about["max_length"], required=required, error_messages=missing)
    if "rows" in about:
        field.widget = forms.Textarea(attrs={"rows": about["rows"]})
    else:
        field.validators.append(validate_plain_text)
    field.widget.attrs["autocomplete"] = about["auto"]
    mark_needed(field)
    return field


def given_contact(form: forms.BaseForm, names: Sequence[str]) -> dict[str, str]:
    """What was given, by the name of the rules; a field that could not be read is left out."""
    data = form.cleaned_data
    return {name: data[name] for name in names if name in data}
