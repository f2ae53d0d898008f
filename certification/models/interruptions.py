"""Times in which a certificate does not count although its dates would let it, and when an area's gate was switched."""

from datetime import datetime
from typing import Any, ClassVar, Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from certification.states import CertificateState

# States in which a certificate does not count, whatever its dates say. It leaves some of them again.
INTERRUPTING_STATES = (CertificateState.SUSPENDED, CertificateState.REVOKED, CertificateState.SURRENDERED)


_ONLY_ENDS = """
    IF OLD.ends_at IS NOT NULL OR to_jsonb(OLD) - 'ends_at' <> to_jsonb(NEW) - 'ends_at' THEN
        RAISE EXCEPTION 'an interruption ends once and does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class InterruptionQuerySet(models.QuerySet["Interruption"]):
    """Interruptions by their time."""

    def running_at(self, moment: datetime) -> Self:
        """Those that run at a moment: begun, and not over yet."""
        return self.filter(begins_at__lte=moment).filter(Q(ends_at=None) | Q(ends_at__gt=moment))


class Interruption(models.Model):
    """From when to when a certificate was suspended, revoked or given up; written by each of its moves.

    The row of a certificate says how it stands now; its dates and these rows say how it stood at any moment.
    """

    certificate = models.ForeignKey("certification.Certificate", models.PROTECT, related_name="interruptions")
    state = models.CharField(_("state"), max_length=30, choices=CertificateState)
    begins_at = models.DateTimeField(_("begins at"))
    ends_at = models.DateTimeField(_("ends at"), null=True)

    objects = InterruptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("interruption of a certificate")
        verbose_name_plural = _("interruptions of certificates")
        ordering = ("certificate", "begins_at", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=INTERRUPTING_STATES), name="interruption_of_a_known_kind"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("begins_at")), name="interruption_ends_after_start"
            ),
            ExclusionConstraint(
                name="interruption_one_at_a_time",
                expressions=[
                    ("certificate", RangeOperators.EQUAL),
                    (
                        Func(F("begins_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(name="only_ends", operation=pgtrigger.Update, when=pgtrigger.Before, func=_ONLY_ENDS),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.state} {self.begins_at:%Y-%m-%d}"


class GateChange(models.Model):
    """The publishing gate of an area was switched: `gate` says what it was until then."""

    area = models.ForeignKey("certification.KeyArea", models.PROTECT, related_name="gate_changes")
    gate = models.BooleanField(_("gate until then"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("change of a publishing gate")
        verbose_name_plural = _("changes of publishing gates")
        ordering = ("area", "at", "pk")
        triggers: ClassVar[list[Any]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.at:%Y-%m-%d}"
