"""Access to files: the owner, and those allowed by the rule registered for the file's purpose."""

from collections.abc import Callable, Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.evidence.models import EvidenceFile
from portal.people.models import User

AccessRule = Callable[[User, EvidenceFile], str | Promise | None]
_rules: dict[str, AccessRule] = {}


def register_access_rule(purpose: str, rule: AccessRule) -> None:
    """Products call this in AppConfig.ready(). `rule` returns the reason for refusing access, or None."""
    if purpose in _rules:
        message = f"an access rule for {purpose} is registered twice"
        raise ValueError(message)
    _rules[purpose] = rule


def refuse_look(user: User, file: EvidenceFile) -> str | Promise | None:
    """Why this person may not see this file; None if they may. No rule for the purpose: nobody but the owner."""
    if not user.is_active:
        return _("This account is closed.")
    if file.owner_id == user.pk:
        return None
    rule = _rules.get(file.purpose)
    return rule(user, file) if rule else _("Only its owner may see this file.")


def refuse_attaching_files(files: Iterable[EvidenceFile], user: User, *, purpose: str = "") -> str | Promise | None:
    """Why this person may not attach these files: one is not theirs, or was uploaded for another than the `purpose`."""
    if any(file.owner_id != user.pk or file.purpose != (purpose or file.purpose) for file in files):
        return _("This file was not uploaded for this.")
    return None
