"""Following and unfollowing. Each is a choice of the follower's own, and no order counts more than that."""

from django.db import connection
from django.utils.translation import gettext as _

from portal import clock
from portal.errors import Conflict, require_allowed
from portal.sandbox import policies
from portal.sandbox.models import Account, Follow, Origin, Post, Unfollow
from portal.sandbox.races import retried_on_race

_FOLLOW = """
    INSERT INTO sandbox_follow (account_id, follower_id, created_at, post_id, source_kind, order_key)
    VALUES (%s, %s, %s, %s, %s, '')
    ON CONFLICT (account_id, follower_id) DO UPDATE SET order_key = ''
"""


@retried_on_race
def follow_account(*, account: Account, by: Account, post: Post | None = None, origin: str = Origin.PROFILE) -> None:
    """Follow an account, by one of its posts if one is given. A follow that is there stays as it is, as their own."""
    require_allowed(policies.refuse_following(account, by))
    if post is not None and post.account_id == account.pk:
        origin = Origin.POST
    by_post = post.pk if post is not None and origin == Origin.POST else None
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, [account.pk, by.pk, clock.now(), by_post, origin])
    Unfollow.objects.filter(account=account, follower=by).delete()


@retried_on_race
def unfollow_account(*, account: Account, by: Account) -> None:
    """End a follow, whoever made it; also noted when an order has moved it away at this very moment."""
    require_allowed(policies.refuse_acting(by))
    Follow.objects.filter(account=account, follower=by).delete()
    Unfollow.objects.bulk_create([Unfollow(account=account, follower=by)], ignore_conflicts=True)


@retried_on_race
def confirm_follow(*, account: Account, by: Account) -> None:
    """Keep following, after being told about the account: no order moves this follow from now on."""
    require_allowed(policies.refuse_acting(by))
    own = Follow.objects.filter(account=account, follower=by)
    if not own.update(confirmed_at=clock.now(), order_key=""):
        raise Conflict(_("You no longer follow this account."))
