"""The forms of a complaint's steps: the copy, the original, what happened, and a piece of evidence."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.forms.fields import (
    SHARED_FILES_HELP,
    PastDayField,
    PlatformField,
    add_contact_fields,
    address_field,
    given_contact,
    hide_single_platform,
    pasted_text_field,
    require_one_source,
)
from complaints.models import Capacity, Complaint, CopyKind, Exhibit, Work
from complaints.policies.terms import EVIDENCE_PURPOSE, VIDEO_PURPOSE
from complaints.regimes import RegimeCode
from portal.evidence.forms import EvidenceField
from portal.media.forms import VideoField
from portal.media.models import MediaState
from portal.people.forms import PlainTextField, mark_needed, textarea_field
from portal.people.models import User
from portal.web.stale_forms import ShownChoiceForm, StaleCheckedForm

WORK, ADDRESS, UPLOAD = "work", "address", "upload"


class CopyForm(ShownChoiceForm):
    """Step 1: where the copy is. A recording and the account's name do where the address is gone."""

    address = address_field(
        _("Address of the copy"),
        help_text=_("Copy it from the address bar or the platform's share button."),
    )
    video = VideoField(purpose=VIDEO_PURPOSE, required=False, label=_("A recording of the copy"))
    account = PlainTextField(
        label=_("Account that published it"),
        max_length=200,
        required=False,
        help_text=_("Its name, or the address of its page."),
    )
    platform = PlatformField()
    regime = forms.ChoiceField(
        label=_("Rules for this complaint"), choices=RegimeCode.choices, required=False, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, files: Any = None, *, complaint: Complaint, **kwargs: Any) -> None:
        self.complaint = complaint
        super().__init__(
            data, files, initial={"regime": complaint.regime_code, "address": _address_of(complaint.copy)}, **kwargs
        )
        self.note_stored(_address_of(complaint.copy))
        hide_single_platform(self)
        for name in ("address", "video", "account"):
            mark_needed(self.fields[name])

    @property
    def names_another(self) -> bool:
        """Whether another copy was named than the one that is stored, or than this page has shown."""
        data = self.cleaned_data
        address = data.get("address", "")
        another = bool(address and address != _address_of(self.complaint.copy)) and not self.is_untouched(address)
        return bool(data.get("video")) or another

    @property
    def shown_now(self) -> str:
        """The mark of the copy beside which what was found is shown."""
        sent = str(self.data.get("address") or "").strip()
        return self.shown_after(sent=sent, stored=_address_of(self.complaint.copy))

    def clean(self) -> dict[str, Any]:
        """An address, or a recording and its account; nothing is enough when the copy is named already."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("video") and not data.get("account"):
            self.add_error("account", _("Please say which account published it."))
        nothing = not data.get("address") and not data.get("video")
        if nothing and self.complaint.copy_id is None and not self.errors:
            self.add_error("address", _("Please give the address of the copy or a recording of it."))
        return data


class OriginalForm(ShownChoiceForm):
    """Step 2: which work was copied: a registered one, a post of one's own, or a file."""

    way = forms.ChoiceField(
        label=_("Your own work"),
        widget=forms.RadioSelect,
        choices=[
            (WORK, _("A registered work")),
            (ADDRESS, _("One of my posts")),
            (UPLOAD, _("A file on this device, or a text")),
        ],
        error_messages={"required": _("Please choose one of these.")},
    )
    work = forms.ModelChoiceField(
        label=_("Your work"), queryset=Work.objects.none(), required=False, empty_label=_("Choose")
    )
    address = address_field(_("Address of your post"), help_text=_("The post must be on one of your accounts."))
    title = PlainTextField(label=_("Title"), max_length=160, required=False)
    video = VideoField(purpose=VIDEO_PURPOSE, required=False, label=_("The file"))
    pasted = pasted_text_field()
    published_at = PastDayField(label=_("First published on"))
    published_source = PlainTextField(
        label=_("Where it was first published"),
        max_length=300,
        required=False,
        help_text=_("A web address or the name of a place. Leave empty if it was never published."),
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, complaint: Complaint, owner: User, **kwargs: Any
    ) -> None:
        works = usable_works(owner)
        original = complaint.original
        known = original is not None and original.owner_id == owner.pk
        initial = {"work": original if known else None, "address": "" if known else _address_of(original)}
        initial["way"] = WORK if known else (ADDRESS if original else "")
        super().__init__(data, files, initial=initial, **kwargs)
        self.note_stored(initial["way"], original if known else initial["address"])
        self.fields["work"].queryset = works  # type: ignore[attr-defined]
        self.has_works = works.exists()
        if not self.has_works:
            del self.fields["work"]
            self.fields["way"].choices = self.fields["way"].choices[1:]  # type: ignore[attr-defined]
        for name in ("work", "address", "title", "video", "pasted"):
            if name in self.fields:
                mark_needed(self.fields[name])

    @property
    def keeps_another(self) -> bool:
        """Whether the choice was not touched here, and another one was stored meanwhile."""
        data = self.cleaned_data
        return data["way"] != UPLOAD and self.is_untouched(data["way"], data.get(data["way"]))

    def clean(self) -> dict[str, Any]:
        """What the chosen way asks for."""
        data: dict[str, Any] = super().clean() or {}
        asked = {
            WORK: {"work": _("Please choose a work.")},
            ADDRESS: {"address": _("Please enter the address of your post.")},
            UPLOAD: {"title": _("Please give it a title.")},
        }
        if data.get("way") == UPLOAD:
            require_one_source(self, data)
        for name, sentence in asked.get(data.get("way", ""), {}).items():
            if not data.get(name) and name not in self.errors:
                self.add_error(name if name in self.fields else None, sentence)
        return data


def usable_works(owner: User) -> Any:
    """The works of a person whose video, if there is one, could be opened."""
    return Work.objects.registered_by(owner).exclude(media__state=MediaState.REFUSED)


class NoticeForm(StaleCheckedForm):
    """Step 3: what was done, as what they complain, what happened, and how they can be reached."""

    kind = forms.ChoiceField(label=_("How it was used"), choices=CopyKind.choices, widget=forms.RadioSelect)
    capacity = forms.ChoiceField(label=_("Complaining as"), choices=Capacity.choices, widget=forms.RadioSelect)
    text = textarea_field(
        _("What happened"),
        rows=7,
        missing=_("Please describe in a few sentences what happened."),
        help_text=_(
            "In your own words: when you made it, where you first published it, and how you found the "
            "copy. The other side reads this."
        ),
    )

    def __init__(self, data: Any = None, *, complaint: Complaint, contact: Mapping[str, str], **kwargs: Any) -> None:
        self.asked = complaint.regime.contact
        super().__init__(data, stored=self.stored_of(complaint, contact), **kwargs)
        add_contact_fields(self, self.asked, required=True)

    @staticmethod
    def stored_of(complaint: Complaint, contact: Mapping[str, str]) -> dict[str, Any]:
        """What is stored, by field name."""
        texts = {name: getattr(complaint, name) for name in ("kind", "capacity", "text")}
        return texts | {name: contact.get(name, "") for name in complaint.regime.contact}

    def texts(self) -> dict[str, str]:
        """The texts that could be read, by name."""
        return {name: self.cleaned_data[name] for name in ("kind", "capacity", "text") if name in self.cleaned_data}

    def contact(self) -> dict[str, str]:
        """The contact fields that could be read."""
        return given_contact(self, self.asked)


_PIECE = ("level", "defence", "note", "url", "file", "reviewers_only")


class ExhibitForm(forms.Form):
    """One piece of evidence: what kind, what it shows, and an address or a file. Nothing filled in: none."""

    level = forms.TypedChoiceField(
        label=_("Type of evidence"),
        coerce=int,
        empty_value=None,
        choices=[("", _("Choose")), *Exhibit.Level.choices],
        required=False,
    )
    defence = forms.ChoiceField(label=_("What it shows"), choices=Exhibit.Defence.choices, required=False)
    note = PlainTextField(
        label=_("What is visible there"),
        max_length=300,
        required=False,
        help_text=_("For example: the project file with the cuts, saved a week before the copy."),
    )
    url = forms.URLField(label=_("Address"), max_length=500, required=False, assume_scheme="https")
    file = EvidenceField(
        purpose=EVIDENCE_PURPOSE, most=1, required=False, label=_("or a file"), help_text=SHARED_FILES_HELP
    )
    reviewers_only = PlainTextField(
        label=_("Reason to show this file to reviewers only"),
        max_length=300,
        required=False,
        help_text=_(
            "Leave empty to share the file, which is the normal case. If you give a reason, the other "
            "side sees the reason and your description of the file, but not the file itself; "
            "reviewers know this and may give it less weight."
        ),
    )

    def __init__(self, *args: Any, defends: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", "exhibit")
        super().__init__(*args, **kwargs)
        if not defends:
            del self.fields["defence"]
        else:  # a respondent's pieces are handed in with the answer, those of a draft later
            self.fields["file"].hands_in = True  # type: ignore[attr-defined]
        for field in self.fields.values():
            mark_needed(field)

    @property
    def is_filled(self) -> bool:
        """Whether anything was given."""
        return any(self.cleaned_data.get(name) for name in _PIECE)

    def clean(self) -> dict[str, Any]:
        """Require kind and description once anything was given."""
        data: dict[str, Any] = super().clean() or {}
        if not any(data.get(name) for name in _PIECE):
            return data
        if not data.get("level") and "level" not in self.errors:
            self.add_error("level", _("Please choose the type of evidence."))
        if not data.get("note") and "note" not in self.errors:
            self.add_error("note", _("Please describe in a few words what is visible there."))
        if data.get("reviewers_only") and not data.get("file") and "file" not in self.errors:
            self.add_error("reviewers_only", _("Only files can be hidden from the other side."))
        return data

    def piece(self) -> dict[str, Any]:
        """The piece as the actions take it."""
        data = self.cleaned_data
        files = data.get("file") or []
        return {
            "level": data["level"],
            "defence": data.get("defence", ""),
            "note": data["note"],
            "url": data.get("url", ""),
            "file": files[0] if files else None,
            "reviewers_only": data.get("reviewers_only", ""),
        }


def _address_of(work: Work | None) -> str:
    return work.url if work is not None else ""
