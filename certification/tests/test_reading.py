"""Papers read by the job: once, whatever dies; kept encrypted; offered to the applicant, shown to the reviewer."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from certification import checks, readings, specimens
from certification.actions import drafts, reading
from certification.models import (
    Application,
    CheckKind,
    Credential,
    Document,
    PaperReading,
    ReadField,
    ReadKind,
)
from certification.tests import factories as make
from portal import clock, vault
from portal.engines import papers
from portal.engines.papers import Field, FieldKind
from portal.errors import NotAllowed
from portal.evidence.actions import files, retention
from portal.evidence.models import EvidenceFile
from portal.jobs import runner
from portal.jobs.models import Job
from portal.people.models import User
from portal.reviews.tests.factories import case_url
from portal.testing.reading import page_text
from portal.testing.shared import Enter

READ = "12345678901234567"
TYPED = "12345678901234568"
BOX = ((10, 20), (110, 20), (110, 60), (10, 60))


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:
    make.reference()


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Field]:
    """What the machine finds on every page; tests fill it."""
    fields: list[Field] = []

    def read_page(_data: bytes, **_bounds: Any) -> papers.PageReading:
        return papers.PageReading(900, 640, (), tuple(fields))

    monkeypatch.setattr(papers, "read_page", read_page)
    return fields


@pytest.fixture
def creator() -> User:
    return make.person(display_name="Li Ming")


@pytest.fixture
def draft(creator: User) -> Application:
    """A lawyer's draft with a mistyped number."""
    made = make.draft("cn-law", creator)
    credential = made.credentials.select_related("type", "application").get()
    make.declare(made, credential.type.code, TYPED)
    return made


def number(value: str = READ, *, certain: bool = True) -> Field:
    return Field(FieldKind.NUMBER, value, BOX, 0.97, certain)


def credential_of(application: Application) -> Credential:
    return application.credentials.select_related("type", "application").get()


def offered(application: Application) -> ReadField:
    """The first value that the applicant is asked about."""
    pk = readings.open_offers(application)[0].field_id
    assert pk is not None
    return ReadField.objects.get(pk=pk)


def compared(application: Application) -> readings.Comparison:
    rows = readings.fields_by_credential(application)
    credential = credential_of(application)
    return readings.compare_credential(credential, rows.get(credential.pk, ()), ())[0]


def test_a_paper_is_read_once_its_pages_are_drawn(draft: Application, found: list[Field]) -> None:
    found.append(number())
    make.run_jobs()
    row = compared(draft)
    assert (row.declared, row.read, row.certain, row.agreement) == (TYPED, READ, True, readings.Agreement.DIFFERS)


def test_the_value_lies_encrypted_and_in_no_job(draft: Application, found: list[Field]) -> None:
    found.append(number())
    make.run_jobs()
    rows = ReadField.objects.all()
    assert rows
    assert all(READ not in row.value_sealed for row in rows)
    assert {readings.read_value(row) for row in rows} == {READ}
    assert READ not in json.dumps([[job.payload, job.key, job.error] for job in Job.objects.all()])
    first, second = rows[0], rows[1]
    with pytest.raises(vault.Tampered):
        vault.decrypt_text(first.value_sealed, bound_to=second.bound_to)


def test_a_job_that_runs_again_leaves_what_is_there(draft: Application, found: list[Field]) -> None:
    found.append(number())
    make.run_jobs()
    before = list(ReadField.objects.values_list("pk", flat=True))
    found[:] = [number("11111111111111111")]
    for job in Job.objects.filter(kind=reading.READ_JOB):
        Job.objects.filter(pk=job.pk).update(state="queued", finished_at=None)
    make.run_jobs()
    assert list(ReadField.objects.values_list("pk", flat=True)) == before


def test_a_page_that_cannot_be_read_ends_as_failed_and_stops_nothing(
    draft: Application, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_data: bytes, **_bounds: Any) -> papers.PageReading:
        raise papers.Refused("too_heavy")

    monkeypatch.setattr(papers, "read_page", refuse)
    make.run_jobs()
    assert set(PaperReading.objects.values_list("state", flat=True)) == {"failed"}
    make.submit(draft)
    make.run_jobs()
    assert make.fresh(draft).case is not None


def test_a_job_given_up_says_so(draft: Application) -> None:
    file = EvidenceFile.objects.first()
    assert file is not None
    PaperReading.objects.all().delete()
    reading.give_up_reading({"file": str(file.pk)})
    assert PaperReading.objects.get(file=file).state == "failed"


def test_files_of_other_purposes_are_not_read(creator: User, found: list[Field]) -> None:
    file = files.store_file(specimens.specimen_document("x", "y"), by=creator, purpose="test.other")
    make.run_jobs()
    assert not PaperReading.objects.filter(file=file).exists()


def test_values_go_with_their_file(draft: Application, found: list[Field]) -> None:
    found.append(number())
    make.run_jobs()
    file = draft.documents.current()[0].file
    retention.evidence_retention.purge(EvidenceFile.objects.filter(pk=file.pk), by=None)
    assert not ReadField.objects.filter(reading__file=file).exists()
    assert PaperReading.objects.filter(file=file).exists()


def test_a_file_purged_while_it_is_read_keeps_no_value(draft: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    def purge_meanwhile(_data: bytes, **_bounds: Any) -> papers.PageReading:
        for file in EvidenceFile.objects.filter(purged_at=None):
            retention.evidence_retention.purge(EvidenceFile.objects.filter(pk=file.pk), by=None)
        return papers.PageReading(900, 640, (), (number(),))

    monkeypatch.setattr(papers, "read_page", purge_meanwhile)
    make.run_jobs()
    assert not ReadField.objects.exists()


def test_a_number_without_the_form_of_its_type_is_not_certain(draft: Application, found: list[Field]) -> None:
    found.append(number("1234"))
    make.run_jobs()
    assert not compared(draft).certain


def test_the_day_of_a_first_issue_is_offered_as_not_certain_where_there_is_no_other(
    draft: Application, creator: User, found: list[Field]
) -> None:
    first = Field(FieldKind.FIRST_ISSUE, "2010-02-02", BOX, 0.95, certain=True)
    found += [number(TYPED), first]
    make.run_jobs()
    [offer] = readings.open_offers(draft)
    assert (offer.kind, offer.read, offer.certain) == (ReadKind.ISSUED_ON, "2010-02-02", False)
    reading.use_read_value(application=draft, by=creator, value=offered(draft))
    assert str(credential_of(draft).issued_on) == "2010-02-02"
    assert readings.open_offers(draft) == []


def test_names_are_the_same_in_traditional_and_simplified_characters(draft: Application, found: list[Field]) -> None:
    credential = credential_of(draft)
    make.declare(draft, credential.type.code, READ, name_on_document="欧阳芳")
    found += [number(), Field(FieldKind.NAME, "歐陽芳", BOX, 0.97, certain=True)]
    make.run_jobs()
    rows = readings.fields_by_credential(draft)
    agreements = {
        row.kind: row.agreement for row in readings.compare_credential(credential_of(draft), rows[credential.pk], ())
    }
    assert agreements[ReadKind.NAME] == readings.Agreement.SAME
    assert agreements[ReadKind.NUMBER] == readings.Agreement.SAME


class TestOffers:
    def test_what_was_read_otherwise_is_offered_and_used_only_when_chosen(
        self, draft: Application, creator: User, found: list[Field], enter: Enter
    ) -> None:
        found.append(number())
        make.run_jobs()
        desk = enter(creator)
        text = page_text(desk.get(f"/certification/applications/{draft.number}/check/"))
        assert f"We read {READ}." in text
        assert f"You typed {TYPED}." in text
        assert readings.declared_number(credential_of(draft)) == TYPED
        field = readings.open_offers(draft)[0].field_id
        desk.post(f"/certification/applications/{draft.number}/evidence/", {"use_read": field})
        assert readings.declared_number(credential_of(draft)) == READ
        assert not readings.open_offers(draft)

    def test_what_was_typed_can_be_kept_and_is_not_asked_about_again(
        self, draft: Application, creator: User, found: list[Field], enter: Enter
    ) -> None:
        found.append(number())
        make.run_jobs()
        desk = enter(creator)
        page = f"/certification/applications/{draft.number}/evidence/"
        assert f"We read {READ}." in page_text(desk.get(page))
        desk.post(page, {"keep_read": readings.open_offers(draft)[0].field_id})
        assert readings.declared_number(credential_of(draft)) == TYPED
        assert f"We read {READ}." not in page_text(desk.get(page))

    def test_a_date_that_was_not_typed_is_offered(self, draft: Application, found: list[Field]) -> None:
        found.append(Field(FieldKind.ISSUED_ON, "2019-12-12", BOX, 0.97, certain=True))
        make.run_jobs()
        [offer] = readings.open_offers(draft)
        assert offer.kind == ReadKind.ISSUED_ON
        row = offered(draft)
        reading.use_read_value(application=draft, by=draft.applicant, value=row)
        assert str(credential_of(draft).issued_on) == "2019-12-12"

    def test_a_value_that_is_not_certain_never_stands_against_what_was_typed(
        self, draft: Application, found: list[Field]
    ) -> None:
        found.append(number(certain=False))
        make.run_jobs()
        assert not readings.open_offers(draft)

    def test_nobody_else_can_use_it(self, draft: Application, found: list[Field], enter: Enter) -> None:
        found.append(number())
        make.run_jobs()
        field = offered(draft)
        stranger = make.person()
        with pytest.raises(NotAllowed):
            reading.use_read_value(application=draft, by=stranger, value=field)
        page = f"/certification/applications/{draft.number}/evidence/"
        assert enter(stranger).post(page, {"use_read": field.pk}).status_code == 404

    def test_a_value_of_another_application_is_not_used(self, draft: Application, found: list[Field]) -> None:
        found.append(number())
        other = make.draft("cn-law")
        make.run_jobs()
        field = offered(draft)
        before = readings.declared_number(credential_of(other))
        reading.use_read_value(application=other, by=other.applicant, value=field)
        assert readings.declared_number(credential_of(other)) == before


class TestDatesOfProofs:
    """Where proof must be recent, the date declared for a document stands beside the one that was read on it."""

    @pytest.fixture
    def proof(self, draft: Application, found: list[Field]) -> Document:
        """A certificate of employment that is older than it is said to be."""
        code = specimens.specimen_social_credit_code(make._random)
        credential = make.declare(draft, "cn-employment", code, name_on_document="")
        found.append(Field(FieldKind.ISSUED_ON, "2019-12-12", BOX, 0.97, certain=True))
        make.run_jobs()
        return credential.documents.get()

    def test_the_date_that_was_read_is_offered_and_dates_the_document(self, proof: Document) -> None:
        [offer] = date_offers(proof)
        assert (offer.declared_date, str(offer.read_date)) == (proof.dated_on, "2019-12-12")
        answer_date(proof, reading.use_read_value)
        proof.refresh_from_db()
        assert str(proof.dated_on) == "2019-12-12"
        assert not date_offers(proof)

    def test_all_files_of_the_document_get_the_date_as_in_the_form(self, proof: Document) -> None:
        draft = proof.application
        back = drafts.attach_document(
            application=draft,
            by=draft.applicant,
            kind=proof.kind,
            file=make.paper(draft.applicant),
            credential=proof.credential,
            dated_on=proof.dated_on,
        )
        answer_date(proof, reading.use_read_value)
        back.refresh_from_db()
        assert str(back.dated_on) == "2019-12-12"

    def test_the_typed_date_can_be_kept(self, proof: Document) -> None:
        answer_date(proof, reading.keep_typed_value)
        assert not date_offers(proof)

    def test_another_date_fails_the_comparison_and_stands_in_the_table(self, proof: Document, enter: Enter) -> None:
        draft = proof.application
        make.submit(draft)
        make.run_jobs()
        check = draft.checks.get(kind=CheckKind.DOCUMENT_COMPARED, document=proof)
        assert (check.result, check.finding) == ("fail", "read.other")
        assert draft.checks.get(kind=CheckKind.PROOF_AGE, document=proof).result == "pass"
        user, case = make.claim(draft)
        text = page_text(enter(user).get(case_url(case, "", product="certification")))
        assert "Date on the document (Proof of employment)" in text

    def test_the_date_that_was_read_passes_the_comparison(self, proof: Document, found: list[Field]) -> None:
        draft, day = proof.application, clock.today() - timedelta(days=3)
        found[:] = [Field(FieldKind.ISSUED_ON, day.isoformat(), BOX, 0.97, certain=True)]
        drafts.detach_document(document=proof, by=draft.applicant)
        again = drafts.attach_document(
            application=draft,
            by=draft.applicant,
            kind=proof.kind,
            file=make.paper(draft.applicant),
            credential=proof.credential,
            dated_on=day,
        )
        make.run_jobs()
        make.submit(draft)
        make.run_jobs()
        check = draft.checks.get(kind=CheckKind.DOCUMENT_COMPARED, document=again)
        assert (check.result, check.finding) == ("pass", "read.same")

    def test_letters_without_a_number_are_compared_and_photos_of_work_are_not(self, draft: Application) -> None:
        letter, photo = (
            make.declare(draft, code, "").documents.get().pk for code in ("practice-voucher", "practice-work")
        )
        make.submit(draft)
        keys = checks.plan_checks(make.fresh(draft))
        assert f"{CheckKind.DOCUMENT_COMPARED}::{letter}" in keys
        assert f"{CheckKind.PROOF_AGE}::{photo}" in keys
        assert f"{CheckKind.DOCUMENT_COMPARED}::{photo}" not in keys


def date_offers(proof: Document) -> list[readings.Comparison]:
    """What the applicant is asked about the date of a document."""
    return [row for row in readings.open_offers(proof.application) if row.document == proof]


def answer_date(proof: Document, answer: Callable[..., None]) -> None:
    """The applicant answers the offer of a document's date."""
    [offer] = date_offers(proof)
    assert offer.field_id is not None
    value = ReadField.objects.get(pk=offer.field_id)
    answer(application=proof.application, by=proof.application.applicant, value=value)


class TestReviewer:
    @pytest.fixture
    def case_client(self, draft: Application, found: list[Field], enter: Enter) -> Client:
        found.append(number())
        make.run_jobs()
        make.submit(draft)
        make.run_jobs()
        user, _case = make.claim(draft)
        return enter(user)

    def test_the_three_way_table_hides_numbers_until_they_are_opened(
        self, case_client: Client, draft: Application
    ) -> None:
        case = make.fresh(draft).case
        assert case is not None
        answer = case_client.get(case_url(case, "", product="certification"))
        text = page_text(answer)
        assert "Declared, read and registered" in text
        assert "page 1, certain (97 %)" in text
        assert "different" in text
        assert READ not in answer.content.decode()
        assert TYPED not in answer.content.decode()
        shown = case_client.post(case_url(case, f"number/{credential_of(draft).pk}/", product="certification"))
        assert READ in page_text(shown)
        assert TYPED in page_text(shown)

    def test_values_are_framed_on_the_page(self, case_client: Client, draft: Application) -> None:
        case = make.fresh(draft).case
        assert case is not None
        address = case_url(case, "", product="certification")
        case_client.get(address)
        runner.run_due_jobs(["evidence.mark"])
        content = case_client.get(address).content.decode()
        assert '<polygon points="10,20 110,20 110,60 10,60" class="is-certain">' in content


def test_a_copy_of_ones_data_holds_what_was_read(draft: Application, creator: User, found: list[Field]) -> None:
    from portal.privacy import table

    found.append(number())
    make.run_jobs()
    [row] = [row for row in table._rows if row.model == "certification.ReadField"]
    assert {row.read["value_sealed"](one) for one in row.rows_of(creator)} == {READ}
    assert not row.rows_of(make.person()).exists()
