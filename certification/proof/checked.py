"""What was checked for a certificate, how and when, in sentences for everybody: no number, no document, no name of a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from certification.models import (
    CONCLUSIVE,
    Certificate,
    Check,
    CheckKind,
    CheckMethod,
    CheckResult,
    Credential,
    RegistryKind,
)


@dataclass(frozen=True)
class CheckedCredential:
    """A credential that a person accepted, with a sentence for each way in which it was checked."""

    name: str
    issuer: str
    accepted_at: datetime
    ways: tuple[str, ...]
    recheck_every: int | None = None  # days until the register is asked again, while the certificate is valid


# How the register was asked. Nothing is called an answer of the register that a person looked up.
_BY_A_PERSON: Final = gettext_noop("A person looked up the number in the official register (%(name)s) on %(day)s.")
_AUTOMATIC: Final = gettext_noop(
    "The official register (%(name)s) was asked automatically on %(day)s and confirmed the entry."
)
# By the way in which the credential's register can be asked, where it is not the one above.
_OTHERWISE: Final[Mapping[str, str]] = {
    "file": gettext_noop(
        "The number was found on %(day)s in a copy of the official register (%(name)s) that the portal had loaded."
    ),
}


def checked_credentials(certificate: Certificate) -> list[CheckedCredential]:
    """What was accepted for the certificate. Two queries.

    Of each kind the newest check counts that came to a result: a later one without takes nothing back.
    """
    accepted = certificate.application.credentials.exclude(accepted_by=None).select_related("type").order_by("pk")
    newest: dict[tuple[int | None, str], Check] = {}
    checks = certificate.application.checks.filter(document__replaced_at=None, result__in=CONCLUSIVE)
    for check in checks.select_related("document", "credential").order_by("pk"):
        of_document = check.document.credential_id if check.document is not None else None
        if check.is_current:
            newest[check.credential_id or of_document, check.kind] = check
    return [
        CheckedCredential(
            row.type_name, row.issuer_name, row.accepted_at, tuple(_ways(row, newest)), row.type.asked_again_after
        )
        for row in accepted
        if row.accepted_at is not None
    ]


def _ways(row: Credential, newest: Mapping[tuple[int | None, str], Check]) -> Iterator[str]:
    def passed(kind: str) -> Check | None:
        check = newest.get((row.pk, kind))
        return check if check is not None and check.result == CheckResult.PASSED else None

    day = {"day": _day(row.accepted_at)}
    evidence_kinds, registry = _rules_then(row)
    if evidence_kinds:
        yield _("A person read the document and accepted it on %(day)s.") % day
    else:
        yield _("A person compared the number with the other documents and accepted it on %(day)s.") % day
    if looked := passed(CheckKind.REGISTRY):
        automatic = _OTHERWISE.get(registry, _AUTOMATIC)
        sentence = _BY_A_PERSON if looked.method == CheckMethod.MANUAL else automatic
        yield _(sentence) % {"name": row.register_name, "day": _day(looked.at)}
    elif registry == RegistryKind.NONE:
        yield _("There is no public register for this.")
    if compared := passed(CheckKind.DOCUMENT_COMPARED):
        yield _("The document was also read automatically and compared with what was declared, on %(day)s.") % {
            "day": _day(compared.at)
        }
    if computed := passed(CheckKind.IDENTIFIER_CHECKSUM):
        yield _("The check digit of the number was computed on %(day)s; it shows the form, not whose number it is.") % {
            "day": _day(computed.at)
        }


def _rules_then(row: Credential) -> tuple[list[str], str]:
    """The documents and the register that the version of the type asked for by which the credential was accepted.

    One query where the type has another version by now.
    """
    now = row.type.evidence_kinds, row.type.registry
    if row.type_version in (None, row.type.version):
        return now
    following = row.type.versions.filter(version=row.type_version + 1).exclude(applied_at=None).first()
    if following is None:
        return now
    return following.before.get("evidence_kinds", now[0]), following.before.get("registry", now[1])


def _day(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment)) if moment else ""
