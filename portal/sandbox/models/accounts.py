"""Accounts of the sandbox, their messages, restrictions and labels."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal import clock
from portal.languages import ReaderText, TranslatedField

HANDLE = RegexValidator(r"^[a-z0-9][a-z0-9-]{1,39}\Z", _("Use lower-case letters, digits and hyphens."))


class AccountState(models.TextChoices):
    """What an account may do; never stored, since restrictions begin and end by themselves."""

    OPEN = "open", _("open")
    RESTRICTED = "restricted", _("restricted")
    CLOSED = "closed", _("closed")


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts, with what their pages show."""

    def with_state(self) -> "AccountQuerySet":
        """Each with `is_restricted`, asked for in the same query."""
        return self.annotate(
            is_restricted=Exists(Restriction.objects.active().filter(account=OuterRef("pk")).order_by())
        )


class Account(models.Model):
    """One account. Viewers are accounts, too."""

    handle = models.CharField(_("handle"), max_length=40, unique=True, validators=[HANDLE])
    name = models.CharField(_("name"), max_length=80)
    bio = models.CharField(pgettext_lazy("account", "about"), max_length=500, blank=True)
    region = models.CharField(_("region"), max_length=10, default="us")
    agency = models.CharField(_("agency"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    is_bot = models.BooleanField(_("known to be a bot"), default=False)
    is_minor_closed = models.BooleanField(_("a minor with restricted settings"), default=False)
    is_opted_out = models.BooleanField(_("opted out"), default=False, db_default=False)
    joined_at = models.DateTimeField(_("joined"), default=clock.now)
    closed_at = models.DateTimeField(_("closed"), null=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("sandbox account")
        verbose_name_plural = _("sandbox accounts")
        ordering = ("handle",)
        indexes: ClassVar = [
            # Whose follows no order moves: read beside every page of a move instead of all accounts.
            models.Index(
                fields=["id"],
                include=["closed_at", "is_bot", "is_minor_closed", "is_opted_out"],
                condition=Q(closed_at__isnull=False) | Q(is_bot=True) | Q(is_minor_closed=True) | Q(is_opted_out=True),
                name="sandbox_account_stays",
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("sandbox:account", args=[self.handle])

    @property
    def state(self) -> AccountState:
        """As it is now; asks the database unless the row came with its state."""
        if self.closed_at is not None:
            return AccountState.CLOSED
        restricted: Any = getattr(self, "is_restricted", None)
        if restricted is None:
            restricted = Restriction.objects.active().filter(account=self).exists()
        return AccountState.RESTRICTED if restricted else AccountState.OPEN


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    """Restrictions by time."""

    def active(self) -> "RestrictionQuerySet":
        """Those that hold now, the longest first."""
        holds = Q(until=None) | Q(until__gt=clock.now())
        return self.filter(holds, lifted_at=None).order_by(models.F("until").desc(nulls_first=True), "id")


class Restriction(models.Model):
    """Keeps an account from publishing. A lifted one stays, so that its key restricts nothing again."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="restrictions")
    key = models.CharField(max_length=160)
    reason = models.TextField()
    until = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=clock.now)
    lifted_at = models.DateTimeField(null=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="sandbox_restriction_once"),
        ]

    def __str__(self) -> str:
        return self.key


class Label(models.Model):
    """A label beside an account's name, in each language, with the address where it can be checked."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="labels")
    key = models.CharField(max_length=160)
    texts = TranslatedField(max_length=160)
    text = ReaderText(texts)
    url = models.CharField(max_length=300)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="sandbox_label_once"),
        ]

    def __str__(self) -> str:
        return self.text


class Notice(models.Model):
    """A message from the portal to one account; its key makes it once."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="notices", db_index=False)
    key = models.CharField(max_length=160)
    subject = models.CharField(max_length=1000)  # in each language of the portal
    body = models.TextField()
    url = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="sandbox_notice_once"),
        ]

    def __str__(self) -> str:
        return self.key


class GroupNotice(models.Model):
    """A message from the portal to many accounts: a row for all of them, from which each gets a Notice when they look.

    `first` and `last` are the smallest and the largest id of `followers`; `digest` tells the same call again.
    """

    key = models.CharField(max_length=160)
    digest = models.CharField(max_length=64)
    subject = models.CharField(max_length=1000)
    body = models.TextField()
    link = models.JSONField(default=dict)
    followers = ArrayField(models.BigIntegerField())
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "digest"], name="sandbox_group_notice_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["last", "first"], name="sandbox_group_notice_span")]

    def __str__(self) -> str:
        return self.key
