"""A number is one person's in all credential types that share a space: a second type does not let it be used twice."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from certification.actions.guarded_rules import GUARDED_TYPE
from certification.forms.rules import NewCredentialTypeForm
from certification.models import Check, CheckKind, CredentialType
from certification.policies.rules import number_space_of_new
from certification.readings import declared_number
from certification.tests import factories as make
from portal import vault

pytestmark = pytest.mark.django_db


def narrower(**fields: Any) -> CredentialType:
    """A type for a narrower category, with the same register as that of lawyers."""
    make.reference()
    like = CredentialType.objects.get(code="cn-lawyer")
    row = CredentialType(code="cn-patent-lawyer", names={"en": "Patent lawyer"}, jurisdiction=like.jurisdiction)
    row.identifier_pattern, row.evidence_kinds = like.identifier_pattern, like.evidence_kinds
    row.registry, row.registry_url = like.registry, like.registry_url
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def saved(row: CredentialType) -> CredentialType:
    """As the editor saves it."""
    row.number_space = number_space_of_new(row)
    row.save()
    return row


def test_types_that_were_there_keep_their_fingerprints() -> None:
    make.reference()
    assert not CredentialType.objects.exclude(number_space=F("code")).exists()
    credential = make.draft("cn-law").credentials.get()
    assert credential.fingerprint == vault.keyed_fingerprint(f"cn-lawyer:{declared_number(credential)}")
    assert CredentialType(code="of-an-earlier-release").space_of_numbers == "of-an-earlier-release"


def test_a_number_is_not_certified_twice_through_another_type() -> None:
    number = declared_number(make.certificate("cn-law").application.credentials.get())
    kind = saved(narrower())
    assert kind.number_space == "cn-lawyer"
    application = make.draft("cn-law")
    credential = make.declare(application, kind.code, number)
    make.submit(application)
    make.run_jobs()
    check = Check.objects.get(credential=credential, kind=CheckKind.IDENTIFIER_DUPLICATE)
    assert (check.result, check.finding) == ("fail", "number.certified_elsewhere")


@pytest.mark.parametrize(
    ("fields", "space"),
    [
        ({}, "cn-lawyer"),
        ({"registry_url": "", "issuers": {"zh-hans": "省级司法行政机关"}}, "cn-lawyer"),
        ({"identifier_pattern": r"\d{6}"}, "cn-lawyer"),
        ({"registry_url": "https://example.org/"}, "cn-patent-lawyer"),
        ({"jurisdiction": None}, "cn-patent-lawyer"),
        ({"personal": False}, "cn-patent-lawyer"),
        # A register of several numbers: by their form, else by itself.
        ({"registry_url": "https://zgcx.nhc.gov.cn/"}, "cn-patent-lawyer"),
        ({"registry_url": "https://zgcx.nhc.gov.cn", "identifier_pattern": r"\d{15}"}, "cn-doctor-practising"),
    ],
)
def test_a_new_type_takes_the_space_of_its_register_or_issuer(fields: dict[str, Any], space: str) -> None:
    assert number_space_of_new(narrower(**fields)) == space


@pytest.mark.parametrize(
    ("chosen", "space"), [("", "cn-lawyer"), ("-", "cn-patent-lawyer"), ("cn-teacher", "cn-teacher")]
)
def test_an_area_lead_may_choose_another(chosen: str, space: str) -> None:
    like = narrower()
    typed = {
        "code": like.code, "names_en": "Patent lawyer", "names_zh-hans": "专利律师", "jurisdiction": like.jurisdiction_id,
        "identifier_pattern": like.identifier_pattern, "example": "1" * 17, "evidence_kinds": ["licence"],
        "registry": like.registry, "registry_url": like.registry_url, "personal": "on", "space": chosen,
        "change_reason": make.ENOUGH,
    }  # fmt: skip
    form = NewCredentialTypeForm(typed, guarded=GUARDED_TYPE)
    assert form.is_valid(), form.errors
    assert form.instance.number_space == space


def test_the_space_of_compared_numbers_does_not_change() -> None:
    make.draft("cn-law")
    rows = CredentialType.objects.filter(code="cn-lawyer")
    with pytest.raises(IntegrityError, match="number space"), transaction.atomic():
        rows.update(number_space="another")
    assert rows.update(number_space="cn-lawyer") == 1
    assert CredentialType.objects.filter(code="cn-teacher").update(number_space="another") == 1
