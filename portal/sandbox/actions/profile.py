"""What an account does with itself."""

from django.db import transaction

from portal import clock
from portal.errors import require_allowed
from portal.sandbox import policies
from portal.sandbox.models import Account, Notice


@transaction.atomic
def change_bio(*, bio: str, by: Account) -> None:
    """Write the text on the account's page, which its holder alone can write."""
    _refuse_acting(by)
    by.bio = bio.strip()
    by.save(update_fields=["bio"])


@transaction.atomic
def close_sandbox_account(*, by: Account) -> None:
    """Close the account for good; its posts cannot be seen any more, its follows stay as they are."""
    _refuse_acting(by)
    by.closed_at = clock.now()
    by.save(update_fields=["closed_at"])


def mark_notices_read(*, by: Account) -> None:
    """The account has seen its messages."""
    Notice.objects.filter(account=by, read_at=None).update(read_at=clock.now())


def _refuse_acting(by: Account) -> None:
    require_allowed(policies.refuse_acting(by))
