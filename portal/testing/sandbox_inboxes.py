"""The messages that accounts of the sandbox find in their inboxes."""

from django.db.models import QuerySet

from portal.sandbox.actions.inbox import deliver_group_messages
from portal.sandbox.models import Account, GroupNotice, Notice


def delivered_notices() -> QuerySet[Notice]:
    """All messages, once everybody has looked for those that went to many."""
    followers = {one for row in GroupNotice.objects.values_list("followers", flat=True) for one in row}
    for account in Account.objects.filter(pk__in=followers):
        deliver_group_messages(account)
    return Notice.objects.all()
