"""Forms about people. What only the database or a policy can tell comes back as `Invalid` and is shown by `refusals`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.errors import DomainError, Invalid
from portal.languages import current_language, language_choices
from portal.outbound.lookups import AnswerPending, lookup_token
from portal.people.models import Agency, User
from portal.platforms import registry
from portal.visible_text import is_visible_text, strip_unseen_ends
from portal.web.stale_forms import StaleCheckedForm

LONGEST_MANDATE = timedelta(days=3 * 366)


def validate_plain_text(value: str) -> None:
    """Refuse what shows nothing, and signs that hide or reorder text: a name must look like what it is."""
    if not is_visible_text(value):
        raise ValidationError(_("Please use visible characters only."))


class PlainTextField(forms.CharField):
    """A text of visible letters and signs only."""

    default_validators = [validate_plain_text]  # noqa: RUF012 -- as Django declares it

    def to_python(self, value: Any) -> Any:
        """The text without marks of direction at its ends, which come along when a name is pasted."""
        text = super().to_python(value)
        return strip_unseen_ends(text) or text if text else text


def textarea_field(
    label: Any, *, rows: int, most: int = 4000, least: int | None = None, missing: Any = None, **options: Any
) -> forms.CharField:
    """A text of several lines; `missing` is said where it is empty, or shorter than `least` characters."""
    if missing:
        options["error_messages"] = {"required": missing, "min_length": missing}
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, min_length=least, widget=widget, **options)


@contextmanager
def show_refusals(form: forms.BaseForm) -> Iterator[None]:
    """Show what an action refused at the form's fields, or above it, instead of on an error page."""
    try:
        yield
    except AnswerPending as pending:
        _wait_for_answer(form, pending)
    except Invalid as refusal:
        for field, sentences in refusal.fields.items():
            form.add_error(field if field in form.fields else None, [str(sentence) for sentence in sentences])
        if not refusal.fields:
            form.add_error(None, str(refusal.message))
    except DomainError as refusal:
        form.add_error(None, str(refusal.message))


def _wait_for_answer(form: forms.BaseForm, pending: AnswerPending) -> None:
    """Show the form as it was sent, which its page sends again once the platform has answered."""
    # No error of the field: nothing is wrong with it.
    form.add_error(None, ValidationError(str(pending.message), code="asking"))
    place: Any = form.fields.get(pending.field, form)
    place.lookup, place.lookup_token = pending.lookup, lookup_token(pending.lookup)


def mark_needed(field: forms.Field) -> None:
    """Do not call a field optional that may stay empty in a draft only."""
    field.is_needed = True  # type: ignore[attr-defined]


def statement_field(label: Any, *, help_text: Any, too_short: Any, rows: int = 7) -> forms.CharField:
    """What somebody states to the people who decide: some sentences, at least 20 characters."""
    return textarea_field(label, rows=rows, least=20, missing=too_short, help_text=help_text)


class PersonDetails(forms.Form):
    """How a person is called here, and the language that we write to them in."""

    display_name = PlainTextField(
        label=_("Display name"),
        max_length=80,
        help_text=_("Visible to others, for example on your certificates."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=language_choices,
        initial=current_language,
        help_text=_("Pages and e-mails use this language."),
    )


class ProfileForm(StaleCheckedForm, PersonDetails):
    """The same of somebody who is here already."""

    unmarked_is_current = True


class SignupDetails(PersonDetails):
    """What sign-up asks beside e-mail address and password (ACCOUNT_SIGNUP_FORM_CLASS)."""

    field_order = ("email", "display_name", "language", "password1")

    def signup(self, _request: HttpRequest, user: User) -> None:
        """Called by allauth with the new person."""
        user.display_name = self.cleaned_data["display_name"]
        user.language = self.cleaned_data["language"]
        user.save(update_fields=["display_name", "language"])


class MandateForm(forms.Form):
    """A creator lets an agency act for them."""

    agency = forms.ModelChoiceField(
        label=_("Agency"), queryset=Agency.objects.order_by("name"), empty_label=_("Choose")
    )
    last_day = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The mandate ends automatically after this day. You can end it earlier at any time."),
    )

    def clean_last_day(self) -> date:
        """A day from tomorrow on, within three years."""
        day: date = self.cleaned_data["last_day"]
        today = clock.today()
        if day <= today:
            raise ValidationError(_("Please choose a date in the future."))
        if day > today + LONGEST_MANDATE:
            raise ValidationError(_("Please choose a date within the next three years."))
        return day


class AccountClaimForm(forms.Form):
    """An account of a platform that is theirs."""

    platform = forms.ChoiceField(label=_("Platform"), choices=registry.platform_choices)
    account = PlainTextField(
        label=_("Handle or address of your profile"),
        max_length=300,
        help_text=_("For example @name, or the address of your profile in the address bar."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """An address says by itself which platform it belongs to."""
        data: dict[str, Any] = super().clean() or {}
        if connector := registry.connector_of_address(data.get("account", "")):
            data["platform"] = connector.code
        return data


class ReasonForm(forms.Form):
    """Why an administrator does something."""

    reason = textarea_field(_("Reason"), rows=3, most=500)


class RecoveryRequestForm(forms.Form):
    """A person asks to be let in without their second factor."""

    note = textarea_field(
        _("What happened?"),
        rows=3,
        most=500,
        help_text=_("For example: my phone was stolen. An administrator will contact you to confirm your identity."),
    )


class RecoveryOpenForm(ReasonForm):
    """An administrator proposes to let somebody in without their second factor."""

    person = forms.CharField(label=_("E-mail address or public ID"), max_length=254)
    field_order = ("person", "reason")

    def clean_person(self) -> User:
        """The person; administrators may know who has an account."""
        value = self.cleaned_data["person"].strip()
        person = User.objects.filter(email=value.lower()).first() or User.objects.filter(public_id=value).first()
        if person is None:
            raise ValidationError(_("No one was found with this address or ID."))
        return person


class CloseAccountForm(forms.Form):
    """Confirm closing an account by typing its address."""

    email = forms.EmailField(label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_email(self) -> str:
        """The address of the person who is signed in, nothing else."""
        email: str = self.cleaned_data["email"]
        if email.lower() != self.person.email:
            raise ValidationError(_("This is not the address of your account."))
        return email
