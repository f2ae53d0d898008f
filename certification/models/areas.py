"""Areas, categories, credential types and requirements: data that area leads edit, not code."""

from datetime import datetime
from typing import Any, ClassVar, Self

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from certification import expressions, number_forms
from portal import clock
from portal.languages import ReaderText, TranslatedField, text_in_language


class Named(models.Model):
    """A row with a name in each language."""

    names = TranslatedField(_("name"), max_length=120)
    name = ReaderText(names)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Jurisdiction(Named):
    """Whose rules apply."""

    code = models.SlugField(_("code"), max_length=10, unique=True)

    class Meta:
        verbose_name = _("jurisdiction")
        verbose_name_plural = _("jurisdictions")
        ordering = ("code",)


class KeyAreaQuerySet(models.QuerySet["KeyArea"]):
    """Areas, in the order in which they are shown."""

    def open(self) -> Self:
        """Areas that take applications."""
        return self.filter(active=True).select_related("jurisdiction").order_by("position", "code")

    def names(self) -> list[tuple[str, str, str]]:
        """Code, name and name of the jurisdiction of each, in the reader's language. One query, without models."""
        rows = self.values_list("code", "names", "jurisdiction__names")
        return [(code, text_in_language(names), text_in_language(place)) for code, names, place in rows]


class KeyArea(Named):
    """A field in which a creator can be certified under one jurisdiction."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, verbose_name=_("jurisdiction"))
    topic = models.SlugField(
        pgettext_lazy("area", "topic"), max_length=30, help_text=_("The same in every jurisdiction: medicine, law…")
    )
    summaries = TranslatedField(_("what it covers"), max_length=300, blank=True)
    summary = ReaderText(summaries)
    regulated = models.BooleanField(
        _("regulated"),
        default=False,
        help_text=_(
            "By law, only licence holders may give advice here. The API says so; requirements say what is checked."
        ),
    )
    gate = models.BooleanField(
        _("publishing gate"), default=False, help_text=_("Publishing here requires a valid certificate.")
    )
    second_approval_always = models.BooleanField(_("two people must approve"), default=False)
    calendar = models.ForeignKey(
        "reviews.Calendar", models.SET_NULL, null=True, blank=True, verbose_name=_("calendar"), related_name="+"
    )
    decision_days = models.PositiveSmallIntegerField(_("working days to decide"), default=5)
    appeal_days = models.PositiveSmallIntegerField(_("working days to decide an appeal"), default=10)
    position = models.PositiveSmallIntegerField(_("position in lists"), default=100)
    active = models.BooleanField(_("accepts applications"), default=True)
    objects = KeyAreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("key area")
        verbose_name_plural = _("key areas")
        ordering = ("position", "code")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a gate that is switched keeps when it was."""
        before = (
            None if self._state.adding else KeyArea.objects.filter(pk=self.pk).values_list("gate", flat=True).first()
        )
        with transaction.atomic():
            super().save(*args, **kwargs)
            if before not in (None, self.gate):
                self.gate_changes.create(gate=before, at=clock.now())

    def gate_at(self, moment: datetime) -> bool:
        """Whether publishing needed a certificate at a moment. One query."""
        next_change = self.gate_changes.filter(at__gt=moment).order_by("at", "pk").first()
        return self.gate if next_change is None else next_change.gate

    @property
    def full_name(self) -> str:
        """The area and whose rules apply, in the reader's language."""
        return full_area_name(self.name, self.jurisdiction.name)


def full_area_name(area: str, place: str) -> str:
    """An area and whose rules apply, in the reader's language."""
    return gettext("%(area)s, %(place)s") % {"area": area, "place": place}


class ApplicantCategory(Named):
    """What kind of applicant somebody is; it decides which label may be shown."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    help_texts = TranslatedField(_("explanation"), max_length=300, blank=True)
    help = ReaderText(help_texts)
    practice_only = models.BooleanField(
        _("practice verified"), default=False, help_text=_("The label refers to practice, never to a licence.")
    )
    organisation = models.BooleanField(_("organisation"), default=False)
    position = models.PositiveSmallIntegerField(_("position in lists"), default=100)

    class Meta:
        verbose_name = _("applicant category")
        verbose_name_plural = _("applicant categories")
        ordering = ("position", "code")


class DocumentKind(models.TextChoices):
    """What a file is said to be."""

    QUALIFICATION = "qualification", _("Qualification certificate")
    LICENCE = "licence", _("Licence or practising certificate")
    EMPLOYMENT = "employment", _("Proof of employment")
    REGISTRY_EXTRACT = "registry_extract", _("Extract from the official register")
    ORGANISATION = "organisation", _("Registration of an organisation")
    DEGREE = "degree", _("Degree or study report")
    AUTHORISATION = "authorisation", _("Letter of authorisation")
    PRACTICE = "practice", _("Proof of practice")
    OTHER = "other", _("Other document")


class RegistryKind(models.TextChoices):
    """How the register of the issuer can be asked."""

    NONE = "none", _("There is no public register")
    MANUAL = "manual", _("A person looks it up on the register's site")
    FILE = "file", _("Looked up automatically in an imported file of the register")
    HTTP = "http", _("Asked automatically over the network")


# Registers that are asked without a person.
AUTOMATIC_REGISTERS = (RegistryKind.FILE, RegistryKind.HTTP)


def _evidence_kinds() -> list[str]:
    return []


def _codes_of_http_registers() -> set[str]:
    return {str(entry.get("code")) for entry in settings.REGISTERS if isinstance(entry, dict)}


class CredentialType(Named):
    """One thing that can be proved: who issues it, which documents show it, how it can be checked."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    jurisdiction = models.ForeignKey(
        Jurisdiction, models.PROTECT, null=True, blank=True, verbose_name=_("jurisdiction")
    )
    licence = models.BooleanField(
        _("is a licence"), default=False, help_text=_("Only a licence may be called one on a label.")
    )
    issuers = TranslatedField(_("issuer"), max_length=160, blank=True)
    issuer = ReaderText(issuers)
    issuer_presets = TranslatedField(
        _("usual issuers"),
        max_length=300,
        blank=True,
        help_text=_("Offered to the applicant; separated by semicolons."),
    )
    issuer_preset = ReaderText(issuer_presets)
    help_texts = TranslatedField(_("help for the applicant"), max_length=2000, blank=True)
    help = ReaderText(help_texts)
    identifier_labels = TranslatedField(_("name of its number"), max_length=80, blank=True)
    identifier_label = ReaderText(identifier_labels)
    identifier_pattern = models.CharField(
        _("number format"), max_length=200, blank=True, help_text=_("A regular expression; empty: no number.")
    )
    identifier_hints = TranslatedField(_("format in words"), max_length=160, blank=True)
    identifier_hint = ReaderText(identifier_hints)
    checksum = models.CharField(
        _("check digit"),
        max_length=30,
        blank=True,
        help_text=_("One of the functions of certification/identifiers.py."),
    )
    personal = models.BooleanField(
        _("number names one person"), default=True, help_text=_("It can be on one holder's certificate only.")
    )
    # Goes into the fingerprint of a number. Types of one register or issuer share it, so that a number stays one person's.
    number_space = models.SlugField(
        _("number space"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        db_index=False,
        help_text=_("A number that several types with the same space name is on one holder's certificates only."),
    )
    registry = models.CharField(_("register"), max_length=10, choices=RegistryKind, default=RegistryKind.NONE)
    registry_name = models.CharField(_("register's name"), max_length=160, blank=True)
    registry_url = models.CharField(_("register's address"), max_length=300, blank=True, validators=[URLValidator()])
    register_code = models.SlugField(
        _("register's code"),
        max_length=40,
        blank=True,
        db_default="",
        db_index=False,
        help_text=_("Of an imported register, or of an entry of REGISTERS, if it is looked up automatically."),
    )
    recheck_every = models.PositiveSmallIntegerField(
        _("looked up again after, in days"),
        null=True,
        blank=True,
        help_text=_("How often the register is asked again while a certificate is valid; empty: never."),
    )
    evidence_kinds = models.JSONField(_("documents required"), default=_evidence_kinds, blank=True)
    needs_expiry = models.BooleanField(_("has an end date"), default=False)
    max_age_of_proof = models.PositiveSmallIntegerField(_("maximum age of proof, in days"), null=True, blank=True)
    max_validity = models.PositiveSmallIntegerField(_("longest validity, in days"), null=True, blank=True)
    unconfirmed = models.BooleanField(
        _("format unconfirmed"),
        default=False,
        help_text=_("No official source for the format: a mismatch is a hint only."),
    )
    source = models.CharField(_("source"), max_length=300, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    # The number of the version in force; what the versions say is in CredentialTypeVersion.
    version = models.PositiveSmallIntegerField(_("version"), default=1, db_default=1, editable=False)

    class Meta:
        verbose_name = _("credential type")
        verbose_name_plural = _("credential types")
        ordering = ("code",)
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="used_number_space_stays",
                operation=pgtrigger.UpdateOf("number_space", "code"),  # type: ignore[no-untyped-call]  # has no types
                when=pgtrigger.Before,
                func="""
                    IF COALESCE(NULLIF(NEW.number_space, ''), NEW.code)
                       <> COALESCE(NULLIF(OLD.number_space, ''), OLD.code)
                       AND EXISTS (SELECT 1 FROM certification_credential WHERE type_id = OLD.id AND fingerprint <> '') THEN
                        RAISE EXCEPTION 'numbers of credential type % were compared in its number space', OLD.code
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                    """,
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new type has a number space of its own where none was chosen."""
        if self._state.adding and not self.number_space:
            self.number_space = self.code
        super().save(*args, **kwargs)

    @property
    def space_of_numbers(self) -> str:
        """The number space; in rows of earlier releases, which had none, the code."""
        return self.number_space or self.code

    @property
    def has_number(self) -> bool:
        """Whether the applicant declares a number."""
        return bool(self.identifier_pattern)

    @property
    def is_asked_automatically(self) -> bool:
        """Whether its register is asked without a person."""
        return self.registry in AUTOMATIC_REGISTERS

    @property
    def asked_again_after(self) -> int | None:
        """After how many days its register is asked again while a certificate is valid; None where it is not."""
        return self.recheck_every if self.registry != RegistryKind.NONE else None

    @property
    def document_names(self) -> list[str]:
        """The documents that show it, in the reader's language."""
        return [str(DocumentKind(kind).label) for kind in self.evidence_kinds]

    @property
    def usual_issuers(self) -> list[str]:
        """The issuers that the form offers, in the reader's language."""
        return [name.strip() for name in self.issuer_preset.replace("；", ";").split(";") if name.strip()]

    def clean(self) -> None:
        """Refuse a pattern, check function, document kind or register that does not exist."""
        number_forms.validate_identifier_rule(self.identifier_pattern, self.checksum)
        unknown = set(self.evidence_kinds) - set(DocumentKind.values)
        if unknown:
            raise ValidationError({"evidence_kinds": _("Unknown: %s") % ", ".join(sorted(unknown))})
        if self.is_asked_automatically and not self.register_code:
            raise ValidationError({"register_code": _("Which register is it? Please enter its code.")})
        if self.registry == RegistryKind.HTTP and self.register_code not in _codes_of_http_registers():
            raise ValidationError({"register_code": _("REGISTERS has no entry with this code.")})


class RequirementQuerySet(models.QuerySet["Requirement"]):
    """Versions of requirements."""

    def in_force(self, at: datetime) -> Self:
        """For every area and category the newest version that applied at a moment."""
        begun = self.filter(in_force_from__lte=at)
        return begun.order_by("area_id", "category_id", "-in_force_from", "-version").distinct("area_id", "category_id")


class Requirement(models.Model):
    """What an applicant of a category must prove in an area. Once used, a version never changes."""

    area = models.ForeignKey(KeyArea, models.PROTECT, related_name="requirements", verbose_name=_("key area"))
    category = models.ForeignKey(
        ApplicantCategory, models.PROTECT, related_name="requirements", verbose_name=_("applicant category")
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    expression = models.JSONField(_("documents requested"), help_text=_('{"all": [{"is": "code"}, {"any": […]}]}'))
    labels = TranslatedField(_("label"), max_length=160, help_text=_("States exactly what was checked."))
    label = ReaderText(labels)
    max_validity = models.PositiveSmallIntegerField(_("longest validity of a certificate, in days"), default=365)
    in_force_from = models.DateTimeField(_("in force from"))
    objects = RequirementQuerySet.as_manager()

    class Meta:
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        ordering = ("area", "category", "-version")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area", "category", "version"], name="requirement_version"),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="used_version_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func="""
                    IF EXISTS (SELECT 1 FROM certification_application WHERE requirement_id = OLD.id) THEN
                        RAISE EXCEPTION 'requirement % is in use and cannot change', OLD.id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                    """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id}/{self.category_id} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new version its number."""
        if self._state.adding and self.version == 1:
            earlier = Requirement.objects.filter(area=self.area, category=self.category)
            self.version = (earlier.aggregate(last=models.Max("version"))["last"] or 0) + 1
        super().save(*args, **kwargs)

    @property
    def codes(self) -> list[str]:
        """The credential types that it names, in order."""
        return list(expressions.credential_codes(self.expression))

    def clean(self) -> None:
        """Refuse an expression that cannot be used, or a label that would say more than is checked."""
        known = dict(CredentialType.objects.values_list("code", "licence"))
        sentences = expressions.expression_problems(self.expression, known.keys())
        if sentences:
            raise ValidationError({"expression": sentences})
        if self.category_id and self.category.practice_only and any(known[code] for code in self.codes):
            raise ValidationError({"expression": _("“Practice verified” must not be based on a licence.")})
