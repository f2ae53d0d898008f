"""What was checked when a change of rules was asked for is checked again when a second person approves it."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certification.actions import guarded_rules, rule_previews, rules
from certification.models import ApplicantCategory, CredentialType, KeyArea, Requirement, RuleDraft
from certification.tests import factories as make
from portal import clock
from portal.errors import Conflict, NotAllowed
from portal.people.actions import changes
from portal.people.changes import change_kinds
from portal.people.guarded_rows import GuardedModel, ask_for_row
from portal.people.models import ChangeRequest, User
from portal.people.roles import Role
from portal.people.states import ChangeState
from portal.testing.concurrency import at_once
from portal.testing.reading import page_text

pytestmark = pytest.mark.django_db
WHY = "The association asks for it since May."
LICENCE = "cn-lawyer"


@pytest.fixture(autouse=True)
def _rules() -> None:
    make.reference()


def new_category() -> ApplicantCategory:
    return ApplicantCategory.objects.create(code="assistant", names={"en": "Assistant", "zh-hans": "助理"})


def law() -> KeyArea:
    return KeyArea.objects.get(code="cn-law")


def ask_requirement(
    lead: User, category: ApplicantCategory, code: str = LICENCE, area: KeyArea | None = None
) -> ChangeRequest:
    """Ask for the first requirement of a category, which names one credential type."""
    draft = rules.begin_requirement_draft(area=area or law(), category=category, by=lead)
    labels = {"en": "Assistant: licence checked", "zh-hans": "助理：已核对执照"}
    values = {"expression": {"all": [{"is": code}]}, "labels": labels, "max_validity": 100}
    draft = rules.save_draft(
        draft=draft, revision=draft.revision, values=values, in_force_from=clock.now() + timedelta(days=9), by=lead
    )
    rule_previews.begin_preview(draft=draft, by=lead)
    make.run_jobs()
    return rules.ask_for_publication(draft=draft, revision=draft.revision, reason=WHY, by=lead)


def ask_row(row: Any, guarded: GuardedModel, by: User, **values: Any) -> ChangeRequest:
    for name, value in values.items():
        setattr(row, name, value)
    change = guarded_rules.save_rule_row(row=row, names=list(values), guarded=guarded, reason=WHY, by=by)
    assert change is not None
    return change


def approve(change: ChangeRequest) -> None:
    changes.approve_change(change=change, by=make.person(Role.AREA_LEAD))


def refused(change: ChangeRequest, sentence: str) -> None:
    """The approval is refused with the sentence, and the request ends with it."""
    with pytest.raises(Conflict, match=sentence):
        approve(change)
    change.refresh_from_db()
    assert change.state == ChangeState.OVERTAKEN
    assert sentence in change.closing_note


def test_a_category_does_not_become_practice_only_once_its_requirement_names_a_licence(lead: User) -> None:
    category = new_category()
    change = ask_row(category, guarded_rules.GUARDED_CATEGORY, lead, practice_only=True)
    approve(ask_requirement(lead, ApplicantCategory.objects.get(pk=category.pk)))
    refused(change, "Requirements of this category name a licence")
    category.refresh_from_db()
    assert not category.practice_only


def test_a_licence_by_a_version_that_waits_counts_as_one(lead: User) -> None:
    category = new_category()
    free = CredentialType.objects.create(
        code="free", names={"en": "Free", "zh-hans": "任意"}, evidence_kinds=["practice"]
    )
    approve(ask_requirement(lead, category, "free"))
    change = ask_row(category, guarded_rules.GUARDED_CATEGORY, lead, practice_only=True)
    draft = rules.begin_type_draft(kind=free, by=lead)
    draft = rules.save_draft(
        draft=draft, revision=1, values={**draft.values, "licence": True}, in_force_from=clock.now() + timedelta(days=3),
        by=lead,
    )  # fmt: skip
    rule_previews.begin_preview(draft=draft, by=lead)
    make.run_jobs()
    approve(rules.ask_for_publication(draft=draft, revision=2, reason=WHY, by=lead))
    refused(change, "Requirements of this category name a licence")


def test_a_type_stays_in_use_once_a_requirement_names_it(lead: User) -> None:
    free = CredentialType.objects.create(
        code="free", names={"en": "Free", "zh-hans": "任意"}, evidence_kinds=["practice"]
    )
    change = ask_row(free, guarded_rules.GUARDED_TYPE, lead, active=False)
    approve(ask_requirement(lead, new_category(), "free"))
    refused(change, "Requirements name it: Law, China · Assistant")
    assert CredentialType.objects.get(code="free").active


def test_an_area_stays_in_its_jurisdiction_once_it_has_a_requirement(lead: User) -> None:
    area = KeyArea.objects.create(code="cn-new", names={"en": "New", "zh-hans": "新"}, jurisdiction=law().jurisdiction)
    other = KeyArea.objects.get(code="us-law").jurisdiction
    change = ask_row(area, guarded_rules.GUARDED_AREA, lead, jurisdiction=other)
    approve(ask_requirement(lead, new_category(), area=KeyArea.objects.get(pk=area.pk)))
    refused(change, "Its requirements name credential types of this jurisdiction")
    area.refresh_from_db()
    assert area.jurisdiction == law().jurisdiction


def test_no_effect_is_foreseen_of_calling_an_area_regulated(lead: User) -> None:
    change = ask_row(law(), guarded_rules.GUARDED_AREA, lead, regulated=False)
    assert not change_kinds[change.kind].foresee(change)


def test_what_does_not_fit_already_is_refused_when_it_is_asked_for(lead: User) -> None:
    lawyer = CredentialType.objects.get(code=LICENCE)
    lawyer.active = False
    with pytest.raises(Conflict, match="Requirements name it"):
        ask_for_row(lawyer, ["active"], reason=WHY, by=lead)
    assert not ChangeRequest.objects.exists()


def test_a_requirement_is_not_published_once_its_category_is_practice_only(lead: User) -> None:
    category = new_category()
    publication = ask_requirement(lead, category)
    approve(ask_row(category, guarded_rules.GUARDED_CATEGORY, lead, practice_only=True))
    refused(publication, "must not be based on a licence")
    assert not Requirement.objects.filter(category=category).exists()


def test_a_requirement_is_not_published_once_its_type_is_out_of_use(lead: User) -> None:
    free = CredentialType.objects.create(
        code="free", names={"en": "Free", "zh-hans": "任意"}, evidence_kinds=["practice"]
    )
    publication = ask_requirement(lead, new_category(), "free")
    approve(ask_row(free, guarded_rules.GUARDED_TYPE, lead, active=False))
    refused(publication, "no longer in use")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"identifier_pattern": "", "evidence_kinds": []}, "nothing to check"),
        ({"identifier_pattern": "", "registry": "file", "register_code": "us-npi"}, "needs a number"),
        ({"max_validity": 0}, "nobody could meet it"),
        ({"registry": "none", "recheck_every": 30}, "no register"),
        ({"identifier_pattern": "(1+)+"}, "repeats without an end"),
    ],
)
def test_a_version_of_a_type_passes_the_checks_of_its_form_when_it_is_published(
    lead: User, values: dict[str, Any], sentence: str
) -> None:
    draft = rules.begin_type_draft(kind=CredentialType.objects.get(code=LICENCE), by=lead)
    change = ask_type_version(lead, draft)
    wrong = {**draft.values, **values, "max_age_of_proof": 70}
    RuleDraft.objects.filter(pk=draft.pk).update(values=wrong)  # around the form
    refused(change, sentence)


def ask_type_version(lead: User, draft: RuleDraft) -> ChangeRequest:
    values = {**draft.values, "max_age_of_proof": 70}
    saved = rules.save_draft(
        draft=draft, revision=1, values=values, in_force_from=clock.now() + timedelta(days=3), by=lead
    )
    rule_previews.begin_preview(draft=saved, by=lead)
    make.run_jobs()
    return rules.ask_for_publication(draft=saved, revision=2, reason=WHY, by=lead)


# --- the first version of a credential type --------------------------------------------------

TYPE = {
    "code": "cn-truck-licence", "names_en": "Truck licence", "names_zh-hans": "货车驾驶证", "registry": "none",
    "licence": "on", "evidence_kinds": ["licence"], "personal": "on",
}  # fmt: skip


def test_a_new_credential_type_is_published_by_two(client: Client, lead: User) -> None:
    client.force_login(lead)
    page = reverse("certification:rules_type_new")
    assert "change_reason" in client.post(page, TYPE).context["form"].errors
    answer = client.post(page, {**TYPE, "change_reason": WHY})
    change = ChangeRequest.objects.get()
    assert answer["Location"] == reverse("certification:rules_change", args=[change.pk])
    assert not CredentialType.objects.filter(code="cn-truck-licence").exists()
    shown = page_text(client.get(answer["Location"]))
    for part in ("cn-truck-licence", "Truck licence", "Licence or practising certificate", "Requirements can name it."):
        assert part in shown
    with pytest.raises(NotAllowed):
        changes.approve_change(change=change, by=lead)
    client.force_login(make.person(Role.AREA_LEAD))
    client.post(answer["Location"], {"verb": "approve"})
    row = CredentialType.objects.get(code="cn-truck-licence")
    assert (row.version, row.licence, row.evidence_kinds, row.active) == (1, True, ["licence"], True)


def test_of_two_new_types_with_one_code_the_first_approved_one_counts(client: Client, lead: User) -> None:
    client.force_login(lead)
    for name in ("Truck licence", "Lorry licence"):
        client.post(reverse("certification:rules_type_new"), {**TYPE, "names_en": name, "change_reason": WHY})
    second, first = ChangeRequest.objects.order_by("-pk")
    approve(first)
    refused(second, "already exists")
    assert CredentialType.objects.get(code="cn-truck-licence").name == "Truck licence"


# --- at the same moment ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["category", "type", "area"])
def test_of_two_approvals_at_once_that_do_not_fit_one_is_refused(what: str) -> None:
    lead = make.person(Role.AREA_LEAD)
    category = new_category()
    place = law().jurisdiction
    free = CredentialType.objects.create(
        code="free",
        names={"en": "Free", "zh-hans": "任意"},
        evidence_kinds=["practice"],
        licence=True,
        jurisdiction=place,
    )
    area = KeyArea.objects.create(code="cn-new", names={"en": "New", "zh-hans": "新"}, jurisdiction=place)
    publication = ask_requirement(lead, category, "free", area)
    other = KeyArea.objects.get(code="us-law").jurisdiction
    change = {
        "category": lambda: ask_row(category, guarded_rules.GUARDED_CATEGORY, lead, practice_only=True),
        "type": lambda: ask_row(free, guarded_rules.GUARDED_TYPE, lead, active=False),
        "area": lambda: ask_row(area, guarded_rules.GUARDED_AREA, lead, jurisdiction=other),
    }[what]()
    seconds = [make.person(Role.AREA_LEAD), make.person(Role.AREA_LEAD)]
    pairs = zip((publication, change), seconds, strict=True)
    results = at_once(*(partial(changes.approve_change, change=one, by=by) for one, by in pairs))
    states = {ChangeRequest.objects.get(pk=one.pk).state for one in (publication, change)}
    assert states == {ChangeState.DONE, ChangeState.OVERTAKEN}, results
