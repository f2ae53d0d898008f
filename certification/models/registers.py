"""Registers: what was imported from files, what was asked of a register, and when it has to be asked again."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certification.models.applications import Credential
from certification.models.checks import Check
from portal import clock
from portal.outbound.calls import CallingRow


class VersionState(models.TextChoices):
    """What became of the import of a file."""

    LOADING = "loading", _("being loaded")
    CURRENT = "current", _("in use")
    REPLACED = "replaced", _("replaced by a newer file")
    FAILED = "failed", _("not loaded")


class EntryState(models.TextChoices):
    """Whether an entry of a register is in force, as far as the register says."""

    IN_FORCE = "in_force", _("in force")
    ENDED = "ended", _("ended")


class RegisterVersionQuerySet(models.QuerySet["RegisterVersion"]):
    """Imports of files."""

    def current(self, register: str) -> "RegisterVersion | None":
        """The version of a register that look-ups use."""
        return self.filter(register=register, state=VersionState.CURRENT).first()


class RegisterVersion(models.Model):
    """One file of a register: look-ups see its entries from the moment at which it is in use, whole or not at all."""

    register = models.SlugField(_("register"), max_length=40)
    layout = models.CharField(_("layout"), max_length=40)
    dated_on = models.DateField(_("date of the file"))
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    entries_count = models.PositiveIntegerField(_("entries"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=VersionState, default=VersionState.LOADING)
    begun_at = models.DateTimeField(_("begun at"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    # Why the file was refused, in words without any of its values.
    error = models.CharField(_("error"), max_length=300, blank=True)
    objects = RegisterVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("imported register file")
        verbose_name_plural = _("imported register files")
        ordering = ("register", "-begun_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register"], condition=Q(state="current"), name="register_version_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.dated_on} {self.state}"


class RegisterEntry(models.Model):
    """One entry of an imported register, as the register publishes it. Loaded by COPY (registers/loading.py)."""

    version = models.ForeignKey(
        RegisterVersion, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("file")
    )
    number = models.CharField(_("number"), max_length=60)
    # A whole name, or the parts of one where the register has parts.
    name = models.CharField(_("name"), max_length=300, blank=True)
    given = models.CharField(_("given name"), max_length=120, blank=True)
    middle = models.CharField(_("middle name"), max_length=120, blank=True)
    family = models.CharField(_("family name"), max_length=120, blank=True)
    former_name = models.CharField(_("other name"), max_length=300, blank=True)
    issuer = models.CharField(_("issued by"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=EntryState)
    issued_on = models.DateField(_("issued on"), null=True)
    expires_on = models.DateField(_("valid until"), null=True)
    ended_on = models.DateField(_("ended on"), null=True)

    class Meta:
        verbose_name = _("entry of an imported register")
        verbose_name_plural = _("entries of imported registers")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "number"], name="register_entry_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}/{self.pk}"


class QueryReason(models.TextChoices):
    """Why a register is asked."""

    APPLICATION = "application", _("an application was submitted")
    AGAIN = "again", _("a reviewer asked again")
    RECHECK = "recheck", _("periodic re-check")
    LOOK_UP = "look_up", _("a person looked it up")


class RegisterQueryQuerySet(models.QuerySet["RegisterQuery"]):
    """Questions to registers."""

    def unanswered(self) -> Self:
        """Those that wait for their answer."""
        return self.filter(answered_at=None)


class RegisterQuery(CallingRow):
    """One question to a register about a credential. Its answer is a check, with the values that the register gave.

    Claimed, asked with no row locked, recorded (portal/outbound/calls.py).
    """

    credential = models.ForeignKey(Credential, models.PROTECT, related_name="register_queries")
    reason = models.CharField(_("reason"), max_length=12, choices=QueryReason)
    round = models.PositiveSmallIntegerField(_("round"))
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    answered_at = models.DateTimeField(_("answered at"), null=True)
    check_row = models.OneToOneField(
        Check, models.PROTECT, null=True, related_name="register_query", verbose_name=_("check")
    )
    values_sealed = models.TextField(blank=True, editable=False)
    objects = RegisterQueryQuerySet.as_manager()

    class Meta:
        verbose_name = _("question to a register")
        verbose_name_plural = _("questions to registers")
        ordering = ("asked_at", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["credential"], condition=Q(answered_at=None), name="register_query_one_open"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, check_row=None) | Q(answered_at__isnull=False, check_row__isnull=False),
                name="register_query_answered_by_check",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.credential_id} {self.reason}"

    @property
    def bound_to(self) -> str:
        """What the encrypted values belong to; in another row they do not open."""
        return f"certification.registerquery:{self.pk}"


class RegisterRecheck(models.Model):
    """When a credential of a standing certificate has to be looked up again. Made and deleted by the daily plan."""

    credential = models.OneToOneField(Credential, models.CASCADE, related_name="register_recheck")
    due_at = models.DateTimeField(_("due at"))
    # When a register was asked in vain for the first time since it was due.
    silent_since = models.DateTimeField(_("without an answer since"), null=True)

    class Meta:
        verbose_name = _("planned re-check")
        verbose_name_plural = _("planned re-checks")
        ordering = ("due_at", "pk")
        indexes: ClassVar[list[Any]] = [models.Index(fields=["due_at"], name="register_recheck_due")]

    def __str__(self) -> str:
        return f"{self.credential_id} {self.due_at:%Y-%m-%d}"
