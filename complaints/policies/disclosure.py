"""What each side is shown of what the other side has brought, and from when on; contact data is left out of it."""

import re
from collections.abc import Collection, Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from complaints.models import Complaint, Exhibit, Statement
from complaints.policies.contact_patterns import CONTACT_PATTERNS
from complaints.policies.formalities import CONTACT_LIMITS
from complaints.states import Side
from portal.evidence.models import EvidenceFile

_KIND = Statement.Kind
# Requests of the portal to one side are not shown to the other.
_ON_A_DECISION = (_KIND.APPEAL, _KIND.REPLY)
_BETWEEN_BOTH = (_KIND.ANSWER, *_ON_A_DECISION)
_BETWEEN_DIGITS = r"[\s()./+-]*"
_SHORTEST = 5  # characters: what is shorter stands in other words, too


def shown_statements(complaint: Complaint, side: str) -> QuerySet[Statement]:
    """Statements after the complaint, oldest first. The respondent sees none from before they were told."""
    rows = complaint.statements.exclude(kind=_KIND.NOTICE)
    if side == Side.COMPLAINANT:
        return rows
    return rows.filter(kind__in=_BETWEEN_BOTH).exclude(kind__in=_ON_A_DECISION, at__lt=complaint.told_at)


def shown_exhibits(complaint: Complaint, side: str) -> QuerySet[Exhibit]:
    """Their own evidence, and the other side's once it was handed in: the respondent's, with their answer."""
    rows = complaint.exhibits.select_related("file")
    if side == Side.RESPONDENT or complaint.statements.filter(kind=_KIND.ANSWER).exists():
        return rows
    return rows.filter(side=side)


def is_file_shown(complaint: Complaint, side: str, file: EvidenceFile) -> bool:
    """Whether a side may open a document of either side."""
    exhibits = shown_exhibits(complaint, side).filter(Q(side=side) | Q(reviewers_only=""), file=file)
    return exhibits.exists() or shown_statements(complaint, side).filter(Q(files=file)).exists()


def redact_contact(text: str, contact: Mapping[str, str]) -> str:
    """The text without what looks like contact data (contact_patterns.py), and without `contact`.

    `contact` is what the writer gave as theirs. A name is left: whoever signs a text with it means to.
    """
    for pattern in [*_given_patterns(contact), *CONTACT_PATTERNS]:
        text = pattern.sub(_("[contact details removed]"), text)
    return text


def _given_patterns(contact: Mapping[str, str]) -> Collection[re.Pattern[str]]:
    """What finds e-mail address, postal address (its lines, too) and telephone number, however they are spaced."""
    found = []
    for name in CONTACT_LIMITS:
        given = contact.get(name, "").strip()
        if name == "phone" and len(digits := re.sub(r"\D", "", given)) >= _SHORTEST:
            found.append(re.compile(_BETWEEN_DIGITS.join(digits)))
        elif name in {"email", "address"}:
            lines = [given, *(line for line in given.splitlines())]
            found += [_spaced(line) for line in lines if len(line.strip()) >= _SHORTEST]
    return found


def _spaced(text: str) -> re.Pattern[str]:
    return re.compile(r"[\s,;]+".join(map(re.escape, re.split(r"[\s,;]+", text.strip()))), re.IGNORECASE)
