"""What others can verify: the keys with which credentials are signed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import clock, vault


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    """Keys by what they are good for."""

    def current(self) -> "SigningKey | None":
        """The key that signs now, if there is one."""
        return self.filter(retired_at=None).first()

    def published(self) -> "list[SigningKey]":
        """Those with which signatures are verified: the current one first, then the newest."""
        return list(self.filter(withdrawn_at=None).order_by("-created_at", "-pk"))


class SigningKey(models.Model):
    """An Ed25519 key of the issuer. The private half is sealed, and deleted when the key no longer signs.

    A retired key stays published, so that what it has signed can be verified; one that was withdrawn does not.
    """

    kid = models.CharField(_("key ID"), max_length=40, unique=True)
    algorithm = models.CharField(_("algorithm"), max_length=20, default="Ed25519")
    public_key = models.CharField(_("public key"), max_length=60)  # base64url of 32 bytes, as in a JWK
    private_sealed = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    retired_at = models.DateTimeField(_("retired at"), null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        ordering = ("-created_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["algorithm"], condition=Q(retired_at=None), name="signing_key_one_current"),
            models.CheckConstraint(
                condition=Q(retired_at=None, withdrawn_at=None) & ~Q(private_sealed="")
                | Q(retired_at__isnull=False, private_sealed=""),
                name="signing_key_retired_is_public_only",
            ),
        ]

    def __str__(self) -> str:
        return self.kid

    @property
    def bound_to(self) -> str:
        """What its sealed half belongs to; in another row it does not open."""
        return f"certification.signing_key:{self.kid}"

    def seal(self, private: str) -> str:
        """The private half as this row keeps it."""
        return vault.encrypt_text(private, bound_to=self.bound_to)

    def opened(self) -> str:
        """The private half: base64url of 32 bytes."""
        return vault.decrypt_text(self.private_sealed, bound_to=self.bound_to)
