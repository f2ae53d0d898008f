"""Questions to platforms with their answers, what all workers together may ask of a platform, and what it does not show."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import clock


class LookupState(models.TextChoices):
    """How far a question has come."""

    ASKED = "asked", _("in progress")
    ANSWERED = "answered", _("answered")
    UNKNOWN = "unknown", _("not found on the platform")
    SILENT = "silent", _("no answer")


class Lookup(models.Model):
    """One question; whoever asks the same within some minutes gets the same answer (lookups.py)."""

    key = models.CharField(_("key"), max_length=64, unique=True)
    question = models.CharField(_("query"), max_length=60)
    arguments = models.JSONField(_("arguments"), default=list)
    platform = models.CharField(_("platform"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=LookupState, default=LookupState.ASKED)
    answer = models.JSONField(_("answer"), null=True)
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    answered_at = models.DateTimeField(_("answered at"), null=True)

    class Meta:
        verbose_name = _("platform query")
        verbose_name_plural = _("platform queries")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.question} {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether its job has still to answer."""
        return self.state == LookupState.ASKED


class Effect(models.TextChoices):
    """What the portal has a platform do, and can find out whether it holds."""

    LABEL = "label", _("label of a certificate")
    REMOVAL = "removal", _("removal of a video")
    RESTRICTION = "restriction", _("closing of an account")
    MESSAGE = "message", _("message to an account")
    FOLLOWERS = "followers", _("return of followers")
    CALLS = "calls", _("calls that are waiting")


class Problem(models.TextChoices):
    """Why an effect is not as it should be."""

    SILENT = "silent", _("The platform is not responding.")
    IGNORED = "ignored", _("The platform accepted it, but does not show it.")
    OTHERS = "others", _("Someone else has set it on the platform, so the portal did not lift it.")
    REFUSED = "refused", _("The platform refuses it, or no longer supports it through the portal.")
    OVERDUE = "overdue", _("The platform has put it off for more than three days.")
    TAKEN = "taken", _("Someone else has taken it over on the platform, so the portal leaves it to them.")


class Discrepancy(models.Model):
    """An effect that a platform does not show as it should, as far as is known (discrepancies.py).

    `wanted`: whether the effect should hold, or should have ended. `subject` is the number of the complaint or the
    certificate on which it rests. The row stays when it is settled, and is opened again by the same `key`.
    """

    key = models.CharField(_("key"), max_length=200, unique=True)
    platform = models.CharField(_("platform"), max_length=40)
    effect = models.CharField(_("effect"), max_length=12, choices=Effect)
    wanted = models.BooleanField(_("should hold"))
    subject = models.CharField(_("case or certificate"), max_length=60)
    problem = models.CharField(_("problem"), max_length=10, choices=Problem)
    since = models.DateTimeField(_("since"), default=clock.now)
    tried_at = models.DateTimeField(_("last attempt"), default=clock.now)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("discrepancy on a platform")
        verbose_name_plural = _("discrepancies on platforms")
        ordering = ("-since", "-pk")
        indexes: ClassVar = [models.Index(fields=["platform"], condition=Q(settled_at=None), name="discrepancy_open")]

    def __str__(self) -> str:
        return self.key


class Breaker(models.TextChoices):
    """Whether a platform is called."""

    CLOSED = "closed", _("called normally")
    OPEN = "open", _("paused")
    PROBING = "probing", _("being tried with one call")


class FailureKind(models.TextChoices):
    """What was wrong with a call. The errors of portal.outbound.http name their kind."""

    UNREACHABLE = "unreachable", _("no connection")
    NO_ANSWER = "no_answer", _("no answer in time")
    SERVER_ERROR = "server_error", _("server error")
    BUSY = "busy", _("too many requests")
    REFUSED = "refused", _("address not allowed")
    WRONG_ANSWER = "wrong_answer", _("unexpected answer")
    ACCESS_REFUSED = "access_refused", _("signature or credentials refused")


class PlatformTraffic(models.Model):
    """What all workers together may ask of one platform now: one row, locked for moments only (http/traffic.py).

    `tokens` calls may be made at once as of `filled_at`; below 0 it counts those that wait. `epoch` counts the changes of the
    breaker, so that a call that began before one says nothing about the time after it. `fault`: it answers, and the last answer was of
    no use.
    """

    platform = models.CharField(_("platform"), max_length=20, unique=True)
    rate_limit = models.FloatField(_("most calls per second"))
    rate = models.FloatField(_("calls per second now"))
    rate_changed_at = models.DateTimeField(_("rate changed at"), default=clock.now)
    busy_at = models.DateTimeField(_("last 429 response at"), null=True)
    halved_at = models.DateTimeField(_("rate halved at"), null=True)
    tokens = models.FloatField(_("calls available"))
    filled_at = models.DateTimeField(_("calls counted at"), default=clock.now)
    paused_until = models.DateTimeField(_("paused until"), null=True)
    quota_limit = models.PositiveIntegerField(_("most calls per day"), null=True)
    quota_day = models.DateField(_("day of the quota"))
    quota_used = models.PositiveIntegerField(_("calls of the day"), default=0)
    breaker = models.CharField(_("circuit breaker"), max_length=10, choices=Breaker, default=Breaker.CLOSED)
    breaker_until = models.DateTimeField(_("circuit breaker until"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    fault = models.CharField(
        _("what is wrong with its answers"), max_length=20, choices=FailureKind, blank=True, default="", db_default=""
    )
    openings = models.PositiveIntegerField(_("times paused in a row"), default=0)
    epoch = models.PositiveBigIntegerField(_("changes of the circuit breaker"), default=0)
    answered_at = models.DateTimeField(_("last answer at"), null=True)
    failed_at = models.DateTimeField(_("last failure at"), null=True)

    class Meta:
        verbose_name = _("platform traffic")
        verbose_name_plural = _("platform traffic")
        ordering = ("platform",)

    def __str__(self) -> str:
        return self.platform


class PlatformFailure(models.Model):
    """How often calls to a platform failed in one way on one day (UTC). Holds nothing of the calls themselves."""

    platform = models.CharField(_("platform"), max_length=20)
    kind = models.CharField(_("kind"), max_length=20, choices=FailureKind)
    day = models.DateField(_("day"))
    count = models.PositiveIntegerField(_("number"), default=0)
    last_at = models.DateTimeField(_("last at"), default=clock.now)
    last_status = models.PositiveSmallIntegerField(_("last HTTP status"), null=True)

    class Meta:
        verbose_name = _("failed platform calls")
        verbose_name_plural = _("failed platform calls")
        ordering = ("platform", "-day", "kind")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["platform", "kind", "day"], name="platform_failure_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.kind} {self.day}"
