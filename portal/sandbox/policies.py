"""What accounts of the sandbox may do. Each gives the reason why not, or None."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.sandbox.models import Account, Post
from portal.sandbox.models.accounts import AccountState

Reason = str | Promise | None


def refuse_acting(by: Account) -> Reason:
    """Why this account can do nothing at all."""
    return _("This account is closed.") if by.closed_at else None


def refuse_following(account: Account, by: Account) -> Reason:
    """Why one account cannot follow the other."""
    if account.pk == by.pk:
        return _("An account cannot follow itself.")
    if account.closed_at:
        return _("This account is closed.")
    return refuse_acting(by)


def refuse_publishing(by: Account) -> Reason:
    """Why this account cannot publish now."""
    if by.state == AccountState.RESTRICTED:
        return _("This account cannot publish at present; its page shows why and for how long.")
    return refuse_acting(by)


def refuse_deleting(post: Post, by: Account) -> Reason:
    """Why this account cannot delete that post."""
    if post.account_id != by.pk:
        return _("Only the account that published a video can delete it.")
    return _("This video has already been deleted.") if post.deleted_at else refuse_acting(by)
