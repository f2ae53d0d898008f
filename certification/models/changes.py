"""Changes of certificates, in the order in which they were committed: what programs of platforms follow."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# Whatever writes a certificate, one row for each change of its state or dates, in the same transaction.
NOTE_CHANGE = """
    IF TG_OP = 'INSERT' OR (OLD.state, OLD.valid_from, OLD.valid_to)
        IS DISTINCT FROM (NEW.state, NEW.valid_from, NEW.valid_to) THEN
        INSERT INTO certification_certificatechange (certificate_id, state, platform) VALUES (NEW.id, NEW.state, '');
    END IF;
    RETURN NULL;
"""


class CertificateChange(models.Model):
    """A certificate changed, or came to concern a platform, or no longer does.

    `position` is given after the commit (certification/actions/changes.py), in the order in which the changes could first
    be seen: rows of a transaction that commits late have smaller ids than others that were read before.
    """

    certificate = models.ForeignKey("certification.Certificate", models.CASCADE, related_name="changes")
    state = models.CharField(_("state"), max_length=30)
    # Of an account that was proven to be the holder's, or no longer is; empty for a change of the certificate itself.
    platform = models.CharField(_("platform"), max_length=40, blank=True)
    position = models.BigIntegerField(_("position"), null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("change of a certificate")
        verbose_name_plural = _("changes of certificates")
        ordering = ("pk",)
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(position=None), name="certificate_change_fresh"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.state}"


class LinkChange(models.Model):
    """A person has proven an account of a platform, or has it no longer: all their certificates changed for the platform.

    Which certificates these are is not asked before the change is committed: one that is issued at the same moment, by a
    transaction that neither sees nor is seen, would be left out. Whoever gives the changes their places (certification/actions/
    changes.py) writes a CertificateChange for each certificate instead, and deletes the row.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    platform = models.CharField(_("platform"), max_length=40)

    class Meta:
        verbose_name = _("change of a linked account")
        verbose_name_plural = _("changes of linked accounts")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.person_id} {self.platform}"
