"""People, agencies, the mandates by which an agent acts for a creator, recoveries, and letters."""

import secrets
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.outbound.mail import Delivery, MailRow
from portal.people import addresses
from portal.people.roles import ROLE_PERMISSIONS, Permission, Role
from portal.people.states import OPEN_RECOVERY_STATES, RECOVERY, RecoveryState
from portal.workflow import Stateful

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

    def active_admins(self) -> models.QuerySet["User"]:
        """Those who may administer now, in a fixed order (so that locking them cannot deadlock).

        Demo people cannot sign in outside a demo, so they count there for nothing.
        """
        return self.active_holders(Permission.ADMINISTER)

    def active_holders(self, permission: Permission) -> models.QuerySet["User"]:
        """Those whose role holds a permission and who may sign in, in the same order and with the same exception."""
        roles = [role for role, held in ROLE_PERMISSIONS.items() if permission in held]
        rows = self.filter(role__in=roles, is_active=True).order_by("pk")
        return rows if settings.DEMO else rows.filter(is_demo=False)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person. `public_id` is how the rest of the system names them: in the audit, URLs and the API."""

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
    # When the data of somebody who left are to be deleted, and when they were (portal/people/actions/departures.py).
    purge_at = models.DateTimeField(_("purge scheduled at"), null=True, editable=False)
    purged_at = models.DateTimeField(_("purged at"), null=True, editable=False)
    # When somebody who left and on whom a case rests is asked about again.
    held_until = models.DateTimeField(_("held until"), null=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    # Part of what a session is checked against: a new number ends all sessions at once.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

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
            models.UniqueConstraint(Lower("email"), name="one_person_an_address"),
            models.CheckConstraint(
                condition=Q(purged_at=None) | Q(is_active=False, purge_at=None, display_name=""),
                name="purged_person_has_no_name",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["purge_at"], condition=Q(purge_at__isnull=False), name="person_purge")
        ]

    def __str__(self) -> str:
        return self.display_name or self.public_id

    @property
    def is_visitor(self) -> bool:
        """Whether they are known only as the holder of a platform's account, and cannot sign in."""
        return addresses.is_visitor_address(self.email)

    @property
    def takes_mail(self) -> bool:
        """Whether mail can be sent to them."""
        return addresses.takes_mail(self.email)

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

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        # Django's own value plus the epoch; see `session_epoch`.
        value = f"{self.password}|{self.session_epoch}"
        salt = "portal.people.models.User.session"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()


class Mandate(models.Model):
    """A creator lets an agency act for them for a time. An agent under it never sees documents."""

    creator = models.ForeignKey(User, models.CASCADE, related_name="mandates")
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="mandates", verbose_name=_("agency"))
    starts_at = models.DateTimeField(_("starts at"), default=clock.now)
    ends_at = models.DateTimeField(_("ends at"))

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering = ("-starts_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="mandate_ends_after_start"),
            ExclusionConstraint(
                name="one_mandate_at_a_time",
                expressions=[
                    ("creator", RangeOperators.EQUAL),
                    ("agency", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_at",
                            "ends_at",
                            RangeBoundary(),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["agency", "ends_at"], name="mandate_of_agency")]

    def __str__(self) -> str:
        return f"{self.creator} / {self.agency}"

    @property
    def audit_data(self) -> dict[str, str]:
        """What every event of it tells."""
        return {"creator": self.creator.public_id, "agency": self.agency.code, "ends_at": self.ends_at.isoformat()}

    def is_running(self, at: datetime) -> bool:
        """Whether the agency may act at that moment."""
        return self.starts_at <= at < self.ends_at


class Recovery(Stateful):
    """Somebody lost their second factor; two administrators, neither of them that person, let them set up a new one."""

    workflow = RECOVERY
    person = models.ForeignKey(User, models.PROTECT, related_name="recoveries", verbose_name=_("person"))
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    note = models.CharField(_("what happened"), max_length=500, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"), null=True)
    reason = models.CharField(_("how the identity was confirmed"), max_length=500, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closing_note = models.CharField(_("reason for rejection"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("second factor recovery")
        verbose_name_plural = _("second factor recoveries")
        ordering = ("-asked_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state__in=OPEN_RECOVERY_STATES), name="one_open_recovery_a_person"
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True) | ~Q(proposed_by=F("person")),
                name="recovery_not_proposed_by_self",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=F("person")), name="recovery_not_closed_by_self"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(RecoveryState.PROPOSED, RecoveryState.DONE))
                | (Q(proposed_by__isnull=False, proposed_at__isnull=False) & ~Q(reason="")),
                name="recovery_proposal_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=RecoveryState.DONE)
                | (Q(closed_by__isnull=False, closed_at__isnull=False) & ~Q(closed_by=F("proposed_by"))),
                name="recovery_needs_two",
            ),
        ]
        triggers: ClassVar = [RECOVERY.guard()]

    def __str__(self) -> str:
        return f"{self.person} {self.state}"

    @property
    def audit_data(self) -> dict[str, str]:
        """What every event of it tells."""
        return {"person": self.person.public_id}

    @property
    def tone(self) -> str:
        """How the state looks (portal/web/templatetags/ui.py)."""
        return {RecoveryState.DONE: "ok", RecoveryState.REFUSED: "muted"}.get(RecoveryState(self.state), "warn")

    @property
    def is_open(self) -> bool:
        """Whether something is left to decide."""
        return self.state in OPEN_RECOVERY_STATES


class Intervention(models.Model):
    """Something an administrator did to somebody's account, and why. The audit trail names this row."""

    person = models.ForeignKey(User, models.PROTECT, related_name="interventions", verbose_name=_("person"))
    what = models.CharField(_("what"), max_length=20)
    reason = models.CharField(_("reason"), max_length=500)
    # None: whoever runs the server, by a command
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("intervention")
        verbose_name_plural = _("interventions")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(by=F("person")), name="intervention_not_by_self"),
            models.CheckConstraint(condition=~Q(reason=""), name="intervention_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.what}"


class Letter(MailRow):
    """A mail of the sign-in pages: a code, or a notice that something about an account changed.

    `sealed` holds address, subject and text, encrypted, and is emptied as soon as the letter is
    sent, late or given up, so that no code lies about longer than it is of use.
    """

    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="letters", verbose_name=_("person"))
    sealed = models.TextField(editable=False)
    useful_until = models.DateTimeField(_("valid until"))

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(delivery=Delivery.PENDING) | Q(sealed=""), name="settled_letter_is_empty"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-id"], condition=Q(delivery=Delivery.FAILED), name="letter_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_late(self) -> bool:
        """Whether its code, or its notice, is of no use any more."""
        return self.useful_until <= clock.now()

    def settled_fields(self) -> dict[str, Any]:
        """Empty the letter."""
        return {"sealed": ""}
