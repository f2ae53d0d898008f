"""Writing an application: begun, saved step by step, with numbers and documents; purged when idle."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from certification import events, identifiers, policies
from certification.models import (
    ApplicantCategory,
    Application,
    Certificate,
    Credential,
    CredentialType,
    Document,
    KeyArea,
)
from certification.readings import declared_number
from certification.states import ApplicationState
from portal import clock, vault
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed, require_allowed
from portal.evidence.actions import retention
from portal.evidence.models import EvidenceFile, FileState
from portal.people.models import User
from portal.texts import require_text, text_errors
from portal.workflow import write_row

_NUMBER_LIMIT = 60


def start_application(
    *, area: KeyArea, by: User, applicant: User | None = None, renews: Certificate | None = None
) -> Application:
    """Open a draft for `by`, or for the creator whose mandate their agency holds."""
    person = applicant or by
    if person.pk != by.pk and not policies.acts_for(by, person):
        raise NotAllowed(_("You do not hold a mandate from this person."))
    require_allowed(policies.refuse_start(person, area, renews=renews))
    try:
        with transaction.atomic():
            return _create_draft(Application(applicant=person, area=area, renews=renews), by)
    except IntegrityError as error:
        # The same form came twice at once; the other one was faster.
        raise Conflict(_("You already have an open application in this area.")) from error


def save_application_draft(
    *,
    application: Application,
    by: User,
    category: ApplicantCategory | None = None,
    texts: Mapping[str, str] | None = None,
) -> None:
    """Keep what was typed: `texts` may hold public_name, claims, affiliation, statement."""
    require_allowed(policies.refuse_editing(application, by))
    fields: dict[str, Any] = _known_texts(texts or {})
    if category is not None:
        fields["category"] = _changeable_category(application, category)
    _update_editable(application, **fields)


def declare_credential(
    *,
    application: Application,
    by: User,
    kind: CredentialType,
    number: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Credential:
    """Declare a credential, or change what was declared of this type.

    `number` "" keeps the one that is there. `facts` may hold name_on_document, issuer, issued_on, expires_on.
    """
    require_allowed(policies.refuse_attaching(application, by))
    values = {name: value for name, value in (facts or {}).items() if name in _CREDENTIAL_FACTS}
    _check_dates(values.get("issued_on"), values.get("expires_on"))
    with transaction.atomic():
        _update_editable(application)
        credential, _made = Credential.objects.get_or_create(application=application, type=kind)
        values |= _encrypted_number(credential, number)
        for name, value in {**values, **_NOT_ACCEPTED, "round": application.round + 1}.items():
            setattr(credential, name, value)
        credential.save()
    return credential


def copy_credential(credential: Credential, application: Application) -> Credential:
    """Declare in a renewal's draft what was accepted before, with its documents whose content is still there."""
    copy = Credential(application=application, type=credential.type, round=application.round + 1)
    for name in _CREDENTIAL_FACTS:
        setattr(copy, name, getattr(credential, name))
    for name, text in _encrypted_number(copy, declared_number(credential)).items():
        setattr(copy, name, text)
    copy.save(force_insert=True)
    kept = credential.documents.current().filter(file__purged_at=None).exclude(file__state=FileState.REFUSED)
    Document.objects.bulk_create(
        Document(
            application=application,
            credential=copy,
            kind=row.kind,
            file=row.file,
            dated_on=row.dated_on,
            round=copy.round,
        )
        for row in kept
    )
    return copy


def remove_credential(*, credential: Credential, by: User) -> None:
    """Take a declared credential back with its documents, while the application is a draft."""
    _require_draft(credential.application, by)
    with transaction.atomic():
        _update_editable(credential.application)
        for document in credential.documents.current():
            _replace_document(document)
        credential.delete()


def remove_empty_credential(*, credential: Credential, by: User) -> bool:
    """Take a credential back of which nothing is stored; False if something is by now."""
    _require_draft(credential.application, by)
    with transaction.atomic():
        _update_editable(credential.application)
        now = Credential.objects.filter(pk=credential.pk).first()
        if now is None or is_empty_credential(now):
            credential.delete()
            return True
    return False


def is_empty_credential(credential: Credential) -> bool:
    """Whether a declared credential has nothing stored. One query."""
    facts = (credential.identifier_sealed, *(getattr(credential, name) for name in _CREDENTIAL_FACTS))
    return not any(facts) and not credential.documents.current().exists()


def attach_document(
    *,
    application: Application,
    by: User,
    kind: str,
    file: EvidenceFile,
    credential: Credential | None = None,
    dated_on: date | None = None,
    replaces: Document | None = None,
) -> Document:
    """Add a stored file of the applicant, possibly in place of another; the same one twice stays one."""
    require_allowed(policies.refuse_attaching(application, by))
    policies.require_own_files([file], by)
    with transaction.atomic():
        _update_editable(application)
        _require_part(application, credential)
        if credential is not None and not Credential.objects.filter(pk=credential.pk).exists():
            raise Conflict(_("This was removed in another window. Please add the file again."))
        if replaces is not None:
            _require_part(application, replaces)
            _replace_document(replaces)
        same = application.documents.current().filter(file=file, kind=kind, credential=credential).first()
        return same or Document.objects.create(
            application=application,
            credential=credential,
            kind=kind,
            file=file,
            dated_on=dated_on,
            round=application.round + 1,
        )


def detach_document(*, document: Document, by: User) -> None:
    """Remove a file. A file that was submitted is marked as replaced and kept."""
    require_allowed(policies.refuse_attaching(document.application, by))
    with transaction.atomic():
        _update_editable(document.application)
        _replace_document(document)


def date_document(*, document: Document, by: User, dated_on: date | None) -> None:
    """Declare the date printed on a document."""
    require_allowed(policies.refuse_attaching(document.application, by))
    with transaction.atomic():
        _update_editable(document.application)
        write_row(document, {"dated_on": dated_on, "round": document.application.round + 1}, replaced_at=None)


def date_documents_like(*, document: Document, by: User, dated_on: date | None) -> None:
    """Declare the date of a document and of the others of its kind and credential, for which one date is asked."""
    with transaction.atomic():
        like = document.application.documents.current().filter(kind=document.kind, credential=document.credential_id)
        for row in like:
            if row.dated_on != dated_on:
                date_document(document=row, by=by, dated_on=dated_on)


def discard_application_draft(*, application: Application, by: User) -> None:
    """Delete one's draft, with everything in it."""
    _require_draft(application, by, applicant_only=False)
    purge_draft(application, by=by)


def purge_idle_applications() -> int:
    """Delete drafts unchanged for 30 days; returns how many."""
    idle = list(Application.objects.idle_since(clock.now() - policies.DRAFT_RETENTION)[:200])
    return sum(purge_draft(draft) for draft in idle)


_CREDENTIAL_FACTS = ("name_on_document", "issuer", "issued_on", "expires_on")
_NOT_ACCEPTED: dict[str, Any] = {"accepted_by": None, "accepted_at": None}
_TEXT_LIMITS = {
    "public_name": 80,
    "claims": 160,
    "affiliation": 160,
    "statement": policies.TEXT_LIMIT,
}  # at most so many characters


def _create_draft(application: Application, by: User) -> Application:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('certification_application_number')")
        (number,) = cursor.fetchone() or (0,)
    application.number = f"A-{clock.today():%Y}-{number:06d}"
    application.public_name = application.applicant.display_name
    if application.renews is not None:
        _copy_texts(application.renews, application)
    application.save(force_insert=True)
    trail.record_event(
        events.APPLICATION_STARTED,
        application,
        by=by,
        area=application.area.code,
        applicant=application.applicant.public_id,
    )
    return application


def _copy_texts(certificate: Certificate, application: Application) -> None:
    """Prefill a renewal from the certificate."""
    application.category = certificate.category
    for name in ("public_name", "claims", "affiliation"):
        setattr(application, name, getattr(certificate, name))


def _update_editable(application: Application, **fields: Any) -> None:
    """Save, and lock the application, if it is in the state, and was handed in as often, as when it was read.

    A form from an old tab finds it handed in, even if it can be written in once more.
    """
    fields |= {"touched_at": clock.now(), "unchanged": False}
    message = _("This application was submitted in the meantime.")
    write_row(application, fields, message=message, state=application.state, round=application.round)


def _known_texts(texts: Mapping[str, str]) -> dict[str, Any]:
    if wrong := text_errors({name: (texts.get(name, ""), limit) for name, limit in _TEXT_LIMITS.items()}):
        raise Invalid(_("Some texts are too long."), fields=wrong)
    return {name: texts[name].strip() for name in _TEXT_LIMITS if name in texts}


def _changeable_category(application: Application, category: ApplicantCategory) -> ApplicantCategory:
    if application.state != ApplicationState.DRAFT and category.pk != application.category_id:
        raise Conflict(_("The applicant category cannot be changed after submission."))
    return category


def _encrypted_number(credential: Credential, number: str) -> dict[str, str]:
    """The number as it is kept: encrypted, masked, and as a fingerprint."""
    plain = identifiers.normalise_identifier(number)
    if not plain:
        return {}
    require_text("number", plain, most=_NUMBER_LIMIT)
    return {
        "identifier_sealed": vault.encrypt_text(plain, bound_to=credential.bound_to),
        "identifier_masked": identifiers.mask_identifier(plain),
        # The type's issuer or register counts, not the type: numbers of two registers may be equal by chance.
        "fingerprint": vault.keyed_fingerprint(f"{credential.type.space_of_numbers}:{plain}"),
    }


def _check_dates(issued_on: date | None, expires_on: date | None) -> None:
    if issued_on and expires_on and expires_on < issued_on:
        raise Invalid.at("expires_on", _("The end date is before the date of issue."))


def _require_part(application: Application, part: Credential | Document | None) -> None:
    """Raise NotAllowed if a credential or document belongs to another application."""
    if part is not None and part.application_id != application.pk:
        raise NotAllowed(_("This belongs to another application."))


def _replace_document(document: Document) -> None:
    """Delete a document that was never handed in, and mark one that was. Reads it as it is now; the application is locked."""
    if not Document.objects.filter(pk=document.pk, file__frozen_at=None).exists():
        write_row(document, {"replaced_at": clock.now()}, replaced_at=None)
        return
    document.delete()


def _require_draft(application: Application, by: User, *, applicant_only: bool = True) -> None:
    refuse = policies.refuse_attaching if applicant_only else policies.refuse_editing
    require_allowed(refuse(application, by))
    if application.state != ApplicationState.DRAFT:
        raise Conflict(_("What you have submitted can no longer be changed."))


def purge_draft(application: Application, *, by: User | None = None) -> int:
    """Delete a draft if it still is one; its files go with their own timer."""
    with transaction.atomic():
        row = Application.objects.locked().filter(pk=application.pk, state=ApplicationState.DRAFT).first()
        if row is None or row.touched_at != application.touched_at:
            return 0
        # What an earlier certificate rests on, and a renewal has taken over, is kept with that one.
        files = [document.file for document in row.documents.filter(file__frozen_at=None).select_related("file")]
        trail.record_event(events.APPLICATION_PURGED, row, by=by)
        row.delete()
        retention.schedule_purge(files, at=clock.now())
    return 1
