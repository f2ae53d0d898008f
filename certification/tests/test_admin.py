"""The admin of certification: a new area without code, versions that stay, nothing private shown."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from certification import public
from certification.models import (
    ApplicantCategory,
    Application,
    AreaBan,
    Certificate,
    CredentialType,
    Jurisdiction,
    KeyArea,
    Requirement,
)
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.audit import trail
from portal.audit.models import AuditEvent
from portal.errors import Conflict
from portal.people.actions import changes
from portal.people.models import ChangeRequest, Mandate, User
from portal.people.roles import Role
from portal.reviews.models import ReasonCode, ReviewerSkill

pytestmark = pytest.mark.django_db
MODELS: list[Any] = [model for model in admin.site._registry if model._meta.app_label == "certification"]


def address(model: Any, what: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(make.person(Role.ADMIN))
    return client


def texts(field: str, english: str, chinese: str = "") -> dict[str, str]:
    return {f"{field}_en": english, f"{field}_zh-hans": chinese}


def agree() -> None:
    """Let a second administrator agree to what was asked for."""
    for change in ChangeRequest.objects.filter(closed_at=None):
        changes.approve_change(change=change, by=make.person(Role.ADMIN))


def add(office: Client, model: Any, **data: Any) -> Any:
    sent = {name: value for name, value in data.items() if value is not None}
    answer = office.post(address(model, "add"), {**sent, "change_reason": "A new area."})
    assert answer.status_code == 302, answer.context["errors"]
    agree()
    return model.objects.order_by("-pk").first()


def test_new_area_made_here_alone_can_be_applied_for_and_certified(
    office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.reference()
    place = add(office, Jurisdiction, code="nz", **texts("names", "New Zealand", "新西兰"))
    area = add(
        office, KeyArea, code="nz-diving", **texts("names", "Diving", "潜水"), jurisdiction=place.pk, topic="diving",
        gate="on", active="on", decision_days=5, appeal_days=10, position=5,
    )  # fmt: skip
    category = add(office, ApplicantCategory, code="diver", **texts("names", "Diver", "潜水员"), position=5)
    licence = add(
        office, CredentialType, code="nz-diver", **texts("names", "Diving licence"), jurisdiction=place.pk, licence="on",
        identifier_pattern=r"DV\d{6}", **texts("identifier_labels", "Licence number"), evidence_kinds=["licence"],
        personal="on", registry="manual", registry_url="https://register.example.org/", active="on",
    )  # fmt: skip
    expression = json.dumps({"all": [{"is": "nz-diver"}]})
    add(
        office, Requirement, area=area.pk, category=category.pk, expression=expression, **texts("labels", "Licensed diver"),
        max_validity=365, in_force_from="2025-01-01T00:00",
    )  # fmt: skip
    reviewer = make.person(Role.REVIEWER)
    add(office, ReviewerSkill, user=reviewer.pk, skill="nz-diving", level=1)

    monkeypatch.setitem(make.PLANS, "nz-diving", ("diver", ["nz-diver"]))
    monkeypatch.setattr(make, "number", lambda _code, _identity: "DV123456")
    made = make.draft("nz-diving")
    make.submit(made)
    make.run_jobs()
    make.approve(made, reviewer)
    certificate = Certificate.objects.get(application=made)
    assert certificate.label == "Licensed diver"
    assert public.check_gate(made.applicant.public_id, "nz-diving").open
    assert made.credentials.get().type == licence
    events = set(AuditEvent.objects.filter(event__endswith=".added").values_list("event", flat=True))
    assert {"certification.keyarea.added", "certification.requirement.added"} <= events


def test_used_version_stays_and_a_new_one_is_made_of_it(office: Client) -> None:
    made = make.application(State.SUBMITTED, "cn-law")
    used = made.requirement
    assert used is not None
    page = office.get(address(Requirement, "change", used.pk))
    assert page.status_code == 200
    assert not page.context["has_change_permission"]
    assert office.post(address(Requirement, "change", used.pk), {"labels_en": "Changed"}).status_code == 403
    assert office.post(address(Requirement, "delete", used.pk), {"post": "yes"}).status_code == 403
    form = office.get(address(Requirement, "add"), {"from": used.pk}).context["adminform"].form
    assert form.initial["expression"] == used.expression
    newer = add(
        office, Requirement, area=used.area_id, category=used.category_id, expression=json.dumps(used.expression),
        labels_en="Sharper words", max_validity=300, in_force_from="2027-01-01T00:00",
    )  # fmt: skip
    assert newer.version == used.version + 1
    used.refresh_from_db()
    assert used.label != "Sharper words"


def test_version_that_nobody_was_judged_by_can_be_mended(office: Client) -> None:
    make.reference()
    row = Requirement.objects.order_by("pk").first()
    assert row is not None
    form = office.get(address(Requirement, "change", row.pk)).context["adminform"].form
    data = {
        "expression": json.dumps(row.expression), "labels_en": "Mended", "max_validity": 100,
        "in_force_from": "2025-01-01T00:00", "stamp": form.fields["stamp"].initial, "change_reason": "A slip.",
    }  # fmt: skip
    assert office.post(address(Requirement, "change", row.pk), data).status_code == 302
    row.refresh_from_db()
    assert row.label != "Mended"
    agree()
    row.refresh_from_db()
    assert row.label == "Mended"


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ('{"is": "nothing"}', "There is no credential type"),
        ("{", "valid JSON"),
        ("[]", "Each part must be one of"),
        ('{"is": "cn-lawyer"}', "must not be based on a licence"),
    ],
)
def test_requirements_that_cannot_be_used_are_refused(office: Client, expression: str, sentence: str) -> None:
    make.reference()
    data = {
        "area": KeyArea.objects.get(code="cn-law").pk,
        "category": ApplicantCategory.objects.get(code="practitioner").pk,
        "expression": expression, "labels_en": "x", "max_validity": 10,
        "in_force_from": "2025-01-01T00:00",
    }  # fmt: skip
    answer = office.post(address(Requirement, "add"), data)
    assert answer.status_code == 200
    assert sentence in str(answer.context["errors"])


def test_wrong_pattern_and_check_digit_are_refused(office: Client) -> None:
    data = {"code": "x", "names_en": "X", "identifier_pattern": "(", "registry": "none", "checksum": "nonsense"}
    errors = str(office.post(address(CredentialType, "add"), data).context["errors"])
    assert "not a regular expression" in errors
    assert "nonsense is not one of the available choices" in errors


def test_codes_and_kinds_of_reasons_stay(office: Client) -> None:
    make.reference()
    reason = ReasonCode.objects.order_by("pk").first()
    assert reason is not None
    assert "kind" not in office.get(address(ReasonCode, "change", reason.pk)).context["adminform"].form.fields
    area = KeyArea.objects.get(code="cn-law")
    assert "code" not in office.get(address(KeyArea, "change", area.pk)).context["adminform"].form.fields
    assert office.post(address(KeyArea, "delete", area.pk), {"post": "yes"}).status_code == 403


def test_records_show_no_number_and_no_private_text(office: Client) -> None:
    made = make.application(State.APPROVED, "cn-medicine")
    Application.objects.filter(pk=made.pk).update(statement="A private word.")
    pages = [address(Application, "change", made.pk), address(Application), address(Certificate)]
    for page in [*pages, address(Certificate, "change", made.certificate.pk)]:
        text = office.get(page).content.decode()
        assert made.applicant.email not in text
        assert "A private word." not in text
        for credential in made.credentials.exclude(identifier_masked=""):
            assert credential.identifier_masked not in text


@pytest.mark.parametrize("model", [Application, Certificate, AreaBan])
def test_records_cannot_be_made_or_changed_here(model: Any, office: Client) -> None:
    assert office.get(address(model, "add")).status_code == 403


def test_every_page_of_a_row_opens(office: Client) -> None:
    make.application(State.APPROVED, "cn-law")
    for model in MODELS:
        row = model._default_manager.order_by("pk").first()
        if row is not None:
            assert office.get(address(model, "change", row.pk)).status_code == 200, model


def form_data(office: Client, row: Any, **changed: Any) -> dict[str, Any]:
    """What the form of a row sends, with other values in some fields."""
    form = office.get(address(type(row), "change", row.pk)).context["adminform"].form
    data = {name: form[name].value() for name in form.fields} | {"stamp": form.fields["stamp"].initial}
    texts = {
        f"{name}_{code}": text
        for name, value in data.items()
        if isinstance(value, dict)
        for code, text in value.items()
    }
    plain = {name: value for name, value in data.items() if not isinstance(value, dict) and value not in (None, False)}
    return {name: value for name, value in (plain | texts | changed).items() if value is not None}


def test_publishing_gate_is_not_switched_off_alone_or_without_reason(office: Client) -> None:
    make.reference()
    area = KeyArea.objects.filter(gate=True).first()
    assert area is not None
    page = address(KeyArea, "change", area.pk)
    refused = office.post(page, form_data(office, area, gate=None))
    assert "Please give a reason" in str(refused.context["errors"])
    asked = office.post(page, form_data(office, area, gate=None, change_reason="Trial"), follow=True).content.decode()
    assert "anyone can publish in this area without a certificate" in asked
    area.refresh_from_db()
    assert area.gate
    again = office.post(page, form_data(office, area, gate=None, change_reason="Now!"))
    assert "already pending" in str(again.context["errors"])
    agree()
    assert not KeyArea.objects.get(pk=area.pk).gate
    event = AuditEvent.objects.get(event="certification.keyarea.changed", subject=trail.subject_of(area))
    assert (event.data["before"], event.data["after"]) == ({"gate": True}, {"gate": False})
    assert event.data["approved_by"]


def test_names_and_places_of_an_area_need_no_second_person(office: Client) -> None:
    make.reference()
    area = KeyArea.objects.order_by("pk").first()
    assert area is not None
    answer = office.post(address(KeyArea, "change", area.pk), form_data(office, area, position=7))
    assert answer.status_code == 302, answer.context["errors"]
    area.refresh_from_db()
    assert (area.position, ChangeRequest.objects.count()) == (7, 0)


def test_what_changed_meanwhile_is_not_overwritten_by_an_old_request(office: Client) -> None:
    make.reference()
    area = KeyArea.objects.filter(gate=True).first()
    assert area is not None
    office.post(
        address(KeyArea, "change", area.pk), form_data(office, area, gate=None, decision_days=9, change_reason="x")
    )
    KeyArea.objects.filter(pk=area.pk).update(decision_days=8)
    with pytest.raises(Conflict):
        agree()
    area.refresh_from_db()
    assert (area.gate, area.decision_days) == (True, 8)


def test_a_version_is_deleted_by_two_only(office: Client) -> None:
    make.reference()
    row = Requirement.objects.order_by("pk").first()
    assert row is not None
    page = address(Requirement, "delete", row.pk)
    assert "reason" in office.post(page, {"post": "yes"}).context["form"].errors
    assert office.post(page, {"reason": "Never used"}).status_code == 302
    assert Requirement.objects.filter(pk=row.pk).exists()
    agree()
    assert not Requirement.objects.filter(pk=row.pk).exists()


def test_applicants_do_not_become_staff_in_one_step(office: Client) -> None:
    made = make.application(State.SUBMITTED, "cn-law")
    page = reverse("admin:people_user_role", args=[made.applicant_id])
    answer = office.post(page, {"role": Role.ADMIN, "reason": "Trusted"})
    assert f"open application, {made.number}" in answer.content.decode()
    assert not ChangeRequest.objects.exists()


def test_list_knows_the_time_of_the_portal(office: Client) -> None:
    form = office.get(address(Requirement, "add")).context["adminform"].form
    assert abs((form.initial["in_force_from"] - clock.now()).total_seconds()) < 60


def test_an_agency_s_administrator_sees_nothing_of_those_it_acts_for(client: Client) -> None:
    agency, creator = make.agency(), make.person()
    certificate, other = make.certificate("cn-law", applicant=creator), make.certificate("cn-law")
    Mandate.objects.create(creator=creator, agency=agency, ends_at=clock.now() + timedelta(days=9))
    person = make.person(Role.ADMIN)
    User.objects.filter(pk=person.pk).update(agency=agency)
    client.force_login(User.objects.get(pk=person.pk))
    for model, own, foreign in (
        (Certificate, certificate.serial, other.serial),
        (Application, certificate.application.number, other.application.number),
    ):
        text = client.get(address(model)).content.decode()
        assert (own in text, foreign in text) == (False, True)
    assert client.get(address(Certificate, "change", certificate.pk)).status_code == 302
    trail_page = client.get(address(AuditEvent), {"q": certificate.chain}).content.decode()
    assert "certification.certificate.issued" not in trail_page
