"""The rows of originality in the table of personal data."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.actions.drafts import open_sealed_contact
from complaints.states import UNTOLD_STATES, Side
from portal.people.models import User
from portal.privacy.table import (
    CONTRACT,
    DUTY,
    RECORD,
    WISH,
    WORK,
    PersonalData,
    register_other_columns,
    register_personal_data,
)

_ACCOUNT = ("account_id", "account_handle", "account_url", "account_agency")


def _contact(row: Any) -> dict[str, str]:
    return open_sealed_contact(row.contact_sealed, row.contact_bound_to) if row.contact_sealed else {}


def _by(person: User) -> Q:
    return Q(by=person)


def _complainant(person: User) -> Q:
    return Q(complainant=person)


def _against(person: User) -> Q:
    return Q(respondent=person, told_at__isnull=False) & ~Q(state__in=UNTOLD_STATES)


def _told_to(person: User) -> Q:
    """The reasons that a person's own side was given."""
    first = Q(complaint__complainant=person, side=Side.COMPLAINANT)
    return (first | Q(complaint__respondent=person, side=Side.RESPONDENT)) & Q(decision__state="final")


_WORKS = (
    PersonalData(
        "complaints.Work",
        ("title", "description", "platform", "external_id", "account_id", "url", "published_source"),
        _("works that you registered"),
        CONTRACT,
        WORK,
        of=lambda person: Q(owner=person),
        also=("media", "published_at", "registered_at"),
    ),
    PersonalData(
        "complaints.Fingerprint",
        ("data",),
        _("fingerprints of works"),
        CONTRACT,
        WORK,
        withheld=_("it is computed from the work, which is in your copy"),
    ),
    PersonalData(
        "complaints.ComparisonEvidence",
        ("location", "summary"),
        _("pictures, loudness, titles, descriptions and Content Credentials of two compared works"),
        CONTRACT,
        RECORD,
        withheld=_("it is computed from both works; both sides can download it from the page of the complaint"),
    ),
    PersonalData(
        "complaints.LibraryEntry",
        ("words",),
        _("words computed from works, by which similar ones are found"),
        CONTRACT,
        WORK,
        withheld=_("it is computed from the work, which is in your copy"),
    ),
    PersonalData(
        "complaints.LibraryPage",
        ("postings",),
        _("words computed from works, by which similar ones are found"),
        CONTRACT,
        WORK,
        withheld=_("it is computed from the work, which is in your copy"),
    ),
    PersonalData(
        "complaints.LibraryMatch",
        ("segments",),
        _("matches between works"),
        CONTRACT,
        WORK,
        withheld=_("it is computed from the work, which is in your copy"),
    ),
    PersonalData(
        "complaints.PossibleCopy",
        ("dismissed_at",),
        _("works found to match yours, and what you did about them"),
        CONTRACT,
        WORK,
        of=lambda person: Q(work__owner=person),
        also=("work", "found_at", "told_at"),
    ),
    PersonalData(
        "complaints.CopyNotices",
        ("by_mail", "told_at"),
        _("whether you get e-mails about possible copies, and when you last got one"),
        CONTRACT,
        WORK,
        of=lambda person: Q(user=person),
    ),
    PersonalData(
        "complaints.Authorisation",
        ("platform", "account_id", "handle", "note"),
        _("accounts that may use your works"),
        CONTRACT,
        WORK,
        of=lambda person: Q(author=person),
        also=("work", "given_at", "ended_at"),
    ),
)

_COMPLAINTS = (
    PersonalData(
        "complaints.Complaint",
        ("text", "contact_sealed", "signature", "client_key", "client_digest"),
        _("complaints that you submitted, with your contact details"),
        DUTY,
        RECORD,
        of=_complainant,
        also=("number", "state", "kind", "capacity", "regime_code", "result", "submitted_at", "decided_at"),
        read={"contact_sealed": _contact, "client_key": lambda _row: "", "client_digest": lambda _row: ""},
    ),
    PersonalData(
        "complaints.Complaint",
        _ACCOUNT,
        _("complaints about one of your accounts"),
        DUTY,
        RECORD,
        of=_against,
        also=("number", "platform", "state", "kind", "regime_code", "result", "told_at", "answer_by", "decided_at"),
    ),
    PersonalData(
        "complaints.Statement",
        ("text", "contact_sealed", "signature"),
        _("what you stated in a complaint, an answer or an appeal"),
        DUTY,
        RECORD,
        of=_by,
        also=("ticks", "complaint", "kind", "side", "at"),
        read={"contact_sealed": _contact},
    ),
    PersonalData(
        "complaints.Exhibit",
        ("note", "url", "reviewers_only"),
        _("evidence that you submitted"),
        DUTY,
        RECORD,
        of=_by,
        also=("complaint", "side", "level", "file", "added_at"),
    ),
    PersonalData(
        "complaints.SideReasons",
        ("text",),
        _("reasons of decisions on complaints, as they were given to you"),
        DUTY,
        RECORD,
        of=_told_to,
        also=("complaint", "side", "at"),
    ),
)

_RESTITUTIONS = (
    PersonalData(
        "complaints.Restitution",
        ("source", "source_handle", "target", "target_handle", "work_ids", "disputed_work_ids", "control_reason"),
        _("returns of followers to one of your accounts"),
        DUTY,
        RECORD,
        of=lambda person: Q(remedy__complaint__complainant=person),
        also=("platform", "state", "moved", "planned_at", "ended_at"),
        read={"source": lambda _row: "", "source_handle": lambda _row: ""},
    ),
    PersonalData(
        "complaints.RestitutionPage",
        ("moved", "already", "invited", "excluded", "restore_data", "overridden", "missing"),
        _("which followers were returned, by their IDs on the platform"),
        DUTY,
        RECORD,
        withheld=_("it is about the followers"),
    ),
    PersonalData(
        "complaints.RestitutionGround",
        ("work_id",),
        _("which works were the reason for a return"),
        DUTY,
        RECORD,
        withheld=_("it is part of the complaints"),
    ),
    PersonalData(
        "complaints.GroundFinding",
        ("work_id",),
        _("complaints in which it was found"),
        DUTY,
        RECORD,
        withheld=_("it is part of the complaints"),
    ),
    PersonalData(
        "complaints.RestitutionControl",
        ("reason",),
        _("why the return of followers was paused, resumed or stopped"),
        DUTY,
        RECORD,
        of=lambda person: (
            Q(state="made")
            & (
                Q(restitution__remedy__complaint__complainant=person)
                | Q(restitution__remedy__complaint__respondent=person)
            )
        ),
        also=("kind", "at"),
    ),
    PersonalData(
        "complaints.FollowerChoice",
        ("follower_id",),
        _("which followers undid it, by their IDs on the platform"),
        DUTY,
        RECORD,
        withheld=_("it is about the followers"),
    ),
    PersonalData(
        "complaints.FollowerOptOut",
        ("follower_id",),
        _("which followers opted out, by their IDs on the platform"),
        DUTY,
        WISH,
        withheld=_("it is about the followers"),
    ),
    PersonalData(
        "complaints.InvitationAnswer",
        ("follower_id",),
        _("which followers answered, by their IDs on the platform"),
        DUTY,
        RECORD,
        withheld=_("it is about the followers"),
    ),
)


def register_complaint_data() -> None:
    """Called once, when the app is ready."""
    register_personal_data((*_WORKS, *_COMPLAINTS, *_RESTITUTIONS))
    register_other_columns(
        "settings and figures",
        "complaints.YearlyReturn",
        "complaints.Reconciliation",
        "complaints.RestitutionPolicy",
        "complaints.RestitutionPreview",
        "complaints.Comparison",
    )
    codes = ("number", "by_client", "platform", "region", "account_language", "ticks", "flags", "missing", "proposed")
    register_other_columns(
        "a code, a number or a key of the portal",
        *(f"complaints.Complaint.{name}" for name in (*codes, "nonce", "complainant_nonce")),
        *(f"complaints.ComparisonEvidence.{name}" for name in ("key_id", "wrapped_key", "sha256")),
        *("complaints.EvidenceLook.side", "complaints.EvidenceLook.part"),
        *(
            "complaints.LibraryEntry.version",
            "complaints.LibraryEntry.gap",
            "complaints.LibraryMatch.grade",
            "complaints.LibraryMatch.versions",
        ),
        *("complaints.Fingerprint.algorithm", "complaints.Fingerprint.version", "complaints.Work.fetch_error"),
        *(
            "complaints.Statement.ticks",
            "complaints.PlatformReport",
            "complaints.Remedy",
            "complaints.MatchSegment",
            "complaints.Restitution.platform",
        ),
        *(
            f"complaints.{model}.calling_key"
            for model in (
                *("Restitution", "RestitutionPage", "RestitutionSpan"),
                *("FollowerChoice", "FollowerOptOut", "InvitationAnswer"),
            )
        ),
        "complaints.RestitutionSpan.problem",
        *("complaints.Restitution.mode", "complaints.FollowerOptOut.platform", "complaints.InvitationAnswer.outcome"),
        *("complaints.Restitution.excluded", "complaints.Restitution.shown_at"),
    )
