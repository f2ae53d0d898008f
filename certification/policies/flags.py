"""Words for what calls for care on an application: checks that failed or stayed open."""

from django.utils.translation import gettext as _now

from certification.models import Check, CheckKind, CheckResult, Document
from portal.errors import Text


def flag_texts() -> dict[str, Text]:
    """The flags of casework.check_flags() in words, by code."""
    failed = {f"{CheckResult.FAILED}:{kind}": _now("Failed: %(check)s") % {"check": kind.label} for kind in CheckKind}
    still_open = {
        f"{CheckResult.INCONCLUSIVE}:{kind}": _now("Open: %(check)s") % {"check": kind.label} for kind in CheckKind
    }
    return {**failed, **still_open}


def flags_of_checks(checks: list[Check], result: CheckResult) -> dict[str, Text]:
    """The checks that came out so: code and object of each, with what it looked at and what it found."""
    texts = flag_texts()
    return {f"{row.result}:{row.key}": _flag_sentence(row, texts) for row in checks if row.result == result}


def _flag_sentence(check: Check, texts: dict[str, Text]) -> str:
    facts = {
        "flag": texts[f"{check.result}:{check.kind}"],
        "about": checked_object(check),
        "finding": check.sentence,
    }
    return _now("%(flag)s (%(about)s). %(finding)s") % facts


def checked_object(check: Check) -> str:
    """What a check looked at: the credential's type, the document's kind, or the application."""
    if check.credential is not None:
        return check.credential.type_name
    return document_label(check.document) if check.document is not None else _now("the application")


def document_label(document: Document) -> str:
    """What a document is, and of which credential."""
    kind = document.get_kind_display()
    if document.credential is None:
        return kind
    return _now("%(type)s: %(kind)s") % {"type": document.credential.type.name, "kind": kind}
