"""Forms after submission: answer, appeal, reply, completion."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from complaints.forms.fields import SHARED_FILES_HELP, TicksForm, add_contact_fields, address_field, given_contact
from complaints.forms.steps import ExhibitForm
from complaints.models import Complaint
from complaints.policies.missing import COPY, ORIGINAL, both_videos_here, code_side
from complaints.policies.terms import EVIDENCE_PURPOSE, VIDEO_PURPOSE
from portal.evidence.forms import EvidenceField
from portal.media.forms import VideoField
from portal.people.forms import statement_field, textarea_field

_MOST_FILES = 8
_ROWS = 3


class AnswerForm(TicksForm):
    """The respondent's answer: their words, and the statements and contact that the rules ask for."""

    text = statement_field(
        _("Your answer"),
        help_text=_(
            "In your own words: where your work comes from and why you may publish it. The other side reads this."
        ),
        too_short=_("Please write a sentence or two."),
        rows=8,
    )

    def __init__(self, data: Any = None, *, complaint: Complaint, **kwargs: Any) -> None:
        regime = complaint.regime
        super().__init__(data, ticks=regime.answer_ticks, signed=regime.signed, **kwargs)
        self.asked = regime.answer_contact
        add_contact_fields(self, self.asked, required=True)

    @property
    def contact_fields(self) -> list[Any]:
        """The contact fields, for the page."""
        return [self[name] for name in self.asked]

    @property
    def tick_fields(self) -> list[Any]:
        """The statements, for the page."""
        return [self[f"tick-{code}"] for code in self.codes]

    def contact(self) -> dict[str, str]:
        """What was given, by the name of the rules."""
        return given_contact(self, self.asked)


_ExhibitRows = forms.formset_factory(ExhibitForm, extra=_ROWS, max_num=_ROWS, absolute_max=_ROWS)


def exhibit_formset(data: Any = None, files: Any = None) -> Any:
    """Three places for evidence; those that stay empty are none."""
    rows = _ExhibitRows(data, prefix="exhibit", form_kwargs={"defends": True})
    # Django gives a plain dictionary to the forms where no file was sent, which file inputs do not read.
    rows.files = MultiValueDict() if files is None else files
    return rows


def filled_exhibits(rows: Sequence[ExhibitForm]) -> list[dict[str, Any]]:
    """The pieces that were given."""
    return [row.piece() for row in rows if row.is_filled]


class AppealForm(forms.Form):
    """An appeal, or a reply to the other side's: free text, and files if there are any."""

    text = statement_field(
        _("What is wrong with the decision?"),
        help_text=_(
            "Explain in your own words. It is read by someone who was not involved in the decision, "
            "and by the other side."
        ),
        too_short=_("Please write a sentence or two."),
    )
    files = EvidenceField(  # type: ignore[assignment]  # Django takes it from the class into `fields`
        purpose=EVIDENCE_PURPOSE,
        most=_MOST_FILES,
        hands_in=True,
        required=False,
        label=_("Files"),
        help_text=SHARED_FILES_HELP,
    )


class ReplyForm(AppealForm):
    """What the other side says to an appeal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Your reply")
        self.fields["text"].help_text = _("It is read by the person who decides on the appeal, and by the other side.")


class CompletionForm(forms.Form):
    """Completion: for each missing video another address or the file, and a comment."""

    text = textarea_field(_("Anything to add?"), rows=4, required=False)

    def __init__(self, data: Any = None, files: Any = None, *, missing: Collection[str], **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        sides = {code_side(code) for code in missing}
        # Nothing is required if the platform had not answered, but anything may be given.
        self.sides = [side for side in (COPY, ORIGINAL) if side in sides or sides == {""}]
        for side in self.sides:
            self.fields[f"{side}_address"] = address_field(_PLACES[side])
            self.fields[f"{side}_media"] = VideoField(purpose=VIDEO_PURPOSE, required=False, label=_FILES[side])
        if both_videos_here(missing):
            self.fields["uncompared"] = forms.BooleanField(
                required=False,
                label=_("I have no other work. Please continue without the automatic comparison."),
            )

    def given(self) -> dict[str, Any]:
        """What was brought, as the action takes it."""
        data = self.cleaned_data
        brought: dict[str, Any] = {"text": data["text"], "uncompared": data.get("uncompared", False)}
        for side in self.sides:
            videos = data.get(f"{side}_media") or [None]
            brought |= {f"{side}_address": data.get(f"{side}_address", ""), f"{side}_media": videos[0]}
        return brought


_PLACES = {COPY: _("Another address of the copy"), ORIGINAL: _("Another address of your work")}
_FILES = {COPY: _("or a recording of the copy"), ORIGINAL: _("or your work as a file")}
