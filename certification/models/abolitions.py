"""Areas, categories and credential types that are abolished, with notice."""

from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification.models.areas import ApplicantCategory, CredentialType, KeyArea
from portal import clock
from portal.languages import ReaderText, TranslatedField

NOTICE = timedelta(days=60)  # from the announcement to the day on which certificates lapse, at the least


class AbolitionQuerySet(models.QuerySet["Abolition"]):
    """Abolitions by where they are."""

    def announced(self) -> Self:
        """Those that two people agreed on and nobody called off, in force already or not."""
        return self.filter(announced_at__isnull=False, called_off_at=None).order_by("takes_effect_at", "pk")

    def waiting(self) -> Self:
        """Those that wait for a second person."""
        return self.filter(announced_at=None, called_off_at=None).order_by("proposed_at", "pk")


class Abolition(models.Model):
    """From a day on nobody is certified any more in an area, in a category of it, or on a credential type.

    One person proposes it and another announces it; from then on it has at least NOTICE to go. Certificates that rest on it
    end on that day (Certificate.abolition).
    """

    area = models.ForeignKey(
        KeyArea, models.PROTECT, null=True, blank=True, related_name="abolitions", verbose_name=_("key area")
    )
    category = models.ForeignKey(
        ApplicantCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("applicant category")
    )
    credential_type = models.ForeignKey(
        CredentialType, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("credential type")
    )
    explanations = TranslatedField(_("why"), max_length=1000)
    explanation = ReaderText(explanations)
    takes_effect_at = models.DateTimeField(_("takes effect at"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"), default=clock.now)
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("announced by")
    )
    announced_at = models.DateTimeField(_("announced at"), null=True)
    # When everybody concerned had been told, of the announcement or of its being called off.
    noticed_at = models.DateTimeField(_("notices given at"), null=True, editable=False)
    called_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("called off by")
    )
    called_off_at = models.DateTimeField(_("called off at"), null=True)
    objects = AbolitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("abolition")
        verbose_name_plural = _("abolitions")
        ordering = ("-proposed_at", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(area__isnull=False, credential_type=None)
                | Q(area=None, category=None, credential_type__isnull=False),
                name="abolition_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(announced_at=None, announced_by=None)
                | Q(announced_at__isnull=False, announced_by__isnull=False) & ~Q(announced_by=F("proposed_by")),
                name="abolition_by_two",
            ),
            models.CheckConstraint(
                condition=Q(announced_at=None) | Q(takes_effect_at__gte=F("announced_at") + NOTICE),
                name="abolition_with_notice",
            ),
            models.UniqueConstraint(
                fields=["area", "category", "credential_type"],
                condition=Q(called_off_at=None),
                nulls_distinct=False,
                name="abolition_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def subject_name(self) -> str:
        """What is abolished, in the reader's language."""
        if self.credential_type is not None:
            return self.credential_type.name
        assert self.area is not None  # noqa: S101 -- the database says so
        if self.category is None:
            return self.area.full_name
        return _now("%(category)s in %(area)s") % {"category": self.category.name, "area": self.area.full_name}

    @property
    def is_running(self) -> bool:
        """Whether it is announced and its day has not come."""
        return self.announced_at is not None and self.called_off_at is None and self.takes_effect_at > clock.now()
