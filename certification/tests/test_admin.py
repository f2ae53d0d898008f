"""The admin of certification: a new area without code, versions that stay, nothing private shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from certification import public
from certification.actions import rule_previews, rules
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
    licence = CredentialType.objects.create(
        code="nz-diver", names={"en": "Diving licence", "zh-hans": "潜水执照"}, jurisdiction=place, licence=True,
        identifier_pattern=r"DV\d{6}", identifier_labels={"en": "Licence number"}, evidence_kinds=["licence"],
        registry="manual", registry_url="https://register.example.org/",
    )  # fmt: skip
    lead = make.person(Role.AREA_LEAD)
    draft = rules.begin_requirement_draft(area=area, category=category, by=lead)
    labels = {"en": "Licensed diver", "zh-hans": "持照潜水员"}
    values = {"expression": {"all": [{"is": "nz-diver"}]}, "labels": labels, "max_validity": 365}
    begins = clock.now() + timedelta(days=1)
    draft = rules.save_draft(draft=draft, revision=1, values=values, in_force_from=begins, by=lead)
    rule_previews.begin_preview(draft=draft, by=lead)
    rules.ask_for_publication(draft=draft, revision=2, reason="A new area.", by=lead)
    agree()
    reviewer = make.person(Role.REVIEWER)
    add(office, ReviewerSkill, user=reviewer.pk, skill="nz-diving", level=1)

    monkeypatch.setitem(make.PLANS, "nz-diving", ("diver", ["nz-diver"]))
    monkeypatch.setattr(make, "number", lambda _code, _identity: "DV123456")
    with clock.freeze_time(begins):
        certify_diver(reviewer, licence)


def certify_diver(reviewer: User, licence: CredentialType) -> None:
    made = make.draft("nz-diving")
    make.submit(made)
    make.run_jobs()
    make.approve(made, reviewer)
    certificate = Certificate.objects.get(application=made)
    assert certificate.label == "Licensed diver"
    assert public.check_gate(made.applicant.public_id, "nz-diving").open
    assert made.credentials.get().type == licence
    events = set(AuditEvent.objects.filter(event__endswith=".added").values_list("event", flat=True))
    assert {"certification.keyarea.added", "certification.jurisdiction.added"} <= events
    assert AuditEvent.objects.filter(event="certification.ruledraft.published").count() == 1


def test_versions_of_requirements_are_read_here_and_written_elsewhere(office: Client) -> None:
    make.reference()
    row = Requirement.objects.get(area__code="cn-medicine", category__code="doctor")
    page = office.get(address(Requirement, "change", row.pk))
    assert not page.context["has_change_permission"]
    text = page.content.decode()
    assert reverse("certification:rules") in text
    assert "Resident identity number and Doctor" in text
    assert "{&quot;all&quot;" not in text
    for what in ("add", "change", "delete"):
        args = () if what == "add" else (row.pk,)
        assert (
            office.post(address(Requirement, what, *args), {"labels_en": "Changed", "post": "yes"}).status_code == 403
        )


def test_credential_types_are_taken_out_of_use_by_two_and_not_while_they_are_named(office: Client) -> None:
    make.reference()
    named = CredentialType.objects.get(code="cn-lawyer")
    form = office.get(address(CredentialType, "change", named.pk)).context["adminform"].form
    assert set(form.fields) == {"active", "stamp", "change_reason"}
    data = {"stamp": form.fields["stamp"].initial, "change_reason": "Abolished."}
    errors = str(office.post(address(CredentialType, "change", named.pk), data).context["errors"])
    assert "Requirements name it: Law, China · Lawyer" in errors
    free = CredentialType.objects.create(code="free", names={"en": "Free"})
    form = office.get(address(CredentialType, "change", free.pk)).context["adminform"].form
    data = {"stamp": form.fields["stamp"].initial, "change_reason": "Abolished."}
    assert office.post(address(CredentialType, "change", free.pk), data).status_code == 302
    assert CredentialType.objects.get(code="free").active
    agree()
    assert not CredentialType.objects.get(code="free").active


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


def test_applicants_do_not_become_staff_in_one_step(office: Client) -> None:
    made = make.application(State.SUBMITTED, "cn-law")
    page = reverse("admin:people_user_role", args=[made.applicant_id])
    answer = office.post(page, {"role": Role.ADMIN, "reason": "Trusted"})
    assert f"open application, {made.number}" in answer.content.decode()
    assert not ChangeRequest.objects.exists()


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
