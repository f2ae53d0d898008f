"""Step 4: everything once more, consent, handing in; deleting a draft."""

import hashlib
from datetime import timedelta

import pytest
from django.template.loader import get_template
from django.test import Client

from certification import policies
from certification.models import Application, Credential, CredentialType, PaperReading, ReadState
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.jobs.runner import run_due_jobs
from portal.people.models import User
from portal.testing.queries import assert_queries_do_not_grow
from portal.testing.reading import page_text
from portal.testing.shared import Enter


def url(draft: Application, step: str = "check") -> str:
    return f"/certification/applications/{draft.number}/{step}/"


def test_what_becomes_public_and_what_never_does_is_said(desk: Client, draft: Application) -> None:
    text = page_text(desk.get(url(draft)))
    assert text.index("Public once you are certified") < text.index("Lawyer: practising licence checked")
    assert text.index("Never public") < text.index("Li Ming", text.index("Never public"))


def test_without_consent_nothing_is_sent(desk: Client, draft: Application) -> None:
    answer = desk.post(url(draft), {})
    assert answer.status_code == 422
    assert "Please agree to the check of your documents." in page_text(answer)
    assert make.fresh(draft).state == State.DRAFT


def test_handing_in_leads_to_the_status_page_and_a_second_click_too(desk: Client, draft: Application) -> None:
    for _ in range(2):
        assert desk.post(url(draft), {"consent": "on"})["Location"] == draft.get_absolute_url()
    assert make.fresh(draft).state == State.SUBMITTED


def test_what_is_missing_is_said_with_the_way_to_it(desk: Client, draft: Application) -> None:
    draft.documents.all().delete()
    answer = desk.get(url(draft))
    assert "please add the document" in page_text(answer)
    assert url(draft, "evidence") in answer.content.decode()
    assert desk.post(url(draft), {"consent": "on"}).status_code == 422
    assert make.fresh(draft).state == State.DRAFT


def test_an_agent_hands_in_and_stands_in_the_record(enter: Enter, agent: User, draft: Application) -> None:
    assert enter(agent).post(url(draft), {"consent": "on"}).status_code == 302
    assert Application.objects.get(pk=draft.pk).submitted_by == agent


def test_a_draft_is_deleted_only_when_asked_twice(desk: Client, draft: Application) -> None:
    assert desk.get(url(draft, "discard")).status_code == 200
    assert Application.objects.filter(pk=draft.pk).exists()
    assert desk.post(url(draft, "discard"))["Location"] == "/certification/"
    assert not Application.objects.filter(pk=draft.pk).exists()
    assert desk.post(url(draft, "discard")).status_code == 404


def test_another_persons_is_not_there(enter: Enter, stranger: User, draft: Application) -> None:
    for step in ("check", "discard"):
        assert enter(stranger).post(url(draft, step), {"consent": "on"}).status_code == 404
    assert make.fresh(draft).state == State.DRAFT


class TestConsentText:
    """What the applicant agrees to is what is done, and another text has another version."""

    def test_the_text_has_the_version_that_is_recorded(self) -> None:
        source = get_template("certification/creator/_consent_text.html").template.source  # type: ignore[attr-defined]
        digest = hashlib.sha256(" ".join(source.split()).encode()).hexdigest()[:16]
        recorded = (policies.CONSENT_VERSION, digest)
        assert recorded == ("2026-11-30", "2ccb4c6ebe058bf1"), "raise CONSENT_VERSION with the words, then this pair"

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_it_names_the_days_for_which_documents_are_kept(
        self, desk: Client, draft: Application, language: str
    ) -> None:
        User.objects.update(language=language)
        answer = desk.get(url(draft))
        days = policies.DOCUMENT_RETENTION.days
        assert (f"deleted {days} days after" if language == "en" else f"{days} 天") in page_text(answer)

    @pytest.mark.parametrize(
        ("registry", "said"),
        [
            ("manual", "Looked up in the official register by a person: Lawyer"),
            ("file", "Looked up automatically in a copy of the official register: Lawyer"),
            ("http", "Looked up automatically in the official register over the network: Lawyer"),
            ("none", ""),
        ],
    )
    def test_it_says_how_registers_are_asked(self, desk: Client, draft: Application, registry: str, said: str) -> None:
        CredentialType.objects.update(registry=registry, register_code="somewhere")
        for place in (url(draft), f"/areas/{draft.area.code}/"):
            text = page_text(desk.get(place))
            assert said in text
            assert ("by a person: Lawyer" in text) is (registry == "manual")
        assert "read automatically" in page_text(desk.get(url(draft)))


class TestReadingProgress:
    """How far the reading of documents has come is said on the steps, which ask again."""

    def test_queued_files_are_being_read_until_they_are(self, desk: Client, draft: Application) -> None:
        run_due_jobs(["evidence.render"])
        for step in ("evidence", "check"):
            answer = desk.get(url(draft, step))
            assert "1 file is being read" in page_text(answer)
            assert "You can submit before that" in page_text(answer)
            assert 'hx-trigger="every 3s"' in answer.content.decode()
        run_due_jobs()
        for step in ("evidence", "check"):
            answer = desk.get(url(draft, step))
            assert "being read" not in page_text(answer)
            assert f"{url(draft, 'reading')}?seen" not in answer.content.decode()

    def test_the_part_answers_only_news(self, desk: Client, draft: Application) -> None:
        again = f"{url(draft, 'reading')}?seen=1-0-0"
        assert desk.get(again).status_code == 204
        run_due_jobs()
        assert desk.get(again).status_code == 200

    def test_a_file_that_could_not_be_read_is_named_to_its_owner_alone(
        self, desk: Client, draft: Application, enter: Enter, agent: User
    ) -> None:
        run_due_jobs()
        PaperReading.objects.update(state=ReadState.FAILED)
        file = draft.documents.get().file
        for step in ("evidence", "check"):
            text = page_text(desk.get(url(draft, step)))
            assert "1 file could not be read automatically" in text
            assert file.name in text
        text = page_text(enter(agent).get(url(draft)))
        assert "1 file could not be read automatically" in text
        assert file.name not in text

    def test_many_files_cost_as_many_queries_as_one(self, desk: Client, draft: Application) -> None:
        def add() -> None:
            make.declare(draft, "cn-lawyer", "")
            run_due_jobs()
            PaperReading.objects.update(state=ReadState.FAILED)

        add()
        assert_queries_do_not_grow(desk, url(draft, "reading"), add)

    def test_a_file_without_a_job_is_not_said_to_be_read(self, desk: Client, draft: Application) -> None:
        run_due_jobs()
        PaperReading.objects.all().delete()
        assert "being read" not in page_text(desk.get(url(draft)))


class TestOutdatedProofs:
    """What has ended or is too old is named before it can be submitted."""

    @pytest.fixture
    def credential(self, draft: Application) -> Credential:
        return draft.credentials.get()

    def test_an_ended_document_cannot_be_submitted(
        self, desk: Client, draft: Application, credential: Credential
    ) -> None:
        Credential.objects.update(expires_on=clock.today() - timedelta(days=1))
        answer = desk.post(url(draft), {"consent": "on"})
        assert "its end date has passed" in page_text(answer)
        assert f"#id_{credential.type.code}-expires_on" in answer.content.decode()
        assert make.fresh(draft).state == State.DRAFT

    def test_the_last_day_counts(self, desk: Client, draft: Application) -> None:
        Credential.objects.update(expires_on=clock.today())
        assert desk.post(url(draft), {"consent": "on"}).status_code == 302

    def test_the_form_refuses_an_end_date_that_has_passed(
        self, desk: Client, draft: Application, credential: Credential
    ) -> None:
        day = clock.today() - timedelta(days=1)
        answer = desk.post(url(draft, "evidence"), {f"{credential.type.code}-expires_on": day.isoformat(), "next": ""})
        assert answer.status_code == 422
        assert "This end date has passed" in page_text(answer)

    def test_a_document_that_is_too_old_cannot_be_submitted(
        self, desk: Client, draft: Application, credential: Credential
    ) -> None:
        CredentialType.objects.filter(pk=credential.type_id).update(max_age_of_proof=20)
        assert policies.application_gaps(draft) == []
        with clock.freeze_time(clock.now() + timedelta(days=1)):
            [gap] = policies.application_gaps(draft)
            assert gap.endswith("the document is older than 20 days. Please add a recent one.")
            field = f"{credential.type.code}-licence-dated_on"
            assert gap.field == field
            old = (clock.today() - timedelta(days=21)).isoformat()
            answer = desk.post(url(draft, "evidence"), {f"{credential.type.code}-issuer": "", field: old, "next": ""})
            assert "This document is older than 20 days" in page_text(answer)

    def test_what_was_in_time_when_it_was_submitted_does_not_keep_anybody_from_answering(
        self, draft: Application
    ) -> None:
        made = make.application(State.INFO_REQUESTED, "cn-crafts")
        Credential.objects.update(expires_on=clock.today() - timedelta(days=1))
        assert policies.application_gaps(made) == []
        make.declare(made, "practice-work", "", expires_on=clock.today() - timedelta(days=1))
        assert any("has passed" in gap for gap in policies.application_gaps(made))
