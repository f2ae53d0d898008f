"""Which accounts of a platform are whose, and how that was proven."""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.people.states import LINK, LinkState
from portal.workflow import Stateful

CODE_VALID_FOR = timedelta(hours=24)
MOST_TRIES = 20
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_CODE = re.compile(r"(?<![a-z0-9-])portal-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}(?![a-z0-9-])")


def new_proof_code() -> str:
    """What is to be put in a profile: `portal-` and three groups of four letters and digits (59 bits)."""
    return "portal-" + "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


class LinkedAccount(Stateful):
    """A person says that an account of a platform is theirs, and proves it by a code in its profile.

    Name, handle (without the sign before it) and address are as the platform last told them. `agency` names the MCN that the platform
    knows the account to be represented by.
    """

    workflow = LINK

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="linked_accounts", verbose_name=_("person")
    )
    platform = models.SlugField(_("platform"), max_length=40)
    external_id = models.CharField(_("id on the platform"), max_length=120)
    handle = models.CharField(_("handle"), max_length=120)
    name = models.CharField(_("name"), max_length=200, blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    region = models.CharField(_("region"), max_length=20, blank=True)
    agency = models.CharField(_("agency"), max_length=200, blank=True)
    # Whoever reads the profile reads the code: it proves something only until it has been used.
    code = models.CharField(max_length=30, default=new_proof_code, editable=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    claimed_at = models.DateTimeField(_("claimed at"), default=clock.now)
    proven_at = models.DateTimeField(_("verified at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    # Since when the platform calls the account by another handle than the one that was proven.
    handle_changed_at = models.DateTimeField(_("handle changed at"), null=True, editable=False)

    class Meta:
        verbose_name = _("linked account")
        verbose_name_plural = _("linked accounts")
        ordering = ("-claimed_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform", "external_id"], condition=Q(state=LinkState.PROVEN), name="account_proven_once"
            ),
            models.UniqueConstraint(
                fields=["person", "platform", "external_id"],
                condition=~Q(state=LinkState.ENDED),
                name="account_linked_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=LinkState.PROVEN) | Q(proven_at__isnull=False), name="proven_link_has_time"
            ),
            models.CheckConstraint(
                condition=Q(state=LinkState.ENDED, ended_at__isnull=False)
                | (~Q(state=LinkState.ENDED) & Q(ended_at=None)),
                name="ended_link_has_time",
            ),
        ]
        indexes: ClassVar = [
            # As `handle__iexact` asks.
            models.Index("platform", Upper("handle"), condition=Q(state="proven"), name="account_handle"),
            models.Index(fields=["person", "-claimed_at"], name="account_of_person"),
        ]
        triggers: ClassVar = [LINK.guard()]

    def __str__(self) -> str:
        return f"{self.platform}:{self.external_id}"

    @property
    def audit_data(self) -> dict[str, str]:
        """What every event of it tells: not which account, since the trail is kept for ever."""
        return {"person": self.person.public_id, "platform": self.platform}

    @classmethod
    def max_length_of(cls, name: str) -> int | None:
        """How many letters a column holds."""
        length: int | None = cls._meta.get_field(name).max_length  # type: ignore[union-attr]  # a column of its own
        return length

    @property
    def tone(self) -> str:
        """How the state looks (portal/web/templatetags/ui.py)."""
        return {LinkState.PROVEN: "ok", LinkState.CLAIMED: "warn", LinkState.ENDED: "muted"}[LinkState(self.state)]

    @property
    def is_proven(self) -> bool:
        """Whether the account is proven to be theirs."""
        return self.state == LinkState.PROVEN

    @property
    def since(self) -> datetime:
        """Since when it is in its state."""
        return self.ended_at or self.proven_at or self.claimed_at

    @property
    def code_until(self) -> datetime:
        """When the code stops to count."""
        return self.claimed_at + CODE_VALID_FOR

    @property
    def tries_left(self) -> int:
        """How often one may still look for this code."""
        return max(0, MOST_TRIES - self.tries)

    @property
    def shown_handle(self) -> str:
        """The handle as people write it."""
        return f"@{self.handle}"

    def is_in_text(self, text: str) -> bool:
        """Whether the code stands in a profile's text, in either case of letters."""
        found = _CODE.findall(text.lower())
        return any([hmac.compare_digest(self.code, one) for one in found])  # noqa: C419 -- compares all, so takes as long
