"""Changes of roles and rules that one administrator asks for and another approves."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.people.models.people import User
from portal.people.states import CHANGE, OPEN_CHANGE_STATES, ChangeState
from portal.workflow import Stateful

# How long a change waits for a second administrator, and how long one is delayed that nobody else could approve.
APPROVAL_WITHIN = timedelta(days=14)
DELAY_ALONE = timedelta(hours=24)
LONGEST_REASON = 500


class ChangeRequest(Stateful):
    """One change, asked for and not made yet. `kind` names who carries it out (portal/people/changes.py).

    `subject` is the row that it changes, as the audit trail names rows (`app.model:key`); empty for a new row.
    `person` is whom it is about, who can have no part in it. `before` and `after` are the values of the fields that change,
    `title` what it is about in words that stay when the row is gone.
    """

    workflow = CHANGE

    kind = models.CharField(_("kind"), max_length=40)
    subject = models.CharField(_("about"), max_length=80, blank=True)
    title = models.CharField(_("what"), max_length=200)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("person"))
    before = models.JSONField(_("current value"), default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("new value"), default=dict, encoder=DjangoJSONEncoder)
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("requested by"))
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    takes_effect_at = models.DateTimeField(_("takes effect at"), null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closing_note = models.CharField(_("reason for closing"), max_length=LONGEST_REASON, blank=True)

    class Meta:
        verbose_name = _("change for two people")
        verbose_name_plural = _("changes for two people")
        ordering = ("-asked_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(state__in=OPEN_CHANGE_STATES) & ~Q(subject=""),
                name="one_open_change_a_row",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="change_has_reason"),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | ~Q(asked_by=F("person")), name="change_not_asked_about_self"
            ),
            models.CheckConstraint(
                condition=~Q(state=ChangeState.DONE)
                | Q(closed_by__isnull=False, closed_at__isnull=False)
                & ~Q(closed_by=F("asked_by"))
                & (Q(person__isnull=True) | ~Q(closed_by=F("person")))
                | Q(closed_by__isnull=True, takes_effect_at__isnull=False, closed_at__gte=F("takes_effect_at")),
                name="change_needs_two_or_delay",
            ),
            models.CheckConstraint(
                condition=Q(state=ChangeState.WAITING) | Q(takes_effect_at__isnull=False) | Q(closed_at__isnull=False),
                name="change_has_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], condition=Q(state__in=OPEN_CHANGE_STATES), name="change_open"),
        ]
        triggers: ClassVar = [CHANGE.guard()]

    def __str__(self) -> str:
        return self.title

    @property
    def audit_data(self) -> dict[str, str]:
        """What every event of it tells."""
        about = {"person": self.person.public_id} if self.person else {}
        return {"kind": self.kind, "about": self.subject, **about}

    @property
    def tone(self) -> str:
        """How the state looks (portal/web/templatetags/ui.py)."""
        return {ChangeState.DONE: "ok"}.get(ChangeState(self.state), "warn" if self.is_open else "muted")

    @property
    def is_open(self) -> bool:
        """Whether it can still take effect."""
        return self.state in OPEN_CHANGE_STATES

    @property
    def approval_until(self) -> datetime:
        """When it expires unless somebody agrees."""
        return self.asked_at + APPROVAL_WITHIN
