"""The account as which a visitor acts. Without password: all accounts are demos, as the pages say."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.errors import NotAllowed
from portal.sandbox.models import Account

_KEY = "sandbox_account"


def acting_account(request: HttpRequest) -> Account | None:
    """The account that this visitor acts as; looked up once for each request."""
    if not hasattr(request, "_sandbox_account"):
        number = request.session.get(_KEY)
        found = Account.objects.filter(pk=number).first() if isinstance(number, int) else None
        request._sandbox_account = found  # type: ignore[attr-defined]
    account: Account | None = request._sandbox_account  # type: ignore[attr-defined]
    return account


def is_acting(request: HttpRequest) -> bool:
    """Whether this visitor has chosen an account."""
    return acting_account(request) is not None


def require_acting_account(request: HttpRequest) -> Account:
    """The same; raises NotAllowed for a visitor who has not chosen one."""
    account = acting_account(request)
    if account is None:
        raise NotAllowed(_("First choose an account to act as."))
    return account


def start_acting(request: HttpRequest, account: Account) -> None:
    """Act as this account from now on."""
    request.session[_KEY] = account.pk


def stop_acting(request: HttpRequest) -> None:
    """Stop acting as an account."""
    request.session.pop(_KEY, None)
