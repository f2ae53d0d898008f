"""Messages from the portal: those to many accounts are kept as one row, and delivered to each when it looks."""

import hashlib
import json
from typing import Any

from django.db import connection

from portal import clock
from portal.platforms.messages import GroupMessage, PersonalLink
from portal.sandbox.models import Account, GroupNotice, Notice

# Tens of thousands of ids; the ORM would look at each of them.
_KEEP = """
    INSERT INTO sandbox_groupnotice (key, digest, subject, body, link, followers, first, last, at)
    VALUES (%(key)s, %(digest)s, %(subject)s, %(body)s, %(link)s::jsonb, %(followers)s::bigint[], %(first)s, %(last)s, %(at)s)
    ON CONFLICT DO NOTHING"""


def keep_group_message(message: GroupMessage) -> None:
    """Keep a message to many; the same one again changes nothing."""
    if not message.followers:
        return
    followers = ",".join(map(str, message.followers))
    values: dict[str, Any] = {
        "key": message.key,
        "digest": hashlib.sha256(followers.encode()).hexdigest(),
        "subject": message.subject,
        "body": message.body,
        "link": json.dumps(message.link.as_json() if message.link else {}),
        "followers": f"{{{followers}}}",
        "first": min(message.followers),
        "last": max(message.followers),
        "at": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values)


def deliver_group_messages(account: Account) -> None:
    """Give an account its own copy of each message to many that it has not got yet, once for each key."""
    theirs = GroupNotice.objects.filter(first__lte=account.pk, last__gte=account.pk, followers__contains=[account.pk])
    there = Notice.objects.filter(account=account).values("key")
    rows = list(theirs.exclude(key__in=there).defer("followers").order_by("pk"))
    if rows:
        Notice.objects.bulk_create([_own_copy(row, account) for row in rows], ignore_conflicts=True)


def _own_copy(row: GroupNotice, account: Account) -> Notice:
    link = PersonalLink.from_json(row.link) if row.link else None
    message = GroupMessage(row.key, row.subject, row.body, (), link).for_follower(account.pk)
    return Notice(account=account, at=row.at, **vars(message))
