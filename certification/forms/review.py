"""What reviewers write: what they saw, what they ask for, what they decide and why."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certification.forms.steps import day_field
from certification.models import CheckResult, Credential, Document
from certification.policies import PAGE_PURPOSE
from portal import clock
from portal.evidence.forms import EvidenceField, set_files_owner
from portal.evidence.models import EvidenceFile
from portal.people.forms import mark_needed
from portal.people.models import User
from portal.reviews.casepage.forms import DecisionForm, VersionForm, review_text_field

_ITEMS, _ITEM_LENGTH = 10, 300
_MINUTE = "%Y-%m-%dT%H:%M"
_RESULTS = [
    (CheckResult.PASSED, _("Match")),
    (CheckResult.FAILED, _("Mismatch")),
    (CheckResult.INCONCLUSIVE, _("Inconclusive")),
]
_IF_SAID = _("If the register says it.")


class RegistryCheckForm(forms.Form):
    """What a person found in the official register, on which page, and when."""

    result = forms.ChoiceField(label=_("What the register shows"), choices=_RESULTS, widget=forms.RadioSelect)
    url = forms.URLField(label=_("Address of the page"), max_length=500, assume_scheme="https")
    seen_at = forms.DateTimeField(
        label=_("Seen at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MINUTE),
        input_formats=[_MINUTE, f"{_MINUTE}:%S"],
    )
    page = EvidenceField(
        purpose=PAGE_PURPOSE,
        most=1,
        required=False,
        label=_("Screenshot or PDF of the page"),
        help_text=_("With the number and the name on it. Required unless the result is inconclusive."),
    )
    registered_name = forms.CharField(
        label=_("Name in the register"),
        required=False,
        max_length=300,
        help_text=_("As the register writes it, if it does."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    registered_issuer = forms.CharField(
        label=_("Issued by, according to the register"),
        required=False,
        max_length=300,
        help_text=_IF_SAID,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    registered_issue = day_field(_("Issued on, according to the register"), help_text=_IF_SAID)
    registered_until = day_field(_("Valid until, according to the register"), help_text=_IF_SAID)
    seen = review_text_field(_("What you saw"), rows=2, most=2000)

    def __init__(self, data: Any = None, uploads: Any = None, *, credential: Credential, owner: User) -> None:
        self.credential = credential
        started = {"url": credential.type.registry_url, "seen_at": clock.now().replace(second=0, microsecond=0)}
        super().__init__(data, uploads, prefix=f"look-{credential.pk}", initial=started)
        set_files_owner(self, owner)

    def clean_page(self) -> EvidenceFile | None:
        """The one file, if there is one."""
        return next(iter(self.cleaned_data["page"] or []), None)


class DocumentCheckForm(forms.Form):
    """What a person read on a document."""

    result = forms.ChoiceField(
        label=_("The document and the declared details"), choices=_RESULTS, widget=forms.RadioSelect
    )
    seen = review_text_field(_("What you saw"), rows=2, most=2000)

    def __init__(self, data: Any = None, *, document: Document) -> None:
        self.document = document
        super().__init__(data, prefix=f"paper-{document.pk}")


class InformationRequestForm(VersionForm):
    """A request for more."""

    text = review_text_field(
        _("What you need and why"), help_text=_("The applicant sees this exactly as you write it.")
    )
    items = review_text_field(
        _("One item per line"),
        required=False,
        most=3000,
        help_text=_("For example: the page with the stamp. At most ten lines."),
    )

    def clean_items(self) -> list[dict[str, str]]:
        """The lines as items."""
        lines = [line.strip() for line in self.cleaned_data["items"].splitlines() if line.strip()]
        if len(lines) > _ITEMS:
            raise forms.ValidationError(_("At most ten lines, please."))
        if any(len(line) > _ITEM_LENGTH for line in lines):
            raise forms.ValidationError(_("Each line can have at most 300 characters."))
        return [{"text": line} for line in lines]


class FavourableDecisionForm(DecisionForm):
    """A decision for the person; an explanation is needed only after a failed check."""

    explanation = review_text_field(
        _("Explanation"),
        rows=5,
        required=False,
        help_text=_("Required if a check failed: why you are approving anyway."),
    )


class ApprovalForm(FavourableDecisionForm):
    """An approval: it names the credentials that are accepted."""

    accepted = forms.MultipleChoiceField(
        label=_("Documents you accept"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, credentials: Sequence[Credential], **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["accepted"].choices = [(str(row.pk), row.type_name) for row in credentials]  # type: ignore[attr-defined]
        if credentials:
            mark_needed(self.fields["accepted"])
        else:
            del self.fields["accepted"]

    def decision_fields(self) -> dict[str, Any]:
        """With the ids of the credentials that were ticked."""
        return super().decision_fields() | {"accepted": [int(pk) for pk in self.cleaned_data.get("accepted", [])]}


class AdverseDecisionForm(DecisionForm):
    """A decision against the person: reasons and an explanation that they read."""

    explanation = review_text_field(
        _("Message to the applicant"),
        rows=5,
        required=False,
        help_text=_(
            "The facts and why they lead to this decision. They see it exactly as you write it, "
            "together with the reasons above."
        ),
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        for field in self.fields.values():
            mark_needed(field)


class DoubtForm(forms.Form):
    """Why somebody doubts a certificate."""

    grounds = review_text_field(
        _("What the concern is"),
        rows=5,
        help_text=_(
            "What you saw, where and when. Reviewers read it; the holder receives the reasons for the decision."
        ),
    )


class ReportForm(forms.Form):
    """What somebody from the public says is wrong with a certificate."""

    text = review_text_field(
        _("What is wrong, and how do you know?"),
        rows=6,
        help_text=_(
            "For example what the official register says, with its address. Reviewers read it; the holder does not "
            "learn who wrote it. Please do not include private data of others."
        ),
    )
