"""The rows of certification in the table of personal data."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certification.models import ReadKind
from certification.readings import declared_number, read_value
from certification.registers import open_record
from certification.states import OPEN_STATES
from portal.people.models import User
from portal.privacy.table import (
    CONTRACT,
    DUTY,
    FILE,
    RECORD,
    WITH_ACCOUNT,
    PersonalData,
    register_other_columns,
    register_personal_data,
)

_DATES = ("state", "started_at", "submitted_at", "decided_at")


def _of_application(person: User) -> Q:
    return Q(application__applicant=person)


def _checked(person: User) -> Q:
    """Checks of a person's applications that are decided: what machines and reviewers found is not told before."""
    return _of_application(person) & ~Q(application__state__in=OPEN_STATES)


def _asked(person: User) -> Q:
    """Questions to registers about a person's applications that are decided."""
    return Q(credential__application__applicant=person) & ~Q(credential__application__state__in=OPEN_STATES)


def _reported(person: User) -> Q:
    """Reports that a person made, and those about their certificates of which a suspension has told them."""
    return Q(by=person) | Q(inquiry__certificate__holder=person, inquiry__suspension__isnull=False)


def _register_values(query: Any) -> str:
    record = open_record(query)
    if record is None:
        return ""
    days = ((ReadKind.ISSUED_ON, record.issued_on), (ReadKind.EXPIRES_ON, record.expires_on))
    said = [f"{kind.label}: {day.isoformat()}" for kind, day in days if day]
    return ", ".join(filter(None, (record.full_name, record.number, record.issuer, *said)))


def _decided_on(person: User) -> Q:
    """Decisions on a person's applications and certificates."""
    own = Q(case__application__applicant=person) | Q(case__inquiry__certificate__holder=person)
    return (own | Q(case__answer_inquiry__certificate__holder=person)) & Q(state="final")


def _number(credential: Any) -> str:
    return declared_number(credential) if credential.identifier_sealed else ""


_ROWS = (
    PersonalData(
        "certification.Application",
        ("public_name", "claims", "affiliation", "statement"),
        _("what you wrote in applications"),
        CONTRACT,
        RECORD,
        of=lambda person: Q(applicant=person),
        also=("number", "area", "category", *_DATES, "consent_at"),
    ),
    PersonalData(
        "certification.Credential",
        ("identifier_sealed", "identifier_masked", "fingerprint", "name_on_document", "issuer"),
        _("credentials and their numbers"),
        CONTRACT,
        RECORD,
        of=_of_application,
        also=("application", "type", "issued_on", "expires_on"),
        read={"identifier_sealed": _number},
    ),
    PersonalData(
        "certification.InfoRequest",
        ("text", "answer", "items"),
        _("questions about an application, and your answers"),
        DUTY,
        RECORD,
        of=_of_application,
        also=("application", "asked_at", "answered_at"),
    ),
    PersonalData(
        "certification.Certificate",
        ("public_name", "claims", "affiliation", "agency_name", "search_ngrams"),
        _("certificates"),
        CONTRACT,
        RECORD,
        of=lambda person: Q(holder=person),
        also=("serial", "area", "category", "state", "valid_from", "valid_to"),
    ),
    PersonalData(
        "certification.HeldNumber",
        ("fingerprint",),
        _("digests of the numbers on a certificate"),
        CONTRACT,
        RECORD,
        withheld=_("it is computed from the number, which is in your copy"),
    ),
    PersonalData(
        "certification.Inquiry",
        ("grounds", "answer"),
        _("concerns about a certificate, and your answers"),
        DUTY,
        RECORD,
        of=lambda person: Q(certificate__holder=person, suspension__isnull=False),
        also=("certificate", "raised_at", "answered_at", "ended_at"),
    ),
    PersonalData(
        "certification.RecheckTrigger",
        ("facts", "text"),
        _("why a certificate was looked at again, and changes that you reported"),
        DUTY,
        RECORD,
        of=lambda person: Q(certificate__holder=person, inquiry__ended_at__isnull=False),
        also=("certificate", "cause", "at"),
    ),
    PersonalData(
        "certification.Inspection",
        ("answer",),
        _("your answers to inspections"),
        DUTY,
        RECORD,
        of=lambda person: Q(certificate__holder=person, answered_at__isnull=False),
        also=("certificate", "asked_at", "answered_at"),
    ),
    PersonalData(
        "certification.BatchItem",
        ("grounds",),
        _("what was found about a certificate that was suspended with others"),
        DUTY,
        RECORD,
        of=lambda person: Q(certificate__holder=person, outcome="done"),
        also=("certificate", "done_at"),
    ),
    PersonalData(
        "certification.ProfileClaim",
        ("professions",),
        _("professions that the profile of a linked account names"),
        CONTRACT,
        WITH_ACCOUNT,
        of=lambda person: Q(link__person=person),
        also=("link", "read_at"),
    ),
    PersonalData(
        "certification.CertificateReport",
        ("text",),
        _("reports by the public about a certificate"),
        DUTY,
        RECORD,
        of=_reported,
        also=("inquiry", "at"),
    ),
    PersonalData(
        "certification.Check",
        ("input", "data", "note", "url"),
        _("results of the checks of your documents"),
        DUTY,
        RECORD,
        of=_checked,
        also=("application", "kind", "result", "finding", "at"),
    ),
    PersonalData(
        "certification.ReadField",
        ("value_sealed",),
        _("what was read automatically on your documents"),
        CONTRACT,
        FILE,
        of=lambda person: Q(reading__file__owner=person),
        also=("kind", "page", "certain"),
        read={"value_sealed": read_value},
    ),
    PersonalData(
        "certification.RegisterQuery",
        ("values_sealed",),
        _("what official registers said of your credentials"),
        DUTY,
        RECORD,
        of=_asked,
        also=("credential", "reason", "asked_at", "answered_at"),
        read={"values_sealed": _register_values},
    ),
    PersonalData(
        "reviews.Decision",
        ("explanation", "second_note"),
        _("decisions on your applications and certificates"),
        DUTY,
        RECORD,
        of=_decided_on,
        also=("case", "outcome", "told", "at"),
        read={"second_note": lambda _row: ""},
    ),
)


def register_certification_data() -> None:
    """Called once, when the app is ready."""
    register_personal_data(_ROWS)
    models = (
        "Jurisdiction",
        "KeyArea",
        "ApplicantCategory",
        "CredentialType",
        "Requirement",
        "Profession",
        "Abolition",
    )
    versions = ("RuleDraft", "CredentialTypeVersion", "RulePreview", "PreviewFinding")
    register_other_columns("reference data", *(f"certification.{model}" for model in (*models, *versions)))
    kept = ("area_names", "place_names", "category_names", "type_names", "issuer_names", "registry_name")
    register_other_columns(
        "an official register, as it is published",
        *("certification.RegisterVersion", "certification.RegisterEntry"),
    )
    rows = ("Application", "Certificate", "Credential")
    register_other_columns("names of reference data", *(f"certification.{row}.{name}" for row in rows for name in kept))
    register_other_columns(
        "a code or a number of the portal",
        *(f"certification.Application.{name}" for name in ("number", "consent_version", "planned_checks")),
        *(f"certification.Batch.{name}" for name in ("reasons", "explanation")),
        *(
            "certification.BatchItem.refusal",
            "certification.InspectionRound.seed",
            "certification.RecheckTrigger.occasion",
        ),
        *("certification.PaperReading.hints", "certification.ReadField.corners"),
        *(
            "certification.CertificateChange.platform",
            "certification.LinkChange.platform",
            "certification.SigningKey.kid",
        ),
        *("certification.SigningKey.algorithm", "certification.SigningKey.public_key"),
        "certification.SigningKey.private_sealed",
        "certification.RegisterQuery.calling_key",
        *("certification.Certificate.serial", "certification.Certificate.labels", "certification.Check.finding"),
    )
