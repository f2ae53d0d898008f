"""Rows for which another system is called: claim, call, record.

The claim is one conditional UPDATE that writes the call's key and a lease. Then the other system is called, with
no transaction open and no row locked. The answer is recorded only while the row still carries the key. A worker
that dies in between leaves the claim: whoever comes next calls with the same key, which the other system answers
as before, and a call with another key has to wait until the lease is over.
"""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.pools import CALL_SECONDS

# Longer than any call may take, so that nothing of a call arrives after its lease.
CALL_LEASE = timedelta(seconds=CALL_SECONDS)


class CallInProgress(Exception):
    """Another call is under way for this row, or its worker died within the lease; to be tried again later."""


class CallingRow(models.Model):
    """A row with at most one call under way. Empty `calling_key` and no `calling_until` when there is none."""

    calling_key = models.CharField(_("key of the current call"), max_length=100, blank=True, editable=False)
    calling_until = models.DateTimeField(_("lease of the current call"), null=True, editable=False)

    class Meta:
        abstract = True

    def claim_call(self, key: str, **conditions: Any) -> None:
        """Claim the row for the call of this key, if it meets the conditions still; the same key may claim again.

        Raises CallInProgress if it does not, or if a call of another key has the row; TypeError for a condition on another
        table, which PostgreSQL would not look at again after it has waited for another claim.
        """
        if foreign := [name for name in conditions if "__" in name]:
            raise TypeError(foreign)
        now = clock.now()
        free = Q(calling_until=None) | Q(calling_until__lte=now) | Q(calling_key=key)
        rows = type(self)._base_manager.filter(free, pk=self.pk, **conditions)
        claim = {"calling_key": key, "calling_until": now + CALL_LEASE}
        if rows.update(**claim) != 1:
            raise CallInProgress(key)
        for field, value in claim.items():
            setattr(self, field, value)

    def end_call(self, key: str) -> bool:
        """End the claim of this key, in the transaction that records the answer. False if it was ended already."""
        rows = type(self)._base_manager.filter(pk=self.pk, calling_key=key)
        return rows.update(calling_key="", calling_until=None) == 1
