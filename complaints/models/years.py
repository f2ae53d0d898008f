"""How many followers returned in each calendar year, for the public."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class YearlyReturn(models.Model):
    """What the ledger says of one calendar year (UTC), as it was last counted.

    It stays when the pages of the ledger are deleted with their records. `moved` and `already` count pages by when they were
    moved, `cleared` those of whom only the follow of the copying account ended in regions where nobody is moved, `invited` whoever
    was asked, `restored` by when they were taken back, `undone` by when followers took their own move back.
    """

    year = models.PositiveSmallIntegerField(_("year"), primary_key=True)
    moved = models.PositiveBigIntegerField(_("moved"), default=0)
    already = models.PositiveBigIntegerField(_("followed both"), default=0)
    cleared = models.PositiveBigIntegerField(_("follow ended"), default=0)
    invited = models.PositiveBigIntegerField(pgettext_lazy("followers", "asked"), default=0)
    restored = models.PositiveBigIntegerField(_("restored"), default=0)
    undone = models.PositiveBigIntegerField(_("undone by followers"), default=0)
    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        verbose_name = _("returns of a year")
        verbose_name_plural = _("returns by year")
        ordering = ("-year",)

    def __str__(self) -> str:
        return str(self.year)
