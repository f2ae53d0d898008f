"""Whether and how followers return, by region."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.states import RestitutionMode


class RestitutionPolicy(models.Model):
    """Whether and how followers return where the respondent's account is; edited in the admin."""

    region = models.SlugField(_("region"), unique=True, max_length=10)
    mode = models.CharField(_("mode"), max_length=10, choices=RestitutionMode, default=RestitutionMode.OFF)
    hold_days = models.PositiveSmallIntegerField(
        _("days of hold"), default=7, help_text=_("Between the notice of the decision and the first move.")
    )
    undo_days = models.PositiveSmallIntegerField(_("days in which a follower can undo it"), default=30)

    class Meta:
        verbose_name = _("restitution policy")
        verbose_name_plural = _("restitution policies")
        ordering = ("region",)

    def __str__(self) -> str:
        return self.region
