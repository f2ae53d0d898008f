"""Reports by the public that a certificate is false."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from certification.models.certificates import Certificate, Inquiry
from portal import clock


class CertificateReport(models.Model):
    """What somebody says is wrong with a certificate; `by` is empty for whoever is not signed in.

    Reports about one certificate come together in one inquiry, so that one reviewer reads them all. One without an account
    that came when no more cases were opened for such reports has no inquiry yet. `opened_at` says when it opened a case.
    """

    certificate = models.ForeignKey(
        Certificate, models.PROTECT, null=True, related_name="reports", verbose_name=_("certificate")
    )
    inquiry = models.ForeignKey(Inquiry, models.PROTECT, null=True, related_name="reports")
    text = models.TextField(_("what is wrong"), max_length=4000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("reported by")
    )
    at = models.DateTimeField(_("reported at"), default=clock.now)
    opened_at = models.DateTimeField(_("opened a case at"), null=True)

    class Meta:
        verbose_name = _("report about a certificate")
        verbose_name_plural = _("reports about certificates")
        ordering: ClassVar = ("at", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(inquiry__isnull=False) | models.Q(certificate__isnull=False),
                name="report_of_a_certificate",
            ),
            models.CheckConstraint(
                condition=models.Q(opened_at=None) | models.Q(inquiry__isnull=False), name="report_opened_an_inquiry"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["at", "id"], condition=models.Q(inquiry=None), name="report_kept"),
            models.Index(
                fields=["opened_at"], condition=models.Q(by=None, opened_at__isnull=False), name="report_opened"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id or self.inquiry_id} {self.at:%Y-%m-%d}"
