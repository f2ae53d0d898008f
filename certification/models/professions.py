"""Professions that people claim in their profiles, and which certificate bears each out: data, not code."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certification.models.areas import Named


class Profession(Named):
    """A profession, the words by which profiles name it, and the certificates that bear out the claim.

    They are those of the areas with its topic, in any jurisdiction, for an applicant in one of the categories.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    topic = models.SlugField(
        pgettext_lazy("area", "topic"), max_length=30, help_text=_("The topic of the areas that it belongs to.")
    )
    categories = ArrayField(
        models.SlugField(max_length=40), verbose_name=_("categories"), help_text=_("Codes of applicant categories.")
    )
    words = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("words"),
        help_text=_("How profiles name it, in every language, in small letters."),
    )

    class Meta:
        verbose_name = _("profession")
        verbose_name_plural = _("professions")
        ordering: ClassVar = ("code",)
