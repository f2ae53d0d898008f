"""The evidence of a comparison on the pages: sentences in both languages, who gets its files, and old comparisons."""

import hashlib

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from complaints.models import ComparisonEvidence, Grade, MatchSegment
from complaints.states import ComplaintState as State
from complaints.tests import engine
from complaints.tests import factories as make
from complaints.views import evidence_texts
from portal.engines.fingerprints import Refused
from portal.web.text_diff import compare_texts

WIDE = (1280, 720)


def segment(**fields: object) -> MatchSegment:
    times = {"a_start": 12.2, "a_end": 47.9, "b_start": 0.0, "b_end": 35.7, "rate": 1.0}
    return MatchSegment(grade=Grade.IMAGERY, **(times | fields))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            "The copy shows 0:12–0:48 of the original at 0:00–0:36: mirrored, cropped to 64 %, 1.25 times as fast, sound replaced.",
        ),
        (
            "zh-hans",
            "搬运视频在 0:00–0:36 显示了原作的 0:12–0:48：镜像、裁剪至 64%、速度为原来的 1.25 倍、替换了声音。",
        ),
    ],
)
def test_one_sentence_says_what_was_changed(language: str, sentence: str) -> None:
    row = segment(
        rate=0.8,
        affine=[-1.25, 0.0, 1.125, 0.0, 1.25, -0.0703125],
        transformations=["mirrored", "cropped", "faster"],
    )
    with translation.override(language):
        assert evidence_texts.change_sentence(row, "sound_replaced", (WIDE, WIDE)) == sentence


@pytest.mark.parametrize(
    ("affine", "shares"),
    [
        ([1, 0, 0, 0, 1, 0], (1, 1)),
        ([0.5, 0, 0.5, 0, 0.5, 0], (1, 0.25)),
        ([2, 0, 0, 0, 2, 0], (0.25, 1)),
        ([1, 0, 0.5, 0, 1, 0], (0.5, 0.5)),
        ([1, 0, 5, 0, 1, 0], (0, 0)),
    ],
)
def test_shares_of_the_pictures(affine: list[float], shares: tuple[float, float]) -> None:
    assert evidence_texts.picture_shares(affine, (WIDE, WIDE)) == pytest.approx(shares)


def test_without_figures_the_words_remain() -> None:
    row = segment(transformations=["cropped", "bordered"])
    assert "cropped, with a border or strip." in evidence_texts.change_sentence(row, "", ((0, 0), WIDE))


def test_what_was_not_found_is_counted_by_seconds_not_by_likeness() -> None:
    rows = [segment(b_start=0.0, b_end=6.0), segment(b_start=4.0, b_end=9.0)]
    assert list(evidence_texts._of_coverage(rows, (60.0, 9.1))) == []
    assert "About 50 %" in next(evidence_texts._of_coverage(rows, (60.0, 18.0)))


def test_what_two_texts_share_is_marked() -> None:
    diff = compare_texts("The old clock of our tower", "The OLD clock in a kitchen")
    assert next(part.text for part in diff.left if part.is_shared).startswith("The old clock")
    assert compare_texts("清晨修钟", "清晨修表").share == pytest.approx(0.75)
    assert compare_texts("a" * 9000, "b").is_cut


@pytest.mark.django_db
def test_both_sides_and_the_holder_get_the_same_file_and_others_none() -> None:
    complaint = make.complaint(State.NOTIFIED)
    make.answer(complaint)
    reviewer, case = make.claim(complaint)
    row = ComparisonEvidence.objects.get()
    author = Client()
    author.force_login(complaint.complainant)
    judge = Client()
    judge.force_login(reviewer)
    answers = [
        author.get(reverse("complaints:evidence_file", args=[complaint.number])),
        judge.get(reverse("complaints:review_evidence_file", args=[case.number])),
    ]
    assert {hashlib.sha256(answer.content).hexdigest() for answer in answers} == {row.sha256}
    picture = author.get(reverse("complaints:evidence_picture", args=[complaint.number, "copy", 1]))
    assert picture["Cache-Control"].startswith("private, no-store")
    assert picture["Content-Type"] == "image/jpeg"
    for kind, place in (("copy", 99), ("evidence", 1), ("original", 0)):
        address = reverse("complaints:evidence_picture", args=[complaint.number, kind, place])
        assert author.get(address).status_code == 404
    stranger = Client()
    stranger.force_login(make.author())
    for name in ("complaints:evidence_file", "complaints:answer_evidence_file"):
        assert stranger.get(reverse(name, args=[complaint.number])).status_code == 404
    other = Client()
    other.force_login(make.reviewer())
    assert other.get(reverse("complaints:review_evidence_file", args=[case.number])).status_code == 404


@pytest.mark.django_db
def test_a_comparison_without_evidence_still_shows_its_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Refused("broken")

    monkeypatch.setattr(engine, "draw_video_evidence", refuse)
    complaint = make.complaint(State.NOTIFIED)
    client = Client()
    client.force_login(complaint.complainant)
    page = client.get(complaint.get_absolute_url()).content.decode()
    assert "data-stretch" in page
    assert "There are no pictures of matching moments yet" in page
    assert client.get(reverse("complaints:evidence_file", args=[complaint.number])).status_code == 404
