"""Reports by the public that a certificate is false."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from certification.models.certificates import Inquiry
from portal import clock


class CertificateReport(models.Model):
    """What somebody says is wrong with a certificate; `by` is empty for whoever is not signed in.

    Reports about one certificate come together in one inquiry, so that one reviewer reads them all.
    """

    inquiry = models.ForeignKey(Inquiry, models.PROTECT, related_name="reports")
    text = models.TextField(_("what is wrong"), max_length=4000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("reported by")
    )
    at = models.DateTimeField(_("reported at"), default=clock.now)

    class Meta:
        verbose_name = _("report about a certificate")
        verbose_name_plural = _("reports about certificates")
        ordering: ClassVar = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.inquiry_id} {self.at:%Y-%m-%d}"
