"""People, agencies, and the mandates by which an agent acts for a creator."""

import secrets
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.accounts.roles import ROLE_PERMISSIONS, Permission, Role

_PUBLIC_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_public_id() -> str:
    """An unguessable id that may stand in URLs, logs and the audit: `p_` and 12 letters (59 bits)."""
    return "p_" + "".join(secrets.choice(_PUBLIC_ALPHABET) for _ in range(12))


class Agency(models.Model):
    """An organisation that represents creators (an MCN)."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes people; the e-mail address is the name they sign in with."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"role": Role.ADMIN, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person. `public_id` is how the rest of the system names her: in the audit, URLs and the API."""

    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = models.CharField(_("display name"), max_length=80, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.CREATOR)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, verbose_name=_("agency"), related_name="members"
    )
    language = models.CharField(_("language"), max_length=10, default="en")
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(_("joined at"), default=clock.now, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(role=Role.AGENT) | Q(agency__isnull=False), name="agent_has_agency"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.public_id

    def may(self, permission: Permission) -> bool:
        """Whether this person's role holds the permission."""
        return self.is_active and permission in ROLE_PERMISSIONS[self.role]

    # Django's admin asks these; the role table answers. There are no per-person grants.
    @property
    def is_staff(self) -> bool:
        return self.may(Permission.ADMINISTER)

    @property
    def is_superuser(self) -> bool:
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.may(Permission.ADMINISTER)

    def has_module_perms(self, app_label: str) -> bool:
        return self.may(Permission.ADMINISTER)


class Mandate(models.Model):
    """A creator lets an agency act for her for a time. An agent under it never sees papers."""

    creator = models.ForeignKey(User, models.CASCADE, related_name="mandates")
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="mandates")
    starts_at = models.DateTimeField(_("starts at"), default=clock.now)
    ends_at = models.DateTimeField(_("ends at"))

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering = ("-starts_at", "id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="mandate_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.creator} / {self.agency}"
