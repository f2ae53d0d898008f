"""The forms of an application's steps: who, which credentials, which dates, consent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import findings, identifiers
from certification.identifiers import ChecksumStatus
from certification.models import ApplicantCategory, Application, Credential, CredentialType
from portal import clock
from portal.people.forms import PlainTextField, mark_needed, textarea_field
from portal.people.models import User
from portal.web.stale_forms import PAGE_ID, STORED_MARK, StaleCheckedForm

_NUMBER_LIMIT = 60
_LONG_AGO = timedelta(days=80 * 366)
_FAR_AHEAD = timedelta(days=60 * 366)


def day_field(label: Any, *, help_text: Any = "") -> forms.DateField:
    """A date, typed or picked."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


def offer_presets(field: forms.Field, texts: Sequence[str]) -> None:
    """Offer usual values below a field, each set by one tap."""
    field.presets = texts  # type: ignore[attr-defined]


class StartForm(forms.Form):
    """In which role somebody applies, and for whom."""

    category = forms.ModelChoiceField(
        label=_("I am applying as"),
        queryset=ApplicantCategory.objects.none(),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose the applicant category.")},
    )

    def __init__(
        self, *args: Any, categories: Sequence[ApplicantCategory], people: Sequence[User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = _categories_among(categories)  # type: ignore[attr-defined]
        if len(categories) == 1:
            self.fields["category"].initial = categories[0].pk
        if people:
            self.fields["applicant"] = forms.ChoiceField(
                label=_("Creator you are applying for"),
                choices=[("", _("Choose")), *((person.public_id, str(person)) for person in people)],
            )


class AboutForm(StaleCheckedForm):
    """Step 1: what the certificate will say."""

    category = forms.ModelChoiceField(
        label=_("Applying as"),
        queryset=ApplicantCategory.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Please choose the applicant category.")},
    )
    public_name = PlainTextField(
        label=_("Name on the certificate"),
        max_length=80,
        help_text=_("Everyone can see it. Use the name people know you by."),
        error_messages={"required": _("Please enter the name to be shown on the certificate.")},
    )
    claims = PlainTextField(
        label=_("Specialty"),
        max_length=160,
        required=False,
        help_text=_("The subject of your content, for example: children's diseases, or pottery. Public once checked."),
    )
    affiliation = PlainTextField(
        label=_("Workplace"),
        max_length=160,
        required=False,
        help_text=_("Where you work, if you want it on the certificate. Public once checked."),
    )
    statement = textarea_field(
        _("Note for the reviewer"),
        rows=4,
        required=False,
        help_text=_("Only reviewers see this. For example: why your name differs between two documents."),
    )

    def __init__(
        self, data: Any = None, *, application: Application, categories: Sequence[ApplicantCategory], **kwargs: Any
    ) -> None:
        super().__init__(data, stored=self.stored_of(application), **kwargs)
        self.fields["category"].queryset = _categories_among(categories)  # type: ignore[attr-defined]

    @staticmethod
    def stored_of(application: Application) -> dict[str, Any]:
        """What is stored, by field name."""
        texts = {name: getattr(application, name) for name in ("public_name", "claims", "affiliation", "statement")}
        return {"category": application.category, **texts}

    def texts(self) -> dict[str, str]:
        """The texts that could be read, by name."""
        return {
            name: value for name, value in self.cleaned_data.items() if name not in {"category", STORED_MARK, PAGE_ID}
        }


class CredentialForm(StaleCheckedForm):
    """Step 2: one credential as it is declared. Nothing typed and no file means: not declared."""

    number = forms.CharField(required=False, max_length=_NUMBER_LIMIT)
    as_printed = forms.BooleanField(
        required=False, label=_("I have checked it: this is the number printed on my document.")
    )
    name_on_document = PlainTextField(label=_("Name on the document"), max_length=120, required=False)
    issuer = PlainTextField(label=_("Issued by"), max_length=160, required=False)
    issued_on = day_field(_("Issued on"))
    expires_on = day_field(_("Valid until"))

    def __init__(self, data: Any = None, *, kind: CredentialType, credential: Credential | None, **kwargs: Any) -> None:
        self.kind, self.credential = kind, credential
        super().__init__(
            data, stored=credential_facts(credential), hidden=stored_number_mark(credential), prefix=kind.code, **kwargs
        )
        self._name_fields()

    def _name_fields(self) -> None:
        kind = self.kind
        if kind.has_number:
            self.fields["number"].label = kind.identifier_label
            self.fields["number"].help_text = kind.identifier_hint
            mark_needed(self.fields["number"])
            self.fields["number"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        else:
            del self.fields["number"]
        if self.data.get(self.add_prefix("as_printed")) is None and not self._doubted():
            del self.fields["as_printed"]
        if not kind.personal:
            del self.fields["name_on_document"]
        if kind.needs_expiry:
            self.fields["expires_on"].help_text = _("Documents of this type have an end date.")
            mark_needed(self.fields["expires_on"])
        self._offer_issuers()
        if kind.max_age_of_proof:
            # The date on the document is asked for beside its file.
            del self.fields["issued_on"]
            if not (kind.has_number or kind.needs_expiry):
                del self.fields["expires_on"]

    def _offer_issuers(self) -> None:
        """Name the usual issuers; what nobody issues, such as a person's own photos, has no such field."""
        if not self.kind.issuers:
            del self.fields["issuer"]
            return
        self.fields["issuer"].widget.attrs["placeholder"] = self.kind.issuer
        offer_presets(self.fields["issuer"], self.kind.usual_issuers)

    @property
    def heading(self) -> str:
        """What the form is about, for the summary of its errors."""
        return self.kind.name

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """What is asked of everybody."""
        return [self[name] for name in self.fields if name in self._main_names]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """What may be given in addition."""
        return [self[name] for name in self.fields if name in _CREDENTIAL_FACTS and name not in self._main_names]

    @property
    def opens_more(self) -> bool:
        """Whether one of `more_fields` has a value or an error."""
        return any(field.value() or field.errors for field in self.more_fields)

    @property
    def _main_names(self) -> set[str]:
        asked = {"name_on_document"}
        if self.kind.needs_expiry:
            asked.add("expires_on")
        if self.kind.usual_issuers:
            asked.add("issuer")
        return asked

    @staticmethod
    def is_in(data: Any, kind: CredentialType) -> bool:
        """Whether what was sent comes from a page with a form of this type."""
        return any(f"{kind.code}-{name}" in (data or {}) for name in (STORED_MARK, "number", *_CREDENTIAL_FACTS))

    @property
    def is_declared(self) -> bool:
        """Whether the credential is stored already."""
        return self.credential is not None

    @property
    def is_filled(self) -> bool:
        """Whether anything was typed."""
        return any(self.data.get(self.add_prefix(name)) for name in (*_CREDENTIAL_FACTS, "number"))

    @property
    def has_news(self) -> bool:
        """Whether what was typed differs from what is stored."""
        return bool(self.cleaned_data.get("number")) or bool(self.differences(self.cleaned_data))

    def facts(self) -> dict[str, Any]:
        """What was declared beside the number."""
        return {name: self.cleaned_data[name] for name in _CREDENTIAL_FACTS if name in self.cleaned_data}

    def clean_number(self) -> str:
        """The number, if it has the form of its type or the applicant says that it is printed so."""
        text: str = self.cleaned_data["number"]
        doubt = number_problem(self.kind, text)
        if doubt and not self.data.get(self.add_prefix("as_printed")):
            raise ValidationError(doubt)
        return text

    def clean_issued_on(self) -> date | None:
        """Refuse a date in the future; one day of tolerance for time zones."""
        return past_day(self.cleaned_data["issued_on"])

    @property
    def missing(self) -> list[str]:
        """Labels of the needed fields of which nothing is stored."""
        stored = self.credential
        lacks = {
            "number": not (stored and stored.identifier_sealed),
            "expires_on": self.kind.needs_expiry and not (stored and stored.expires_on),
        }
        return [
            str(self.fields[name].label) for name, is_missing in lacks.items() if is_missing and name in self.fields
        ]

    def add_gaps(self) -> None:
        """Say beside the fields what the stored credential still lacks."""
        stored = self.credential
        if not self.is_bound:
            return
        for name, missing, sentence in (
            ("number", not (stored and stored.identifier_sealed), _("Please enter the number.")),
            (
                "expires_on",
                self.kind.needs_expiry and not (stored and stored.expires_on),
                _("Please enter the end date."),
            ),
        ):
            if missing and name in self.fields and name not in self.errors:
                self.add_error(name, sentence)

    def clean_expires_on(self) -> date | None:
        """A day after the day of issue that is not over."""
        day: date | None = self.cleaned_data["expires_on"]
        issued = self.cleaned_data.get("issued_on")
        if day and issued and day < issued:
            raise ValidationError(_("The end date is before the date of issue."))
        _require_plausible_day(day)
        if day and day < clock.today():
            raise ValidationError(_("This end date has passed. Please add a document that is still valid."))
        return day

    def hidden_conflicts(self, data: Mapping[str, Any]) -> list[str]:
        """The number, of which only the mask can be shown."""
        masked = self.shown_elsewhere("number")
        if not data.get("number") or not masked or not self.is_changed_elsewhere("fingerprint"):
            return []
        return ["number"] if identifiers.mask_identifier(data["number"]) != masked else []

    def shown_elsewhere(self, name: str) -> object:
        """What was saved elsewhere; of the number its mask."""
        if name == "number":
            return self.credential.identifier_masked if self.credential else ""
        return super().shown_elsewhere(name)

    def _doubted(self) -> bool:
        return bool(number_problem(self.kind, self.data.get(self.add_prefix("number")) or ""))


def credential_facts(credential: Credential | None) -> dict[str, Any]:
    """What is declared beside the number, by field name."""
    return {name: getattr(credential, name, None) or "" for name in _CREDENTIAL_FACTS}


def stored_number_mark(credential: Credential | None) -> dict[str, Any]:
    """The number's stand-in in the form's stored mark."""
    return {"fingerprint": credential.fingerprint if credential else ""}


_CREDENTIAL_FACTS = ("name_on_document", "issuer", "issued_on", "expires_on")


def number_problem(kind: CredentialType, text: str) -> str:
    """Why a typed number looks mistyped, in one sentence; "" if it does not, or if no official form is known."""
    number = identifiers.normalise_identifier(text)
    if not number or kind.unconfirmed or not kind.has_number:
        return ""
    if not identifiers.matches_pattern(kind.identifier_pattern, number):
        figures = {"hint": kind.identifier_hint, "count": len(number)}
        return _now("This does not look right: %(hint)s. Please check every character; you typed %(count)s.") % figures
    check = identifiers.CHECKSUMS.get(kind.checksum)
    answer = check(number) if check else None
    wrong = answer is not None and answer.status is ChecksumStatus.WRONG
    return findings.finding_sentence(answer.finding, {}) if answer and wrong else ""


class ConsentForm(forms.Form):
    """Step 4: the applicant agrees and hands in."""

    consent = forms.BooleanField(
        label=_("I agree. What I have declared is true, and my documents may be checked as described."),
        error_messages={"required": _("Please agree to the check of your documents.")},
    )


class InformationAnswerForm(forms.Form):
    """The answer to a request for more; files come beside it."""

    text = textarea_field(
        _("Your answer"), rows=5, required=False, help_text=_("What you changed, or why something is not available.")
    )


def _categories_among(rows: Sequence[ApplicantCategory]) -> Any:
    return ApplicantCategory.objects.filter(pk__in=[row.pk for row in rows])


def past_day(day: date | None) -> date | None:
    """A date that is not in the future, with one day of tolerance for time zones."""
    if day and day > clock.today() + timedelta(days=1):
        raise ValidationError(_("This date is in the future."))
    return _require_plausible_day(day)


def _require_plausible_day(day: date | None) -> date | None:
    if day and not clock.today() - _LONG_AGO < day < clock.today() + _FAR_AHEAD:
        raise ValidationError(_("Please check the year."))
    return day


def credentials_by_code(rows: Iterable[Credential]) -> Mapping[str, Credential]:
    """Declared credentials by the code of their type."""
    return {row.type.code: row for row in rows}
