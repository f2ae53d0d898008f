"""The rows of certification, by subject."""

from certification.models.abolitions import Abolition
from certification.models.applications import Application, AreaBan, Credential, Document, InfoRequest
from certification.models.areas import (
    ApplicantCategory,
    CredentialType,
    DocumentKind,
    Jurisdiction,
    KeyArea,
    RegistryKind,
    Requirement,
)
from certification.models.batches import Batch, BatchItem, BatchKind, ItemOutcome
from certification.models.certificates import Certificate, HeldNumber, Inquiry
from certification.models.checks import Check, CheckKind, CheckMethod, CheckResult
from certification.models.inspections import Inspection, InspectionCause, InspectionRound
from certification.models.interruptions import GateChange, Interruption
from certification.models.readings import PageHash, PaperReading, ReadField, ReadKind, ReadState
from certification.models.rechecks import ProfileClaim, RecheckCause, RecheckTrigger, ReportedChange

__all__ = [
    "Abolition",
    "ApplicantCategory",
    "Application",
    "AreaBan",
    "Batch",
    "BatchItem",
    "BatchKind",
    "Certificate",
    "Check",
    "CheckKind",
    "CheckMethod",
    "CheckResult",
    "Credential",
    "CredentialType",
    "Document",
    "DocumentKind",
    "GateChange",
    "HeldNumber",
    "InfoRequest",
    "Inquiry",
    "Inspection",
    "InspectionCause",
    "InspectionRound",
    "Interruption",
    "ItemOutcome",
    "Jurisdiction",
    "KeyArea",
    "PageHash",
    "PaperReading",
    "ProfileClaim",
    "ReadField",
    "ReadKind",
    "ReadState",
    "RecheckCause",
    "RecheckTrigger",
    "RegistryKind",
    "ReportedChange",
    "Requirement",
]
