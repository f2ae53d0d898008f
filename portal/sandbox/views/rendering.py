"""What every page of the sandbox shows around its content."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from portal.sandbox.acting import acting_account
from portal.sandbox.actions.inbox import deliver_group_messages
from portal.sandbox.models import Account, Follow, Notice


def render_sandbox_page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A page, with the account that the visitor acts as and how many messages it has not read."""
    me = acting_account(request)
    if me is not None:
        deliver_group_messages(me)
    unread = Notice.objects.filter(account=me, read_at=None).count() if me else 0
    return render(request, f"sandbox/{template}", {"me": me, "unread": unread, **context})


def account_or_404(handle: str) -> Account:
    """The account, with its state; Http404."""
    return get_object_or_404(Account.objects.with_state(), handle=handle)


def account_context(account: Account, me: Account | None) -> dict[str, Any]:
    """What stands beside an account's name: labels, followers, why it is restricted, and whether one follows it."""
    return {
        "labels": list(account.labels.all()),
        "restriction": account.restrictions.active().first(),
        "followers": Follow.objects.filter(account=account).count(),
        "follow": Follow.objects.filter(account=account, follower=me).first() if me else None,
        "is_me": me is not None and me.pk == account.pk,
    }
