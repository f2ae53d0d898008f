"""Access to files: the owner, and those allowed by the rules registered for the file's purpose."""

from collections.abc import Callable, Iterable
from typing import Any, Generic

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.errors import Text
from portal.evidence.models import EvidenceFile, FileT
from portal.people.models import User

LookRule = Callable[[User, Any], Text | None]
UploadRule = Callable[[User], Text | None]


class AccessRules(Generic[FileT]):
    """The rules of one kind of file by purpose. Each rule gives the reason why not, or None.

    `only_owner` is said where a purpose has no rule for looks, `not_taken` where it has none for uploads.
    """

    def __init__(self, *, only_owner: Text, not_taken: Text = "") -> None:
        self.only_owner, self.not_taken = only_owner, not_taken
        self.look_rules: dict[str, LookRule] = {}
        self.upload_rules: dict[str, UploadRule] = {}
        self.bind_owner: set[str] = set()

    def register(
        self, purpose: str, look_rule: LookRule, upload_rule: UploadRule | None = None, *, binds_owner: bool = False
    ) -> None:
        """Products call this in AppConfig.ready(). Registering a purpose twice is a programming error.

        `binds_owner`: the rule for looks holds for the owner, too, who uploaded what is about somebody else.
        """
        if purpose in self.look_rules:
            message = f"access rules for {purpose} are registered twice"
            raise ValueError(message)
        self.look_rules[purpose] = look_rule
        if binds_owner:
            self.bind_owner.add(purpose)
        if upload_rule is not None:
            self.upload_rules[purpose] = upload_rule

    def refuse_look(self, user: User, file: FileT) -> Text | None:
        """Why this person may not see this file; None if they may. No rule for the purpose: nobody but the owner."""
        if not user.is_active:
            return _("This account is closed.")
        if file.owner_id == user.pk and file.purpose not in self.bind_owner:
            return None
        rule = self.look_rules.get(file.purpose)
        return rule(user, file) if rule else self.only_owner

    def refuse_upload(self, user: User, purpose: str) -> Text | None:
        """Why this person may not send a file for this purpose; None if they may. No rule: nobody."""
        if not user.is_active:
            return _("This account is closed.")
        rule = self.upload_rules.get(purpose)
        return rule(user) if rule else self.not_taken


evidence_rules = AccessRules[EvidenceFile](only_owner=_("Only its owner can see this file."))
register_access_rule = evidence_rules.register
refuse_look = evidence_rules.refuse_look


# By purpose: whether a link that was opened in the session of a request lets whoever came by it see the file.
_link_rules: dict[str, Callable[[HttpRequest, EvidenceFile], bool]] = {}


def register_link_rule(purpose: str, rule: Callable[[HttpRequest, EvidenceFile], bool]) -> None:
    """Say who sees files of a purpose without signing in. Products call this in AppConfig.ready()."""
    _link_rules[purpose] = rule


def is_opened_by_link(request: HttpRequest, file: EvidenceFile) -> bool:
    """Whether the session was opened by a link that shows this file."""
    rule = _link_rules.get(file.purpose)
    return rule is not None and rule(request, file)


def refuse_attaching_files(files: Iterable[EvidenceFile], user: User, *, purpose: str = "") -> Text | None:
    """Why this person may not attach these files: one is not theirs, or was uploaded for another than the `purpose`."""
    if any(file.owner_id != user.pk or file.purpose != (purpose or file.purpose) for file in files):
        return _("This file was not uploaded for this purpose.")
    return None
