"""Names of areas, categories and credential types as they were when a row was handed in or issued.

These names are data that area leads edit. A letter, a decided application and a certificate go on saying
what they said; until the names are kept (a draft), the names of today are shown.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.languages import Texts, TranslatedField, text_in_language


class KeepsAreaNames(models.Model):
    """A row with `area` and `category` that keeps their names; `area_names` is empty until it does."""

    area: Any
    category: Any

    area_names = TranslatedField(_("area as it was named"), max_length=120, blank=True, editable=False)
    place_names = TranslatedField(_("jurisdiction as it was named"), max_length=120, blank=True, editable=False)
    category_names = TranslatedField(_("category as it was named"), max_length=120, blank=True, editable=False)

    class Meta:
        abstract = True

    def names_to_keep(self) -> dict[str, Texts]:
        """The names as they are now, by field."""
        category = self.category
        return {
            "area_names": self.area.names,
            "place_names": self.area.jurisdiction.names,
            "category_names": category.names if category is not None else {},
        }

    @property
    def area_name(self) -> str:
        """The area, in the reader's language."""
        return text_in_language(self.area_names or self.area.names)

    @property
    def place_name(self) -> str:
        """The jurisdiction, in the reader's language."""
        return text_in_language(self.place_names or self.area.jurisdiction.names)

    @property
    def category_name(self) -> str:
        """The kind of applicant, in the reader's language; empty while none is chosen."""
        if self.category_names or self.category is None:
            return text_in_language(self.category_names)
        return text_in_language(self.category.names)

    @property
    def full_area_name(self) -> str:
        """The area and whose rules apply, in the reader's language."""
        return gettext("%(area)s, %(place)s") % {"area": self.area_name, "place": self.place_name}


class KeepsTypeNames(models.Model):
    """A row with a credential `type` that keeps its names; `type_names` is empty until it does."""

    type: Any

    type_names = TranslatedField(_("type as it was named"), max_length=120, blank=True, editable=False)
    issuer_names = TranslatedField(_("issuer as it was named"), max_length=160, blank=True, editable=False)
    registry_name = models.CharField(_("register as it was named"), max_length=160, blank=True, editable=False)
    # The version of the type that was in force then.
    type_version = models.PositiveSmallIntegerField(_("version of the type"), null=True, editable=False)

    class Meta:
        abstract = True

    def names_to_keep(self) -> dict[str, Any]:
        """The names and the version as they are now, by field."""
        return {
            "type_names": self.type.names,
            "issuer_names": self.type.issuers,
            "registry_name": self.type.registry_name,
            "type_version": self.type.version,
        }

    @property
    def type_name(self) -> str:
        """The credential type, in the reader's language."""
        return text_in_language(self.type_names or self.type.names)

    @property
    def issuer_name(self) -> str:
        """Who issues it, in the reader's language; may be empty."""
        return text_in_language(self.issuer_names if self.type_names else self.type.issuers)

    @property
    def register_name(self) -> str:
        """The register in which it can be looked up; may be empty."""
        return self.registry_name if self.type_names else str(self.type.registry_name)
