"""The rows of certification, by subject."""

from certification.models.abolitions import Abolition
from certification.models.applications import Application, AreaBan, Credential, Document, InfoRequest
from certification.models.areas import (
    AUTOMATIC_REGISTERS,
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
from certification.models.changes import CertificateChange, LinkChange
from certification.models.checks import CONCLUSIVE, NOT_READY, Check, CheckKind, CheckMethod, CheckResult
from certification.models.inspections import DrawCheck, Inspection, InspectionCause, InspectionRound
from certification.models.interruptions import GateChange, Interruption
from certification.models.professions import Profession
from certification.models.proofs import SigningKey
from certification.models.readings import PageHash, PaperReading, ReadField, ReadKind, ReadState
from certification.models.rechecks import ProfileClaim, RecheckCause, RecheckTrigger, ReportedChange
from certification.models.registers import (
    EntryState,
    QueryReason,
    RegisterEntry,
    RegisterQuery,
    RegisterRecheck,
    RegisterVersion,
    VersionState,
)
from certification.models.reports import CertificateReport
from certification.models.rules import (
    CredentialTypeVersion,
    PreviewFinding,
    PreviewResult,
    RuleDraft,
    RulePreview,
)

__all__ = [
    "AUTOMATIC_REGISTERS",
    "CONCLUSIVE",
    "NOT_READY",
    "Abolition",
    "ApplicantCategory",
    "Application",
    "AreaBan",
    "Batch",
    "BatchItem",
    "BatchKind",
    "Certificate",
    "CertificateChange",
    "CertificateReport",
    "Check",
    "CheckKind",
    "CheckMethod",
    "CheckResult",
    "Credential",
    "CredentialType",
    "CredentialTypeVersion",
    "Document",
    "DocumentKind",
    "DrawCheck",
    "EntryState",
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
    "LinkChange",
    "PageHash",
    "PaperReading",
    "PreviewFinding",
    "PreviewResult",
    "Profession",
    "ProfileClaim",
    "QueryReason",
    "ReadField",
    "ReadKind",
    "ReadState",
    "RecheckCause",
    "RecheckTrigger",
    "RegisterEntry",
    "RegisterQuery",
    "RegisterRecheck",
    "RegisterVersion",
    "RegistryKind",
    "ReportedChange",
    "Requirement",
    "RuleDraft",
    "RulePreview",
    "SigningKey",
    "VersionState",
]
