"""What pages say of a comparison: figures that were applied, no finding as a fact, and why pictures are missing."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from complaints.actions import comparison_evidence
from complaints.models import Complaint, Grade, MatchSegment
from complaints.states import ComplaintState as State
from complaints.tests import engine
from complaints.tests import factories as make
from complaints.views import grades, videos
from complaints.wording import evidence_texts
from portal.engines.fingerprints import Refused
from portal.jobs.models import Job, JobState
from portal.media.models import Kind, MediaFile

WIDE, SMALL = (1280, 720), (480, 270)


def segment(**fields: object) -> MatchSegment:
    times = {"a_start": 0.0, "a_end": 10.0, "b_start": 0.0, "b_end": 10.0, "rate": 1.0}
    return MatchSegment(grade=Grade.IMAGERY, **(times | fields))


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ((WIDE, SMALL), "smaller, with 38 % of the width and height in pixels."),
        ((WIDE, WIDE), "no cropping, mirroring, rotation or border found."),
        ((SMALL, WIDE), "no cropping, mirroring, rotation or border found."),
        ((WIDE, (0, 0)), "no cropping, mirroring, rotation or border found."),
    ],
)
def test_a_smaller_copy_is_called_so(sizes: tuple[evidence_texts.Size, evidence_texts.Size], said: str) -> None:
    assert evidence_texts.change_sentence(segment(), "", sizes).endswith(said)


def test_a_picture_that_fills_a_part_of_the_copy_is_not_said_to_be_smaller_as_well() -> None:
    row = segment(affine=[0.5, 0.0, 0.1, 0.0, 0.5, 0.1], transformations=["bordered"])
    assert "smaller" not in evidence_texts.change_sentence(row, "", (WIDE, WIDE))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_sentence_takes_the_copy_for_proven(language: str) -> None:
    rows = [segment(), segment(transformations=["sound_only"])]
    with translation.override(language):
        said = [evidence_texts.change_sentence(row, "", (WIDE, WIDE)) for row in rows]
        said += [str(text) for text in evidence_texts.SOUND_TEXTS.values()]
    for sentence in said:
        assert "he copy" not in sentence
        assert "搬运" not in sentence.replace("涉嫌搬运", "")


@pytest.fixture
def complaint(db: None) -> Complaint:
    return make.complaint(State.NOTIFIED)


@pytest.fixture
def undrawn(db: None, monkeypatch: pytest.MonkeyPatch) -> Complaint:
    """A compared complaint whose evidence could not be drawn."""

    def refuse(*_: object) -> None:
        raise Refused("broken")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "draw_video_evidence", refuse)
        return make.complaint(State.NOTIFIED)


def reviewer_page(complaint: Complaint) -> str:
    make.answer(complaint)
    reviewer, case = make.claim(complaint)
    client = Client()
    client.force_login(reviewer)
    return client.get(reverse("reviews:case_page", args=[case.number])).content.decode()


def test_whoever_decides_reads_the_thresholds_that_were_applied(complaint: Complaint) -> None:
    text = page_text_of(reviewer_page(complaint))
    assert "It can count as confirmed from 0.75" in text
    assert "only from up to 0.85" in text
    assert "up to 31 count as alike" in text
    assert "from 0.6" not in text
    assert "few_windows" not in text
    assert "In the alleged copy" in text
    assert "Stored by the portal on" in text


def test_players_stand_before_what_is_told_of_the_works(complaint: Complaint) -> None:
    page = reviewer_page(complaint).partition('class="side-by-side"')[2]
    places = [page.index(each) for each in ('data-video="b"', "data-seek", "segment-chart", 'class="side-facts"')]
    assert places == sorted(places)
    assert 'class="facts"' not in page[: places[-1]]


@pytest.mark.parametrize(
    ("state", "said", "may_ask"),
    [
        (JobState.QUEUED, "are waiting to be drawn", False),
        (JobState.RUNNING, "are being drawn", False),
        (JobState.FAILED, "could not be drawn", True),
        (JobState.DONE, "No pictures of matching moments were drawn", True),
    ],
)
def test_missing_pictures_are_explained_by_the_state_of_their_job(
    undrawn: Complaint, state: str, said: str, may_ask: bool
) -> None:
    Job.objects.filter(kind=comparison_evidence.DRAW_EVIDENCE).update(state=state)
    page = reviewer_page(undrawn)
    assert said in page
    assert ("/evidence/again/" in page) == may_ask


def test_pictures_of_a_deleted_work_are_not_offered_again(undrawn: Complaint) -> None:
    Job.objects.filter(kind=comparison_evidence.DRAW_EVIDENCE).update(state=JobState.FAILED)
    assert undrawn.copy is not None
    found = videos.comparison_context(undrawn)
    assert found is not None
    assert found["evidence"]["may_draw_again"]
    undrawn.copy.media = MediaFile(purged_at=undrawn.submitted_at)
    found = videos.comparison_context(undrawn)
    assert found is not None
    assert "one of the works has been deleted" in str(found["evidence"]["undrawn"])
    assert not found["evidence"]["may_draw_again"]


def test_the_meaning_of_a_grade_speaks_of_animations() -> None:
    said = grades.grade_meaning(Grade.IMAGERY, Kind.IMAGE, is_animation=True)
    assert said is not None
    assert str(said.not_means).startswith("Two animations")


def page_text_of(page: str) -> str:
    return " ".join(page.split())
