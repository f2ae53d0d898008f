"""Access to videos and permission to upload: products register both rules for each purpose."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.media.models import MediaFile
from portal.people.models import User

LookRule = Callable[[User, MediaFile], str | Promise | None]
UploadRule = Callable[[User], str | Promise | None]


@dataclass(frozen=True)
class AccessRules:
    """The rules of one purpose; each gives the reason why not, or None."""

    look: LookRule
    upload: UploadRule


_rules: dict[str, AccessRules] = {}


def register_media_access(purpose: str, look_rule: LookRule, upload_rule: UploadRule) -> None:
    """Products call this in AppConfig.ready(). Registering a purpose twice is a programming error."""
    if purpose in _rules:
        message = f"access rules for {purpose} are registered twice"
        raise ValueError(message)
    _rules[purpose] = AccessRules(look_rule, upload_rule)


def refuse_video_look(user: User, file: MediaFile) -> str | Promise | None:
    """Why this person may not see this video; None if they may. No rule for the purpose: nobody but the owner."""
    if not user.is_active:
        return _("This account is closed.")
    if file.owner_id == user.pk:
        return None
    rules = _rules.get(file.purpose)
    return rules.look(user, file) if rules else _("Only its owner may see this video.")


def refuse_video_upload(user: User, purpose: str) -> str | Promise | None:
    """Why this person may not send a video for this purpose; None if they may. No rule: nobody."""
    if not user.is_active:
        return _("This account is closed.")
    rules = _rules.get(purpose)
    return rules.upload(user) if rules else _("Videos cannot be sent for this purpose.")
