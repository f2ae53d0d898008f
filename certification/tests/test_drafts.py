"""Writing an application."""

from datetime import timedelta

import pytest

from certification import policies
from certification.actions import applications, drafts
from certification.models import ApplicantCategory, Application, Credential, CredentialType, KeyArea
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.evidence.models import EvidenceFile
from portal.people.models import Mandate
from portal.people.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def area() -> KeyArea:
    make.reference()
    return KeyArea.objects.get(code="cn-farming")


def test_one_open_application_per_area(area: KeyArea) -> None:
    creator = make.person()
    drafts.start_application(area=area, by=creator)
    with pytest.raises(NotAllowed, match="open application"):
        drafts.start_application(area=area, by=creator)
    other = KeyArea.objects.get(code="cn-cars")
    assert drafts.start_application(area=other, by=creator).state == State.DRAFT


def test_two_tabs_that_start_at_once_make_one_draft(area: KeyArea, monkeypatch: pytest.MonkeyPatch) -> None:
    creator = make.person()
    drafts.start_application(area=area, by=creator)
    monkeypatch.setattr(policies, "refuse_start", lambda *_args, **_more: None)
    with pytest.raises(Conflict, match="open application"):
        drafts.start_application(area=area, by=creator)
    assert Application.objects.count() == 1


def test_numbers_count_up_and_carry_the_year(area: KeyArea) -> None:
    first = drafts.start_application(area=area, by=make.person())
    second = drafts.start_application(area=area, by=make.person())
    assert first.number.startswith(f"A-{clock.today():%Y}-")
    assert int(second.number[-6:]) == int(first.number[-6:]) + 1


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN, Role.AUDITOR, Role.AREA_LEAD])
def test_only_creators_apply(area: KeyArea, role: str) -> None:
    with pytest.raises(NotAllowed):
        drafts.start_application(area=area, by=make.person(role))


def test_an_agent_applies_by_mandate_and_never_touches_papers(area: KeyArea) -> None:
    agency, creator = make.agency(), make.person()
    agent = make.person(Role.AGENT, agency=agency)
    with pytest.raises(NotAllowed, match="not hold a mandate"):
        drafts.start_application(area=area, by=agent, applicant=creator)
    Mandate.objects.create(creator=creator, agency=agency, ends_at=clock.now() + timedelta(days=1))
    application = drafts.start_application(area=area, by=agent, applicant=creator)
    drafts.save_application_draft(application=application, by=agent, texts={"claims": "Apples"})
    kind = CredentialType.objects.get(code="practice-work")
    with pytest.raises(NotAllowed, match="Only the applicant"):
        drafts.declare_credential(application=application, by=agent, kind=kind)
    assert policies.refuse_documents(application, agent) is not None
    with clock.freeze_time(clock.now() + timedelta(days=2)), pytest.raises(NotAllowed, match="someone else"):
        drafts.save_application_draft(application=application, by=agent, texts={"claims": "Pears"})


def test_a_stranger_changes_nothing(area: KeyArea) -> None:
    application = make.draft()
    with pytest.raises(NotAllowed, match="someone else"):
        drafts.save_application_draft(application=application, by=make.person(), texts={"claims": "Mine"})
    assert make.fresh(application).claims == "Everything about it"


def test_a_text_that_is_too_long_is_named_and_nothing_is_cut(area: KeyArea) -> None:
    application = make.draft()
    with pytest.raises(Invalid) as refused:
        drafts.save_application_draft(
            application=application, by=application.applicant, texts={"claims": "x" * 161, "public_name": "A"}
        )
    assert list(refused.value.fields) == ["claims"]
    assert make.fresh(application).claims == "Everything about it"


def test_a_number_is_kept_encrypted_and_shown_masked() -> None:
    application = make.draft("cn-law")
    credential = make.declare(application, "cn-lawyer", "1110 1200 4102 3456 7")
    row = Credential.objects.values().get(pk=credential.pk)
    assert "11101200410234567" not in str(row)
    assert row["identifier_masked"].endswith("567")
    assert applications.reveal_credential_number(credential=credential, by=application.applicant) == "11101200410234567"


def test_reading_a_number_leaves_a_trace_and_needs_the_case() -> None:
    application = make.application(State.IN_REVIEW, "cn-law")
    credential = application.credentials.get()
    with pytest.raises(NotAllowed):
        applications.reveal_credential_number(credential=credential, by=make.reviewer())
    reviewer, _case = make.claim(application)
    credential = make.fresh(application).credentials.get()
    applications.reveal_credential_number(credential=credential, by=reviewer)
    events = [event.event for event in trail.events_of(application.chain)]
    assert events[-1] == "certification.credential.revealed"


def test_declaring_again_without_a_number_keeps_the_number() -> None:
    application = make.draft("cn-law")
    before = application.credentials.get()
    kind = before.type
    drafts.declare_credential(application=application, by=application.applicant, kind=kind, facts={"issuer": "Beijing"})
    after = application.credentials.get()
    assert (after.fingerprint, after.issuer) == (before.fingerprint, "Beijing")


def test_dates_out_of_order_are_refused() -> None:
    application = make.draft("cn-law")
    today = clock.today()
    facts = {"issued_on": today, "expires_on": today - timedelta(days=1)}
    kind = CredentialType.objects.get(code="cn-lawyer")
    with pytest.raises(Invalid, match="before the date of issue"):
        drafts.declare_credential(application=application, by=application.applicant, kind=kind, facts=facts)


def test_the_same_file_twice_is_one_document() -> None:
    application = make.draft()
    credential = application.credentials.earliest("pk")
    document = credential.documents.get()
    again = drafts.attach_document(
        application=application, by=application.applicant, kind=document.kind, file=document.file, credential=credential
    )
    assert again.pk == document.pk


def test_another_persons_file_is_refused() -> None:
    application = make.draft()
    with pytest.raises(NotAllowed, match="not uploaded for this"):
        drafts.attach_document(
            application=application, by=application.applicant, kind="practice", file=make.paper(make.person())
        )


def test_what_was_handed_in_cannot_be_changed() -> None:
    application = make.application(State.SUBMITTED)
    with pytest.raises(NotAllowed, match="can no longer be changed"):
        drafts.save_application_draft(application=application, by=application.applicant, texts={"claims": "Other"})


def test_a_form_from_an_old_tab_finds_the_application_handed_in() -> None:
    application = make.draft()
    make.submit(make.fresh(application))
    with pytest.raises(Conflict, match="submitted in the meantime"):
        drafts.save_application_draft(application=application, by=application.applicant, texts={"claims": "Other"})


def test_a_paper_that_was_handed_in_is_set_aside_not_deleted() -> None:
    application = make.application(State.INFO_REQUESTED)
    document = application.documents.current().first()
    assert document is not None
    drafts.detach_document(document=document, by=application.applicant)
    document.refresh_from_db()
    assert document.replaced_at is not None
    assert document not in application.documents.current()


def test_an_idle_draft_goes_after_thirty_days_and_its_files_with_it() -> None:
    idle, alive = make.draft(), make.draft()
    papers = [document.file_id for document in idle.documents.all()]
    with clock.freeze_time(clock.now() + timedelta(days=20)):
        drafts.save_application_draft(application=alive, by=alive.applicant, texts={"claims": "Still writing"})
    with clock.freeze_time(clock.now() + timedelta(days=31)):
        assert drafts.purge_idle_applications() == 1
        assert drafts.purge_idle_applications() == 0
        due = EvidenceFile.objects.filter(purge_at__lte=clock.now()).values_list("pk", flat=True)
        assert set(papers) <= set(due)
    assert list(Application.objects.all()) == [alive]


def test_discarding_a_draft_makes_room_for_another() -> None:
    application = make.draft()
    drafts.discard_application_draft(application=application, by=application.applicant)
    assert drafts.start_application(area=application.area, by=application.applicant).pk != application.pk


def test_the_kind_of_applicant_stays_after_handing_in() -> None:
    application = make.application(State.INFO_REQUESTED)
    other = ApplicantCategory.objects.get(code="organisation")
    with pytest.raises(Conflict):
        drafts.save_application_draft(application=application, by=application.applicant, category=other)
