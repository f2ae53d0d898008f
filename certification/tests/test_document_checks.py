"""What a machine found on documents, as the results of checks: they flag, and decide nothing."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from certification import checks, policies
from certification.actions import applications, checking, drafts, reading
from certification.models import (
    Application,
    Check,
    CheckKind,
    CheckMethod,
    CheckResult,
    Document,
    DocumentKind,
    PageHash,
    PaperReading,
)
from certification.tests import factories as make
from certification.views import reviewer_context
from portal import clock
from portal.engines import papers
from portal.engines.papers import Field, FieldKind, Hint, HintKind, child
from portal.engines.papers.tests.test_hints import BOX as PASTED
from portal.engines.papers.tests.test_hints import forged, saved
from portal.evidence.actions import files, retention
from portal.evidence.models import EvidenceFile, EvidencePage
from portal.jobs import registry, runner
from portal.jobs.models import Job, JobState
from portal.reviews.tests.factories import case_url
from portal.testing.shared import Enter

READ, TYPED = "12345678901234567", "12345678901234568"
BOX = ((10, 20), (110, 20), (110, 60), (10, 60))
EXAMINED = Hint(HintKind.EXAMINED)
PART = Hint(HintKind.SAVED_BEFORE, "", (0.1, 0.25, 0.2, 0.1))


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:
    make.reference()


@pytest.fixture
def draft() -> Application:
    """A lawyer's draft with a mistyped number."""
    made = make.draft("cn-law", make.person(display_name="Li Ming"))
    credential = made.credentials.select_related("type", "application").get()
    make.declare(made, credential.type.code, TYPED)
    return made


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The hash of every page, and the signs of editing of every picture; tests change it."""
    seen: dict[str, Any] = {"hash": (), "hints": [EXAMINED]}

    def read_page(_data: bytes, **_bounds: Any) -> papers.PageReading:
        return papers.PageReading(900, 640, (), (Field(FieldKind.NUMBER, READ, BOX, 0.97, certain=True),), seen["hash"])

    monkeypatch.setattr(papers, "read_page", read_page)
    monkeypatch.setattr(papers, "inspect_picture", lambda _data, **_bounds: seen["hints"])
    return seen


def outcome(application: Application, kind: CheckKind) -> tuple[str, str]:
    """Result and finding of a check, the same for all documents, once the application was handed in."""
    make.submit(application)
    make.run_jobs()
    [outcome] = set(application.checks.filter(kind=kind).values_list("result", "finding"))
    return outcome


def test_a_page_of_somebody_else_is_flagged_though_its_bytes_are_others(
    draft: Application, seen: dict[str, Any]
) -> None:
    seen["hash"] = (2**64 - 1, 1, 2, 3)
    make.draft("cn-law")
    make.run_jobs()
    seen["hash"] = (2**64 - 1, 1, 2, 3 ^ 0b1111)
    make.declare(draft, "cn-lawyer", TYPED)
    make.submit(draft)
    make.run_jobs()
    assert draft.checks.filter(kind=CheckKind.DOCUMENT_LOOKALIKE, finding="page.alike", result="fail").exists()
    assert make.fresh(draft).state == "in_review"


BY_READING = {CheckKind.DOCUMENT_LOOKALIKE, CheckKind.DOCUMENT_EDITED, CheckKind.DOCUMENT_COMPARED}


@pytest.fixture
def waiting(draft: Application, seen: dict[str, Any]) -> Application:
    """An application that was handed in, with a page of another account that nobody has read yet."""
    seen["hash"] = (5, 1, 2, 3)
    make.run_jobs()
    seen["hash"] = (2**64 - 1, 1, 2, 3)
    make.draft("cn-law")
    make.run_jobs()
    make.declare(draft, "cn-lawyer", READ)
    make.submit(draft)
    return draft


def run_all_but_reading(*minutes: float) -> None:
    """Run what is due so many minutes from now, one after the other; papers wait for their turn."""
    start = clock.now()
    for passed in minutes:
        with clock.freeze_time(start + timedelta(minutes=passed)):
            runner.run_due_jobs(registry.kinds.keys() - {reading.READ_JOB})


def test_a_page_that_is_read_hours_later_is_compared_before_anybody_decides(waiting: Application) -> None:
    run_all_but_reading(0)
    for job in Job.objects.filter(kind=checking.CHECK_JOB, state=JobState.QUEUED):
        Job.objects.filter(pk=job.pk).update(payload={**job.payload, "looks": 200})
    run_all_but_reading(2, 60, 180)
    assert make.fresh(waiting).state == "verifying"
    assert not waiting.checks.filter(finding="file.not_ready").exists()
    with clock.freeze_time(clock.now() + timedelta(minutes=200)):
        make.run_jobs()
    application = make.fresh(waiting)
    assert (application.state, application.case is not None) == ("in_review", True)
    assert "fail:document_lookalike" in application.case.reasons  # type: ignore[union-attr]
    [alike] = [row for row in waiting.checks.latest_results() if row.finding == "page.alike"]
    assert alike.document == waiting.documents.latest("pk")


def test_a_reading_that_is_given_up_ends_the_wait(waiting: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "read_page", lambda _data: 1 / 0)
    start = clock.now()
    for minutes in range(0, 40, 2):
        with clock.freeze_time(start + timedelta(minutes=minutes)):
            make.run_jobs()
    assert make.fresh(waiting).state == "in_review"
    last = waiting.checks.get(kind=CheckKind.DOCUMENT_LOOKALIKE, document=waiting.documents.latest("pk"))
    assert (last.result, last.finding) == (CheckResult.INCONCLUSIVE, "page.plain")


def test_checks_wait_a_quarter_of_an_hour_where_no_job_reads_the_file(waiting: Application) -> None:
    run_all_but_reading(0)
    Job.objects.filter(kind=reading.READ_JOB, state=JobState.QUEUED).update(state=JobState.FAILED)
    run_all_but_reading(*range(1, 14))
    assert make.fresh(waiting).state == "verifying"
    run_all_but_reading(*range(14, 22))
    assert make.fresh(waiting).state == "in_review"
    unread = waiting.checks.filter(finding="file.not_ready")
    assert set(unread.values_list("kind", flat=True)) == BY_READING


@pytest.fixture
def ended(waiting: Application) -> Application:
    """An application in review whose checks ended before its document was read, which it is by now."""
    run_all_but_reading(0)
    Job.objects.filter(kind=reading.READ_JOB, state=JobState.QUEUED).update(state=JobState.FAILED)
    run_all_but_reading(*range(1, 22))
    assert checking.enqueue_late_checks() == 0
    Job.objects.filter(kind=reading.READ_JOB, state=JobState.FAILED).update(state=JobState.QUEUED, attempts=0)
    make.run_jobs()
    return make.fresh(waiting)


def test_checks_that_ended_before_the_file_was_read_are_made_again(ended: Application) -> None:
    assert ended.case is not None
    assert "inconclusive:document_lookalike" in ended.case.reasons
    version = ended.case.version
    assert checking.enqueue_late_checks() == len(BY_READING)
    make.run_jobs()
    latest = {row.kind: row for row in ended.checks.latest_results() if row.kind in BY_READING}
    assert {row.method for row in latest.values()} == {CheckMethod.RECOMPUTED}
    assert (latest[CheckKind.DOCUMENT_LOOKALIKE].finding, latest[CheckKind.DOCUMENT_COMPARED].finding) == (
        "page.alike",
        "read.same",
    )
    ended.case.refresh_from_db()
    assert "fail:document_lookalike" in ended.case.reasons
    assert "inconclusive:document_lookalike" not in ended.case.reasons
    assert ended.case.version == version + len(BY_READING)
    assert checking.enqueue_late_checks() == 0
    Job.objects.filter(kind=checking.LATE_CHECK_JOB).update(state=JobState.QUEUED)
    make.run_jobs()
    assert ended.checks.filter(method=CheckMethod.RECOMPUTED).count() == len(BY_READING)


def test_a_check_of_the_whole_application_waits_for_all_of_its_documents(ended: Application) -> None:
    Check.objects.create(
        application=ended, round=2, kind=CheckKind.HISTORY, method="computed", finding="file.not_ready"
    )
    late = Check.objects.filter(kind=CheckKind.HISTORY).file_now_ready()
    assert late.count() == 1
    read = PaperReading.objects.filter(file__documents__application=ended).latest("pk")
    read.fields.all().delete()
    read.delete()
    assert late.count() == 0


def test_a_check_is_not_made_again_after_the_decision(ended: Application) -> None:
    assert checking.enqueue_late_checks() == len(BY_READING)
    applications.withdraw_application(application=ended, by=ended.applicant)
    make.run_jobs()
    assert not ended.checks.filter(method=CheckMethod.RECOMPUTED).exists()
    assert checking.enqueue_late_checks() == 0


def test_checks_that_wait_look_less_and_less_often(waiting: Application) -> None:
    run_all_but_reading(*(minutes / 6 for minutes in range(60)))
    planned = [key for key in make.fresh(waiting).planned_checks if key.split(":")[0] in BY_READING]
    assert 0 < Job.objects.filter(kind=checking.CHECK_JOB, payload__has_key="looks").count() <= 14 * len(planned)


def test_a_page_that_differs_in_many_bits_is_another(draft: Application, seen: dict[str, Any]) -> None:
    seen["hash"] = (0, 1, 2, 3)
    make.draft("cn-law")
    make.run_jobs()
    PageHash.objects.filter(file__owner=draft.applicant).update(word_0=2**20 - 1)
    assert outcome(draft, CheckKind.DOCUMENT_LOOKALIKE) == ("pass", "page.unlike")


def test_ones_own_page_again_is_no_flag(draft: Application, seen: dict[str, Any]) -> None:
    seen["hash"] = (5, 1, 2, 3)
    make.run_jobs()
    make.draft("cn-crafts", draft.applicant)
    assert outcome(draft, CheckKind.DOCUMENT_LOOKALIKE) == ("pass", "page.unlike")


def test_a_hash_stays_when_its_file_is_purged(draft: Application, seen: dict[str, Any]) -> None:
    seen["hash"] = (5, 1, 2, 3)
    make.run_jobs()
    file = draft.documents.current()[0].file
    retention.evidence_retention.purge(EvidenceFile.objects.filter(pk=file.pk), by=None)
    assert PageHash.objects.filter(file=file).exists()


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        ([EXAMINED], ("pass", "edits.none")),
        ([], ("inconclusive", "edits.metadata_only")),
        ([Hint(HintKind.EDITOR, "gimp")], ("inconclusive", "edits.editor")),
        ([Hint(HintKind.EDITOR, "gimp"), EXAMINED], ("inconclusive", "edits.editor")),
        ([Hint(HintKind.SAVED_BEFORE, "", (0.1, 0.1, 0.2, 0.1)), EXAMINED], ("inconclusive", "edits.part")),
    ],
    ids=["none", "metadata", "editor", "editor_and_examined", "part"],
)
def test_signs_of_editing_leave_the_check_open(
    draft: Application, seen: dict[str, Any], hints: list[Hint], expected: tuple[str, str]
) -> None:
    seen["hints"] = hints
    assert outcome(draft, CheckKind.DOCUMENT_EDITED) == expected
    assert make.fresh(draft).state == "in_review"


def test_a_certain_value_that_is_not_the_declared_one_fails_the_comparison(
    draft: Application, seen: dict[str, Any]
) -> None:
    assert outcome(draft, CheckKind.DOCUMENT_COMPARED) == ("fail", "read.other")
    assert make.fresh(draft).state == "in_review"


def test_what_was_not_read_is_inconclusive(draft: Application) -> None:
    assert outcome(draft, CheckKind.DOCUMENT_COMPARED) == ("inconclusive", "read.nothing")


@pytest.mark.parametrize("kind", [kind for kind in DocumentKind if kind != DocumentKind.PRACTICE])
def test_every_document_is_looked_at_for_likeness_and_editing(
    draft: Application, seen: dict[str, Any], kind: DocumentKind
) -> None:
    number = planned(draft, kind)
    assert {CheckKind.DOCUMENT_LOOKALIKE, CheckKind.DOCUMENT_EDITED} <= number
    assert CheckKind.DOCUMENT_COMPARED not in number


def test_photos_of_ones_work_are_not_looked_at(draft: Application, seen: dict[str, Any]) -> None:
    looked = {CheckKind.DOCUMENT_LOOKALIKE, CheckKind.DOCUMENT_EDITED, CheckKind.DOCUMENT_COMPARED}
    assert not looked & planned(draft, DocumentKind.PRACTICE)


def planned(application: Application, kind: DocumentKind) -> set[str]:
    """The checks of a document without a credential."""
    document = Document.objects.create(
        application=application, kind=kind, file=make.paper(application.applicant, kind.value)
    )
    keys = [key.split(":") for key in checks.plan_checks(application)]
    return {check for check, _credential, pk in keys if pk == str(document.pk)}


class TestPlaces:
    """Parts with signs of editing, as the reviewer's viewer draws them."""

    @pytest.mark.parametrize(
        ("hints", "parts"),
        [
            ([PART, EXAMINED], ["90,160 270,160 270,224 90,224"]),
            ([EXAMINED], []),
            ([PART], []),  # of a release whose places refer to the picture as it was stored
            (None, []),
        ],
        ids=["part", "none", "earlier", "not_looked"],
    )
    def test_a_part_is_drawn_where_it_lies_on_the_page(
        self, draft: Application, hints: list[Hint] | None, parts: list[str]
    ) -> None:
        make.run_jobs()
        file = draft.documents.current()[0].file
        kept = None if hints is None else [asdict(hint) for hint in hints]
        PaperReading.objects.filter(file=file).update(hints=kept)
        assert edited_parts(file) == parts

    def test_a_part_of_a_turned_photo_is_drawn_on_the_upright_page(
        self, draft: Application, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(papers, "inspect_picture", child.inspect_picture)
        exif = Image.Exif()
        exif[0x0112] = 6  # the camera was held upright: turned clockwise to be shown
        photo = ContentFile(saved(forged(), 92, exif=exif), name="photo.jpg")
        file = files.store_file(photo, by=draft.applicant, purpose=policies.DOCUMENT_PURPOSE)
        drafts.attach_document(application=draft, by=draft.applicant, kind="other", file=file)
        make.run_jobs()
        page = EvidencePage.objects.get(file=file)
        assert page.width > page.height
        [points] = edited_parts(file)
        corners = [tuple(map(int, point.split(","))) for point in points.split()]
        # The part, a quarter turn clockwise: its top and bottom are now its right and left.
        scale = page.width / 1200
        assert all((1200 - PASTED[3] - 16) * scale <= x <= (1200 - PASTED[1] + 16) * scale for x, _ in corners)
        assert all((PASTED[0] - 16) * scale <= y <= (PASTED[2] + 16) * scale for _, y in corners)

    def test_the_viewer_names_what_it_draws(self, draft: Application, seen: dict[str, Any], enter: Enter) -> None:
        seen["hints"] = [PART, EXAMINED]
        make.submit(draft)
        make.run_jobs()
        user, case = make.claim(draft)
        desk, address = enter(user), case_url(case, "", product="certification")
        desk.get(address)
        runner.run_due_jobs(["evidence.mark"])
        file = draft.documents.current()[0].file
        for content in (
            desk.get(address).content.decode(),
            desk.get(reverse("evidence:viewer", args=[file.pk])).content.decode(),
        ):
            assert '<polygon points="90,160 270,160 270,224 90,224" class="is-edited">' in content
            assert '<p class="page-legend is-edited">Part that was saved at another quality</p>' in content
        own = enter(draft.applicant).get(reverse("evidence:viewer", args=[file.pk])).content.decode()
        assert "is-edited" not in own


def edited_parts(file: EvidenceFile) -> list[str]:
    """The corners of the parts that the viewer draws on the pages of a file."""
    file = EvidenceFile.objects.get(pk=file.pk)
    reviewer_context.frame_read_values(file)
    return [points for page in file.pages.all() for points in page.edited_parts]  # type: ignore[attr-defined]
