"""Why the portal itself has a certificate looked at again, and what profiles of platforms said when they were last read."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certification.models.applications import Credential
from certification.models.certificates import Certificate, Inquiry
from certification.models.checks import Check
from certification.models.professions import Profession
from portal import clock


class RecheckCause(models.TextChoices):
    """What happened."""

    PROFILE_NAME = "profile_name", _("The name in the platform's profile changed")
    PROFILE_PROFESSION = "profile_profession", _("The profession in the platform's profile changed")
    AGENCY = "agency", _("The agency changed")
    HOLDER = "holder", _("The holder reported a change")
    INSPECTION = "inspection", _("The holder answered an inspection")
    INSPECTION_MISSED = "inspection_missed", _("The holder did not answer an inspection")
    REGISTER = "register", _("A look-up in the register failed")
    LOOK_UP = "look_up", _("A look-up in the register is due")
    DOCUMENT = "document", _("A document has reached its end date")


class RecheckTrigger(models.Model):
    """One reason to look at a certificate again. It opens an inquiry, or joins the one that is open.

    `occasion` tells the same reason seen twice from another one. `facts` are what the sentence of the cause needs. `credential` and
    `check` are what it is about, where that is a document or a look-up in a register.
    """

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="triggers")
    inquiry = models.ForeignKey(Inquiry, models.PROTECT, related_name="triggers")
    cause = models.CharField(_("cause"), max_length=30, choices=RecheckCause)
    occasion = models.CharField(_("occasion"), max_length=120)
    facts = models.JSONField(_("facts"), default=dict)
    credential = models.ForeignKey(
        Credential, models.PROTECT, null=True, related_name="recheck_triggers", verbose_name=_("credential")
    )
    check_result = models.ForeignKey(
        Check, models.PROTECT, null=True, related_name="recheck_triggers", verbose_name=_("check")
    )
    text = models.TextField(_("what the holder wrote"), max_length=4000, blank=True)
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("reason for another look")
        verbose_name_plural = _("reasons for another look")
        ordering = ("at", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["certificate", "occasion"], name="recheck_once"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.cause}"

    @property
    def sentence(self) -> str:
        """What happened, in the reader's language."""
        facts = {name: _fact(name, value) for name, value in self.facts.items()}
        if self.credential is not None:
            facts["type"] = self.credential.type_name
        sentence = str(_SENTENCES[self.cause]) % facts if facts else str(RecheckCause(self.cause).label)
        return f"{sentence} {self.check_result.sentence}" if self.check_result else sentence


_SENTENCES: dict[str, Any] = {
    RecheckCause.PROFILE_NAME: _("The account %(account)s was called “%(before)s” and is now called “%(after)s”."),
    RecheckCause.PROFILE_PROFESSION: _(
        "The profile of the account %(account)s named these professions: %(before)s. It now names: %(after)s."
    ),
    RecheckCause.AGENCY: _("The certificate shows the agency “%(before)s”. The agency is now “%(after)s”."),
    RecheckCause.HOLDER: _("The holder reported a change: %(what)s."),
    RecheckCause.REGISTER: _("%(type)s was looked up in the register again, and the look-up failed."),
    RecheckCause.LOOK_UP: _(
        "%(type)s is due to be looked up in the register again. Please look it up before you decide."
    ),
    RecheckCause.DOCUMENT: _("%(type)s has reached its end date while the certificate is still valid."),
    RecheckCause.INSPECTION: _("The holder answered the inspection of %(month)s."),
    RecheckCause.INSPECTION_MISSED: _("The holder did not answer the inspection of %(month)s within 7 days."),
}


class ReportedChange(models.TextChoices):
    """What a holder reports to have changed."""

    NAME = "name", pgettext_lazy("holder of a certificate", "Name")
    PROFESSION = "profession", _("Profession or specialty")
    EMPLOYER = "employer", _("Employer or workplace")
    AGENCY = "agency", _("Agency")


def _fact(name: str, value: Any) -> str:
    """One fact in the reader's language: codes of professions and of changes as words, nothing as “none”."""
    if name == "what":
        return str(ReportedChange(value).label)
    if isinstance(value, list):
        names = {row.code: str(row.name) for row in Profession.objects.filter(code__in=value)}
        return ", ".join(str(names.get(code, code)) for code in value) or _now("none")
    return str(value) or _now("none")


def _no_codes() -> list[str]:
    return []


class ProfileClaim(models.Model):
    """Which professions the profile of a linked account named when it was last read: codes, never its text."""

    link = models.OneToOneField("people.LinkedAccount", models.CASCADE, related_name="profile_claim")
    professions = ArrayField(models.CharField(max_length=30), default=_no_codes)
    read_at = models.DateTimeField(_("read at"), default=clock.now)

    class Meta:
        verbose_name = _("professions in a profile")
        verbose_name_plural = _("professions in profiles")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.link_id}"
