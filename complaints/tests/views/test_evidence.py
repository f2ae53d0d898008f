"""The evidence of a comparison on the pages: sentences in both languages, who gets its files, and old comparisons."""

import hashlib

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from complaints import notices
from complaints.actions import comparison_evidence
from complaints.models import Comparison, ComparisonEvidence, EvidenceLook, Grade, MatchSegment
from complaints.states import ComplaintState as State
from complaints.states import Side
from complaints.tests import deciding, engine
from complaints.tests import factories as make
from complaints.wording import evidence_texts
from portal.engines.fingerprints import Refused
from portal.errors import NotAllowed
from portal.jobs.models import Job, JobState
from portal.media.models import MediaLook
from portal.people.models import User
from portal.people.roles import Role
from portal.web.text_diff import compare_texts

WIDE = (1280, 720)


def segment(**fields: object) -> MatchSegment:
    times = {"a_start": 12.2, "a_end": 47.9, "b_start": 0.0, "b_end": 35.7, "rate": 1.0}
    return MatchSegment(**(times | {"grade": Grade.IMAGERY} | fields))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            "The alleged copy shows 0:12–0:48 of the original at 0:00–0:36: mirrored, cropped to 64 %, 1.25 times as fast, sound replaced.",
        ),
        (
            "zh-hans",
            "涉嫌搬运的作品在 0:00–0:36 显示了原作的 0:12–0:48：镜像、裁剪至 64%、速度为原来的 1.25 倍、替换了声音。",
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


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rule": "windows", "needed": 0.75, "motion": 0.6}, "agrees by 0.60; 0.75 in enough places"),
        (
            {"rule": "short_stretch", "needed": 0.8, "motion": 0.76},
            "agrees by 0.76; 0.80 is needed to confirm it in so",
        ),
        (
            {"rule": "few_windows", "needed": 0.85, "motion": 0.82},
            "agrees by 0.82; 0.85 is needed to confirm it, because",
        ),
        (
            {"rule": "thumbnails", "needed": 0.85, "motion": 0.8},
            "0.85 is needed to confirm it, because only very small",
        ),
        ({"rule": "repetition", "needed": 1.0, "motion": 0.9}, "agrees by 0.90, but at other moments by 0.80, too"),
        ({"rule": "too_few_windows", "motion": 0.9}, "too little movement was measured"),
        ({"motion": 0.82}, "agrees by 0.82, which is too little"),
        ({}, "movement could not be compared"),
        ({"by_rhythm": 300.0, "grade": Grade.MOTION_CONFIRMED}, "for 5:00 of this time only the moments were compared"),
    ],
)
def test_what_was_not_confirmed_says_by_which_rule(fields: dict[str, object], said: str) -> None:
    found = Comparison(grade=Grade.IMAGERY, thresholds={"motion": 0.75, "clear": 1.25})
    grade = fields.get("grade", Grade.IMAGERY)
    sentences = list(evidence_texts.motion_sentences(found, [segment(**(fields | {"grade": grade}))]))
    assert len(sentences) == 1
    assert said in sentences[0]


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        ({}, []),
        ({"windows": 0, "windows_confirmed": 0}, []),
        ({"windows": 4}, ["Movement was compared in some parts of these long videos only."]),
        (
            {"windows": 4, "windows_confirmed": 0},
            [
                "Movement was compared in some parts of these long videos only. Parts compared: 4; parts in which it agrees: 0."
            ],
        ),
    ],
)
def test_of_parts_of_long_videos_is_said_what_was_measured(versions: dict[str, int], said: list[str]) -> None:
    assert list(evidence_texts.motion_sentences(Comparison(versions=versions), [])) == said


def test_what_two_texts_share_is_marked() -> None:
    diff = compare_texts("The old clock of our tower", "The OLD clock in a kitchen")
    assert next(part.text for part in diff.left if part.is_shared).startswith("The old clock")
    assert compare_texts("清晨修钟", "清晨修表").share == pytest.approx(0.75)
    long = compare_texts("a b " * 3000, "b")
    assert long.is_cut
    assert "".join(part.text for part in long.left) == "a b " * 3000


@pytest.mark.django_db
def test_what_was_written_beside_both_posts_is_compared() -> None:
    author = make.author()
    told = "How I cleaned the gears of the tower clock, in three parts."
    own = make.post(make.account_of(author), engine.sample_video("potter"), description=told)
    copy = make.post(
        make.account(), engine.sample_video("potter", "x"), description=told.replace("I", "we") + "y" * 9000
    )
    complaint = make.draft(author, original=own, copy=copy)
    for step in make.NOTIFIED:
        step(make.fresh(complaint))
    found = make.fresh(complaint)
    assert found.copy is not None
    assert len(found.copy.description) == 5000
    page = signed_in(author).get(complaint.get_absolute_url()).content.decode()
    section = page.partition("The two descriptions")[2]
    assert "<mark> cleaned the gears of the tower clock, in three parts.</mark>" in section


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
    assert "The pictures of matching moments are waiting to be drawn." in page
    assert client.get(reverse("complaints:evidence_file", args=[complaint.number])).status_code == 404


@pytest.mark.django_db
def test_every_look_is_logged_apart_from_views_of_the_videos() -> None:
    complaint = make.complaint(State.NOTIFIED)
    make.answer(complaint)
    reviewer, case = make.claim(complaint)
    judge = signed_in(reviewer)
    looks = [("review_evidence_picture", [case.number, "copy", 1])] * 2 + [("review_evidence_file", [case.number])]
    for name, arguments in looks:
        assert judge.get(reverse(f"complaints:{name}", args=arguments)).status_code == 200
    assert judge.get(reverse("complaints:review_evidence_picture", args=[case.number, "copy", 99])).status_code == 404
    author = signed_in(complaint.complainant)
    assert author.get(reverse("complaints:evidence_file", args=[complaint.number])).status_code == 200
    assert set(EvidenceLook.objects.values_list("by", "side", "part")) == {
        (reviewer.pk, "", "copy-1.jpg"),
        (reviewer.pk, "", "evidence.zip"),
        (complaint.complainant.pk, "complainant", "evidence.zip"),
    }
    assert EvidenceLook.objects.count() == 3
    assert not MediaLook.objects.exists()


@pytest.mark.django_db
def test_a_look_by_the_link_of_a_side_says_which_side() -> None:
    complaint = make.complaint(State.NOTIFIED)
    client = Client()
    client.get(notices.case_file_link(complaint, Side.RESPONDENT), follow=True)
    address = reverse("complaints:answer_evidence_picture", args=[complaint.number, "original", 1])
    assert client.get(address).status_code == 200
    look = EvidenceLook.objects.get()
    assert (look.by, look.side, look.part) == (None, "respondent", "original-1.jpg")


@pytest.mark.django_db
def test_administrators_see_the_looks_and_nobody_changes_them() -> None:
    complaint = make.complaint(State.NOTIFIED)
    signed_in(complaint.complainant).get(reverse("complaints:evidence_file", args=[complaint.number]))
    admin = signed_in(make.person(Role.ADMIN))
    page = admin.get(reverse("admin:complaints_evidencelook_changelist")).content.decode()
    assert complaint.number in page
    assert complaint.complainant.public_id in page
    with pytest.raises(DatabaseError), transaction.atomic():
        EvidenceLook.objects.update(part="x")


@pytest.mark.django_db
def test_the_holder_asks_again_for_pictures_that_could_not_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Refused("broken")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "draw_video_evidence", refuse)
        complaint = make.complaint(State.NOTIFIED)
        make.answer(complaint)
    Job.objects.filter(kind=comparison_evidence.DRAW_EVIDENCE).update(state=JobState.FAILED)
    reviewer, case = make.claim(complaint)
    judge, address = signed_in(reviewer), reverse("complaints:review_evidence_again", args=[case.number])
    assert address in judge.get(reverse("reviews:case_page", args=[case.number])).content.decode()
    assert address not in signed_in(complaint.complainant).get(complaint.get_absolute_url()).content.decode()
    jobs = Job.objects.filter(kind=comparison_evidence.DRAW_EVIDENCE, state=JobState.QUEUED)
    for _twice in range(2):
        assert judge.post(address).status_code == 302
        assert jobs.count() == 1
    with pytest.raises(NotAllowed):
        comparison_evidence.enqueue_again(comparison=complaint.comparisons.get(), by=reviewer)
    make.run_jobs()
    assert ComparisonEvidence.objects.count() == 1
    judge.post(address)
    assert not jobs.exists()
    assert address not in judge.get(reverse("reviews:case_page", args=[case.number])).content.decode()


@pytest.mark.django_db
def test_the_form_of_an_appeal_leads_to_the_evidence() -> None:
    complaint = make.complaint(State.IN_REVIEW)
    deciding.decide(complaint, "dismissed", ())
    page = signed_in(complaint.complainant).get(reverse("complaints:appeal", args=[complaint.number]))
    assert f'href="{complaint.get_absolute_url()}#evidence"' in page.content.decode()


def signed_in(person: User | None) -> Client:
    client = Client()
    assert person is not None
    client.force_login(person)
    return client
