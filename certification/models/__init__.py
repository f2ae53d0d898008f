"""The rows of certification, by subject."""

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
from certification.models.certificates import Certificate, HeldNumber, Inquiry
from certification.models.checks import Check, CheckKind, CheckMethod, CheckResult
from certification.models.interruptions import GateChange, Interruption
from certification.models.readings import PageHash, PaperReading, ReadField, ReadKind, ReadState
from certification.models.rules import (
    CredentialTypeVersion,
    PreviewFinding,
    PreviewResult,
    RuleDraft,
    RulePreview,
)

__all__ = [
    "ApplicantCategory",
    "Application",
    "AreaBan",
    "Certificate",
    "Check",
    "CheckKind",
    "CheckMethod",
    "CheckResult",
    "Credential",
    "CredentialType",
    "CredentialTypeVersion",
    "Document",
    "DocumentKind",
    "GateChange",
    "HeldNumber",
    "InfoRequest",
    "Inquiry",
    "Interruption",
    "Jurisdiction",
    "KeyArea",
    "PageHash",
    "PaperReading",
    "PreviewFinding",
    "PreviewResult",
    "ReadField",
    "ReadKind",
    "ReadState",
    "RegistryKind",
    "Requirement",
    "RuleDraft",
    "RulePreview",
]
