"""The rows of the platform's own rooms in the table of personal data, and their columns that hold none."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.people.models import User
from portal.privacy.table import (
    CONTRACT,
    DUTY,
    EXPORT,
    FILE,
    LETTER,
    LOOKUP,
    MARKED,
    MESSAGE,
    RECORD,
    SAFETY,
    UNSENT,
    WEBHOOK,
    WITH_ACCOUNT,
    WITH_SESSION,
    PersonalData,
    register_other_columns,
    register_personal_data,
)

_SECRET = _("a secret that only works where it is")
_INSIDE = _("you get the files themselves")


def _self(person: User) -> Q:
    return Q(pk=person.pk)


def _user(person: User) -> Q:
    return Q(user=person)


def _person(person: User) -> Q:
    return Q(person=person)


def _owner(person: User) -> Q:
    return Q(owner=person)


_PEOPLE = (
    PersonalData(
        "people.User",
        ("email", "display_name"),
        _("name and e-mail address"),
        CONTRACT,
        WITH_ACCOUNT,
        of=_self,
        also=("public_id", "language", "role", "joined_at", "last_login"),
    ),
    PersonalData("people.User", ("password",), _("a digest of your password"), SAFETY, WITH_ACCOUNT, withheld=_SECRET),
    PersonalData(
        "account.EmailAddress",
        ("email",),
        _("e-mail addresses"),
        CONTRACT,
        WITH_ACCOUNT,
        of=_user,
        also=("verified", "primary"),
    ),
    PersonalData("mfa.Authenticator", ("data",), _("second factors"), SAFETY, WITH_ACCOUNT, withheld=_SECRET),
    PersonalData(
        "usersessions.UserSession",
        ("ip", "user_agent", "session_key", "data"),
        _("devices on which you are signed in"),
        SAFETY,
        WITH_SESSION,
        withheld=_("you can see them on the page of your devices"),
    ),
    PersonalData(
        "sessions.Session",
        ("session_key", "session_data"),
        _("sessions of your browser"),
        CONTRACT,
        WITH_SESSION,
        withheld=_SECRET,
    ),
    PersonalData(
        "people.LinkedAccount",
        ("platform", "external_id", "handle", "name", "url", "region", "agency", "code"),
        _("your platform accounts"),
        CONTRACT,
        WITH_ACCOUNT,
        of=_person,
        also=("state", "claimed_at", "proven_at", "ended_at"),
    ),
    PersonalData(
        "people.Recovery",
        ("note", "reason", "closing_note"),
        _("what was written when you lost your second factor"),
        SAFETY,
        WITH_ACCOUNT,
        of=_person,
        also=("state", "asked_at", "closed_at"),
    ),
    PersonalData(
        "people.Intervention",
        ("reason",),
        _("why an administrator changed your account"),
        DUTY,
        WITH_ACCOUNT,
        of=_person,
        also=("what", "at"),
    ),
    PersonalData(
        "people.ChangeRequest",
        ("title", "reason", "before", "after", "closing_note"),
        _("changes of roles that require two people"),
        DUTY,
        RECORD,
        withheld=_("it is about the work of administrators; you were notified of what changed and why"),
    ),
    PersonalData(
        "people.Letter",
        ("sealed",),
        _("e-mails about signing in"),
        CONTRACT,
        LETTER,
        withheld=_("they are in your mailbox"),
    ),
    PersonalData(
        "people.FormDraft",
        ("sealed",),
        _("what you typed in a form and have not submitted yet"),
        CONTRACT,
        UNSENT,
        withheld=_("it is in the form, where you can read and change it"),
    ),
    PersonalData(
        "notifications.Notification",
        ("subjects", "bodies", "url", "key"),
        _("messages to you"),
        CONTRACT,
        MESSAGE,
        of=_user,
        also=("kind", "created_at", "read_at"),
    ),
)

_FILES = (
    PersonalData(
        "evidence.EvidenceFile",
        ("name", "location", "wrapped_key"),
        _("documents that you submitted"),
        CONTRACT,
        FILE,
        of=_owner,
        also=("id", "purpose", "media_type", "size", "stored_at", "sha256", "purge_at", "purged_at"),
    ),
    PersonalData(
        "evidence.EvidencePage", ("location",), _("pictures of their pages"), CONTRACT, FILE, withheld=_INSIDE
    ),
    PersonalData(
        "evidence.MarkedCopy",
        ("wrapped_key",),
        _("pictures of their pages as a reviewer sees them"),
        CONTRACT,
        MARKED,
        withheld=_INSIDE,
    ),
    PersonalData(
        "evidence.MarkedPage",
        ("location",),
        _("pictures of their pages as a reviewer sees them"),
        CONTRACT,
        MARKED,
        withheld=_INSIDE,
    ),
    PersonalData(
        "media.MediaFile",
        ("name", "poster", "wrapped_key"),
        _("files of works that you sent"),
        CONTRACT,
        FILE,
        of=_owner,
        also=("id", "purpose", "media_type", "size", "stored_at", "sha256", "purge_at", "purged_at"),
    ),
    PersonalData("media.MediaPart", ("location",), _("the parts they consist of"), CONTRACT, FILE, withheld=_INSIDE),
)

_CASES = (
    PersonalData(
        "reviews.Appeal",
        ("text",),
        _("what you wrote in an appeal"),
        DUTY,
        RECORD,
        of=lambda person: Q(by=person),
        also=("filed_at", "withdrawn_at"),
    ),
    PersonalData(
        "reviews.ReviewCase",
        ("account",),
        _("which platform account a case was about"),
        DUTY,
        RECORD,
        withheld=_("it is part of your complaints and certificates"),
    ),
    PersonalData(
        "reviews.Participation",
        ("topic",),
        _("who worked on the cases of an account"),
        DUTY,
        RECORD,
        withheld=_("it is about the reviewer"),
    ),
    PersonalData(
        "reviews.Claim",
        ("note",),
        _("why a reviewer released a case"),
        DUTY,
        RECORD,
        withheld=_("it is about the reviewer"),
    ),
)

_EXPORTS = (
    PersonalData(
        "privacy.DataExport",
        ("wrapped_key",),
        _("copies of your data that you requested"),
        CONTRACT,
        EXPORT,
        withheld=_INSIDE,
    ),
    PersonalData(
        "privacy.ExportPart",
        ("location",),
        _("the parts they consist of"),
        CONTRACT,
        EXPORT,
        withheld=_INSIDE,
    ),
)

_WEBHOOKS = (
    PersonalData(
        "webhooks.Event",
        ("body", "ordering_key"),
        _("messages to platforms about your accounts there"),
        CONTRACT,
        WEBHOOK,
        withheld=_("they hold numbers and states that are in your copy already"),
    ),
    PersonalData(
        "webhooks.Delivery",
        ("ordering_key",),
        _("the order in which they were sent"),
        CONTRACT,
        WEBHOOK,
        withheld=_("it is the number of a certificate or complaint that is in your copy already"),
    ),
)

_LOOKUPS = (
    PersonalData(
        "outbound.Lookup",
        ("arguments", "answer"),
        _("queries to platforms about accounts and works, and the answers"),
        CONTRACT,
        LOOKUP,
        withheld=_("it is what the platform shows publicly and does not belong to any one person"),
    ),
)


def register_platform_data() -> None:
    """Called once, when the app is ready."""
    register_personal_data((*_PEOPLE, *_FILES, *_CASES, *_EXPORTS, *_WEBHOOKS, *_LOOKUPS))
    register_other_columns("data of the platform in the demo, not of the portal", "sandbox")
    register_other_columns(
        "what platforms serve, ids of their requests, and what is held or was sent there, by ids and numbers of complaints",
        "connectors",
    )
    register_other_columns("reference data", "reviews.Calendar", "reviews.CalendarDay", "reviews.ReasonCode")
    register_other_columns("of an organisation", "people.Agency", "people.ApiClientUse", "allauth_idp_oidc.Client")
    register_other_columns("Django's own, without people", "auth", "contenttypes", "admin.LogEntry")
    register_other_columns(
        "a code, a number or a digest of the portal",
        *(
            "people.User.public_id",
            "people.User.language",
            "people.Intervention.what",
            "people.Letter.kind",
            "people.FormDraft.form",
            "people.Letter.error",
        ),
        *("notifications.Notification.kind", "notifications.Notification.error", "account.EmailConfirmation.key"),
        *("evidence.MarkedCopy.key_id", "evidence.MarkedCopy.case", "evidence.KeyMark"),
        *("evidence.EvidenceAccess.why", "media.MediaLook.why", "evidence.OrphanBlob", "allauth_idp_oidc.Token"),
        *(f"{model}.{name}" for model in ("evidence.EvidenceFile", "media.MediaFile") for name in _FILE_CODES),
        *("media.MediaFile.codec", "reviews.CaseParty", "reviews.ReviewerSkill"),
        *(f"reviews.ReviewCase.{name}" for name in ("kind", "skill", "titles", "reasons", "topics")),
        *("outbound.Lookup.key", "outbound.Lookup.question", "outbound.Lookup.platform"),
        *("outbound.PlatformTraffic", "outbound.PlatformFailure"),
        *("people.ChangeRequest.kind", "people.ChangeRequest.subject"),
        *("reviews.Decision.outcome", "reviews.Decision.reasons", "reviews.Decision.told"),
        *("privacy.DataExport.key_id", "privacy.DataExport.sha256", "privacy.DataExport.problem"),
    )
    register_other_columns("ids only, and errors without addresses", "jobs.Job", "outbound.Discrepancy")
    register_other_columns("of an organisation", "webhooks.Endpoint")
    register_other_columns("a code, or what the server of a platform answered", *_WEBHOOK_CODES)
    register_other_columns("people appear by public id only", "audit.AuditEvent")


_WEBHOOK_CODES = (
    *(f"webhooks.Event.{name}" for name in ("message", "type", "platform")),
    *("webhooks.Delivery.state", "webhooks.Attempt.result", "webhooks.Attempt.answer"),
)
_FILE_CODES = ("purpose", "sha256", "refusal", "key_id", "media_type")
