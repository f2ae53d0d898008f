"""Why areas, applicant categories and credential types may not become what somebody asks for.

Forms say it beside the field; the action asks again when a second person approves, because other rules may have changed since.
"""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certification.models import ApplicantCategory, CredentialType, KeyArea, Requirement
from certification.policies.rules import requirements_naming, type_value_problems
from certification.policies.terms import Reason


def refuse_area_values(area: KeyArea) -> Reason:
    """Why an area may not be stored as it is now: its requirements were written for another jurisdiction."""
    stored = KeyArea.objects.filter(pk=area.pk).values_list("jurisdiction", flat=True).first()
    if stored is None or stored == area.jurisdiction_id or not Requirement.objects.filter(area=area.pk).exists():
        return None
    return _("Its requirements name credential types of this jurisdiction.")


def refuse_category_values(category: ApplicantCategory) -> Reason:
    """Why an applicant category may not be stored as it is now: “practice verified” would be based on a licence."""
    if not category.practice_only or not category.pk:
        return None
    codes = {code for row in Requirement.objects.filter(category=category.pk) for code in row.codes}
    # Also what a type becomes by a version that is published and not in force yet.
    licences = Q(licence=True) | Q(versions__applied_at=None, versions__values__licence=True)
    if CredentialType.objects.filter(licences, code__in=codes).exists():
        return _("Requirements of this category name a licence.")
    return None


def refuse_type_values(kind: CredentialType) -> Reason:
    """Why a credential type may not be stored as it is now: a requirement names it, or a new one proves nothing."""
    if not kind.pk:
        return next((sentence for _field, sentence in type_value_problems(vars(kind))), None)
    if kind.active:
        return None
    named = dict.fromkeys(f"{row.area.full_name} · {row.category.name}" for row in requirements_naming(kind.code))
    if not named:
        return None
    return _("Requirements name it: %(names)s. Publish versions without it first.") % {"names": "; ".join(named)}
