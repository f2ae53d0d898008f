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
from certification.models.changes import CertificateChange
from certification.models.checks import Check, CheckKind, CheckMethod, CheckResult
from certification.models.interruptions import GateChange, Interruption
from certification.models.professions import Profession
from certification.models.proofs import SigningKey
from certification.models.readings import PageHash, PaperReading, ReadField, ReadKind, ReadState
from certification.models.reports import CertificateReport

__all__ = [
    "ApplicantCategory",
    "Application",
    "AreaBan",
    "Certificate",
    "CertificateChange",
    "CertificateReport",
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
    "Interruption",
    "Jurisdiction",
    "KeyArea",
    "PageHash",
    "PaperReading",
    "Profession",
    "ReadField",
    "ReadKind",
    "ReadState",
    "RegistryKind",
    "Requirement",
    "SigningKey",
]
