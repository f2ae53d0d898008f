"""Complaints about pictures, texts and sounds, with the real engine: from the file to the appeal, and what is refused."""

import io
import json
import re
import zipfile

import numpy as np
import pytest
from PIL import Image

from complaints import evidence_file, matching
from complaints.actions import comparison_evidence, drafts, intake, works
from complaints.library import WORD_VERSIONS
from complaints.models import Comparison, ComparisonEvidence, Complaint, LibraryEntry
from complaints.policies import missing, screening
from complaints.states import ComplaintState as State
from complaints.states import Outcome
from complaints.tests import deciding as do
from complaints.tests import factories as make
from complaints.tests import specimens
from portal.engines import fingerprints
from portal.errors import Invalid
from portal.evidence.blobs import StorageDown
from portal.media.actions import probes
from portal.media.models import MediaFile, MediaLook
from portal.platforms import registry
from portal.testing.fake_platform import FakePlatform
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moving")]
TEXT = " ".join(specimens.SENTENCES).encode()
TEXT_COPY = (
    "My own introduction, which is new. " + " ".join(specimens.SENTENCES[:2]).upper() + " And an end."
).encode()
PICTURE = specimens.picture()
FILES = {
    "image": (specimens.as_bytes(PICTURE), specimens.cropped(PICTURE)),
    "text": (TEXT, TEXT_COPY),
    "audio": (specimens.sound(1, 20), specimens.excerpt_of_sound(1, 20)),
}


@pytest.fixture(autouse=True)
def _real_engine(_quick_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (matching, evidence_file, probes):
        monkeypatch.setattr(module, "fingerprints", fingerprints)


def complaint_about(kind: str, copied: bytes = b"", *, copy_kind: str = "") -> Complaint:
    """A draft about a file of the author's and a post on another account."""
    author = make.author()
    mine, theirs = FILES[kind]
    address = make.post(make.account(), copied or theirs, kind=copy_kind or kind, title="Copied kiln")
    own = make.post(make.account_of(author), mine, kind=kind, title="Kiln")
    complaint = make.draft(author, original=own, copy=address)
    return make.fresh(complaint)


def in_review(kind: str) -> Complaint:
    complaint = complaint_about(kind)
    for step in make.IN_REVIEW:
        step(complaint)
        complaint = make.fresh(complaint)
    assert complaint.state == State.IN_REVIEW
    return complaint


@pytest.mark.parametrize(("kind", "grade"), [("image", "static"), ("text", "similar"), ("audio", "similar")])
def test_a_whole_complaint_of_each_kind(kind: str, grade: str | None, enter: Enter) -> None:
    complaint = in_review(kind)
    assert complaint.copy is not None
    assert (complaint.copy.kind, complaint.copy.stated_kind) == (kind, kind)
    assert Comparison.objects.filter(complaint=complaint).values_list("grade", flat=True).first() == grade
    assert set(LibraryEntry.objects.values_list("version", flat=True)) == {WORD_VERSIONS[kind]}
    assert screening.NO_MATCH not in complaint.flags
    holder, _case, _complaint = do.claim(complaint)
    shown = _works_section(page_text(enter(holder).get(f"/reviews/{do.case(complaint).number}/work/")))
    assert "video" not in shown, shown[max(shown.index("video") - 200, 0) :][:400]
    do.decide(complaint, Outcome.UPHELD, ("remove",), by=holder)
    make.run_jobs()
    assert make.post_of(do.copy_of(complaint).url).state == "removed"
    do.appeal(complaint, "respondent")
    assert make.fresh(complaint).state == State.APPEALED


def _works_section(text: str) -> str:
    """The words about the two works on a case page."""
    return text.partition("The two works")[2].partition("Earlier publication")[0].lower()


def test_the_sides_see_two_pictures_one_on_the_other(enter: Enter) -> None:
    complaint = in_review("image")
    client = enter(complaint.complainant)
    answer = client.get(complaint.get_absolute_url())
    html, text = answer.content.decode(), page_text(answer)
    assert "Both pictures, one on the other" in text
    assert "Same imagery in both pictures" in text
    assert "cropped to" in text
    assert "copy-on-original" in html
    assert "<video" not in html
    shown = client.get(_source(html))
    assert shown["Content-Type"] == "image/jpeg"
    assert MediaLook.objects.filter(by=complaint.complainant).exists()
    names = zipfile.ZipFile(io.BytesIO(comparison_evidence.read_evidence(_evidence(complaint)))).namelist()
    assert sorted(names) == ["copy-1.jpg", "copy-on-original-1.jpg", "evidence.json", "original-1.jpg"]


def _source(html: str) -> str:
    return html.partition('class="work-picture" href="')[2].partition('"')[0]


def _evidence(complaint: Complaint) -> ComparisonEvidence:
    return ComparisonEvidence.objects.get(comparison__complaint=complaint)


def test_the_sides_see_two_texts_with_what_they_share(enter: Enter) -> None:
    complaint = in_review("text")
    answer = enter(complaint.complainant).get(complaint.get_absolute_url())
    text = page_text(answer)
    assert "Passages of the original in the alleged copy: 1" in text
    assert "Passages in both texts" in text
    assert "Both texts in full" in text
    assert "<mark>" in answer.content.decode()
    sealed = zipfile.ZipFile(io.BytesIO(comparison_evidence.read_evidence(_evidence(complaint))))
    assert sealed.read("copy.txt") == TEXT_COPY
    assert json.loads(sealed.read("evidence.json"))["original"]["kind"] == "text"


def test_a_copy_in_another_encoding_is_compared_shown_and_kept_as_the_same_characters(enter: Enter) -> None:
    complaint = complaint_about("text", TEXT_COPY.decode().encode("utf-16"))
    for step in make.IN_REVIEW:
        step(complaint)
        complaint = make.fresh(complaint)
    assert Comparison.objects.get(complaint=complaint).grade == "similar"
    sealed = zipfile.ZipFile(io.BytesIO(comparison_evidence.read_evidence(_evidence(complaint))))
    assert sealed.read("copy.txt") == TEXT_COPY
    html = enter(complaint.complainant).get(complaint.get_absolute_url()).content.decode()
    assert "My own introduction, which is new." in html


def test_a_page_opens_though_the_store_of_files_is_down(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = in_review("text")

    def down(*_args: object, **_options: object) -> str:
        raise StorageDown

    monkeypatch.setattr("complaints.templatetags.complaints.shown_text", down)
    assert enter(complaint.complainant).get(complaint.get_absolute_url()).status_code == 200


def test_texts_show_no_markup_of_theirs(enter: Enter) -> None:
    hostile = TEXT + b" <script>alert(1)</script>"
    complaint = complaint_about("text", hostile)
    for step in make.NOTIFIED:
        step(complaint)
    answer = enter(complaint.complainant).get(complaint.get_absolute_url())
    assert b"<script>alert(1)" not in answer.content
    assert b"&lt;script&gt;alert(1)" in answer.content


def test_the_sides_hear_two_sounds_and_read_what_they_share(enter: Enter) -> None:
    complaint = in_review("audio")
    answer = enter(complaint.complainant).get(complaint.get_absolute_url())
    text = page_text(answer)
    assert "The automatic comparison found parts of one recording in the other." in text
    assert "Similar sound" in text
    html = answer.content.decode()
    assert html.count("<audio") == html.count("data-video=") == 2
    assert "Heard in the alleged copy: 0:02–0:18 of the original." in text
    assert "copy is silent" not in text
    assert 'class="chart segment-chart"' in html
    row = re.search(r'data-a="([\d.]+)" data-end="([\d.]+)"\s+data-b="([\d.]+)"', html)
    assert row is not None
    start, _end, there = (float(part) for part in row.groups())
    assert start - there == pytest.approx(2, abs=0.2)  # the copy leaves out the first two seconds
    sealed = zipfile.ZipFile(io.BytesIO(comparison_evidence.read_evidence(_evidence(complaint))))
    assert sorted(sealed.namelist()) == ["copy-levels.bin", "evidence.json", "original-levels.bin"]
    assert len(sealed.read("original-levels.bin")) == pytest.approx(20 * 20, abs=2)
    wave = json.loads(sealed.read("evidence.json"))["wave"]
    both = np.array([pair for pair in zip(wave["original"], wave["copy"], strict=True) if pair[1] is not None])
    # The copy is half as loud: 6 of 60 dB, all along.
    assert np.median(both[:, 0] - both[:, 1]) == pytest.approx(255 / 10, abs=4)
    assert "Likeness of the sound" in text


def test_sounds_without_anything_in_common_are_called_so() -> None:
    complaint = complaint_about("audio", specimens.sound(2, 20))
    for step in make.NOTIFIED:
        step(complaint)
    assert Comparison.objects.get(complaint=complaint).grade == "none"


def test_an_animation_is_compared_with_an_animation_and_with_a_still() -> None:
    first = Image.open(io.BytesIO(specimens.animation(1))).convert("RGB")
    for copied in (specimens.animation(1, cut=20), specimens.as_bytes(first, "PNG")):
        author = make.author()
        own = make.post(make.account_of(author), specimens.animation(1), kind="image", title="Kiln")
        complaint = make.draft(
            author, original=own, copy=make.post(make.account(), copied, kind="image", title="Copied")
        )
        for step in make.NOTIFIED:
            step(complaint)
        assert Comparison.objects.get(complaint=complaint).grade in {"motion_confirmed", "imagery", "static"}


def test_the_evidence_of_two_animations_shows_several_moments_of_both(enter: Enter) -> None:
    author = make.author()
    own = make.post(make.account_of(author), specimens.animation(1), kind="image", title="Kiln")
    copied = make.post(make.account(), specimens.animation(1, cut=20), kind="image", title="Copied")
    complaint = make.draft(author, original=own, copy=copied)
    for step in make.NOTIFIED:
        step(complaint)
    comparison = Comparison.objects.get(complaint=complaint)
    assert comparison.grade in {"motion_confirmed", "imagery"}
    moments = comparison.evidence.summary["moments"]
    assert len(moments) == 6
    seconds = [moment["original"] for moment in moments]
    assert seconds == sorted(set(seconds))
    assert [moment["copy"] for moment in moments] == pytest.approx(seconds, abs=0.11)
    sealed = comparison_evidence.read_evidence(comparison.evidence)
    first, last = (evidence_file.read_entry(sealed, f"original-{number}.jpg") for number in (1, 6))
    assert first != last
    text = page_text(enter(author).get(complaint.get_absolute_url()))
    assert "The same moments in both animations" in text
    assert "Nothing moves in a picture" not in text
    assert "The alleged copy shows 0:00–0:03 of the original at 0:00–0:03" in text
    assert "of the shorter animation" in text
    assert "in both pictures" not in text
    assert "Matching segments as a table" in text


def test_a_long_text_is_shown_whole_by_parts_and_its_passages_first(enter: Enter) -> None:
    letters, drawn = np.array(list("abcdefghijklmnoprstuvw")), np.random.default_rng(3)
    filler = ["".join(drawn.choice(letters, drawn.integers(3, 9))) for _word in range(4000)]
    body = " ".join([*filler[:1800], *specimens.SENTENCES, *filler[1800:3600]])
    late = " ".join([*filler[3600:3800], specimens.SENTENCES[1].replace("feldspar", "quartz and sand")])
    author = make.author()
    own = make.post(make.account_of(author), body.encode(), kind="text", title="Kiln")
    complaint = make.draft(author, original=own, copy=make.post(make.account(), late.encode(), kind="text", title="X"))
    for step in make.NOTIFIED:
        step(complaint)
    client = enter(author)
    html = client.get(complaint.get_absolute_url()).content.decode()
    assert len(body) > 20_000
    passage = html.partition('class="text-diff text-passage"')[2].partition("</div>")[0]
    marked = re.findall(r"<mark>(.*?)</mark>", passage)
    assert any("Her grandmother had mixed the glaze from ash and" in each for each in marked)
    assert not any("quartz" in each or "feldspar" in each for each in marked)
    assert "quartz" in passage
    assert "feldspar" in passage
    count = -(-len(body) // 6000)
    assert f"Part 1 of {count} of both texts" in html
    assert 'class="whole-texts">' in html
    last = client.get(f"{complaint.get_absolute_url()}?text={count}").content.decode()
    assert 'class="whole-texts" open' in last
    assert " ".join(filler[3595:3600]) in last
    assert " ".join(filler[3595:3600]) not in html
    assert client.get(f"{complaint.get_absolute_url()}?text=ten").status_code == 200


def test_a_sound_that_cannot_be_read_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_file: object) -> None:
        raise fingerprints.Refused("broken")

    monkeypatch.setattr(fingerprints, "fingerprint_sound", refuse)
    complaint = complaint_about("audio")
    make.submit(complaint)
    make.run_jobs()
    assert make.fresh(complaint).state == State.INCOMPLETE


@pytest.mark.parametrize("kind", ["image", "text", "audio"])
def test_the_same_file_is_identical_whatever_its_kind(kind: str) -> None:
    complaint = complaint_about(kind, FILES[kind][0])
    for step in make.NOTIFIED:
        step(complaint)
    assert Comparison.objects.get(complaint=complaint).grade == "identical"
    assert make.fresh(complaint).state in (State.NOTIFIED, State.SCREENING)


def test_works_of_two_kinds_are_told_and_can_go_to_people() -> None:
    complaint = complaint_about("image", TEXT, copy_kind="text")
    make.submit(complaint)
    make.run_jobs()
    complaint = make.fresh(complaint)
    assert (complaint.state, complaint.missing) == (State.INCOMPLETE, [missing.OTHER_KIND])
    with pytest.raises(Invalid) as nothing:
        intake.complete_complaint(complaint=complaint, by=complaint.complainant)
    assert "different kinds" in str(nothing.value.fields["copy_media"][0])
    intake.complete_complaint(complaint=complaint, by=complaint.complainant, uncompared=True)
    assert make.fresh(complaint).state == State.NOTIFIED
    assert not Comparison.objects.exists()


def test_content_counts_and_not_what_the_platform_says() -> None:
    complaint = complaint_about("image", specimens.cropped(PICTURE), copy_kind="audio")
    for step in make.NOTIFIED:
        step(complaint)
    copy = make.fresh(complaint).copy
    assert copy is not None
    assert (copy.stated_kind, copy.kind) == ("audio", "image")
    assert Comparison.objects.get().grade == "static"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "unknown_type"),
        (b"<!doctype html><title>picture.jpg</title>", "unknown_type"),
        (b" \n\t ", "text_empty"),
        (b"word " * 250_000, "text_large"),
        (b"a" * 250_000, "text_large"),
        (specimens.as_bytes(PICTURE)[:900], "still_broken"),
        (b"OggS" + bytes(400), "sound_broken"),
        (b"\0\0\0\x18ftypheic" + bytes(80), "unknown_type"),
    ],
    ids=["svg", "html", "blank", "long", "many-signs", "cut-picture", "no-sound", "heic"],
)
def test_hostile_files_are_refused_with_a_sentence(data: bytes, code: str) -> None:
    media = make.video(make.person(), data)
    make.run_jobs()
    media = MediaFile.objects.get(pk=media.pk)
    assert (media.state, media.refusal) == ("refused", code)
    assert str(media.refusal_text).endswith(".")


def test_a_picture_of_40_000_px_is_refused_on_its_header() -> None:
    media = make.video(make.person(), specimens.as_bytes(Image.new("1", (40_000, 40_000)), "PNG"))
    make.run_jobs()
    media.refresh_from_db()
    assert media.refusal == "still_pixels"
    assert "100 million pixels" in str(media.refusal_text)


def test_a_platform_with_videos_alone_takes_no_picture(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setitem(registry._connectors, "fake", replace(registry._connectors["fake"], kinds=frozenset({"video"})))
    author, other = make.author(), make.account()
    complaint = drafts.start_draft(by=author)
    with pytest.raises(Invalid) as refused:
        works.find_post(make.post(other, FILES["image"][0], kind="image"), field="address")
    assert "cannot be complained about" in str(refused.value.fields["address"][0])
    recording = make.video(author, FILES["image"][0])
    make.run_jobs()
    recording.refresh_from_db()
    with pytest.raises(Invalid) as unlike:
        drafts.name_copied_video(complaint=complaint, by=author, media=recording, account=other.handle)
    assert "has no works of this kind" in str(unlike.value.fields["account"][0])


def test_a_pasted_text_is_registered_as_a_work(enter: Enter) -> None:
    author = make.author()
    client = enter(author)
    given = {"title": "The kiln", "pasted": TEXT.decode()}
    answer = client.post("/complaints/works/new/", given)
    work = author.works.get()
    assert answer.status_code == 302
    make.run_jobs()
    work = type(work).objects.select_related("media").get()
    assert work.media is not None
    assert (work.kind, work.media.size) == ("text", len(TEXT))
    assert "The whole text" in page_text(client.get(work.get_absolute_url()))
    both = page_text(client.post("/complaints/works/new/", {"title": "Nothing", "pasted": "  \n"}))
    assert "Please choose the file." in both
    assert author.works.count() == 1


def test_the_check_page_says_that_two_kinds_are_not_compared(enter: Enter) -> None:
    sentence = "The two works are of different kinds."
    mixed = complaint_about("image", TEXT, copy_kind="text")
    client = enter(mixed.complainant)
    assert sentence in page_text(client.get(f"/complaints/{mixed.number}/check/"))
    alike = complaint_about("image")
    assert sentence not in page_text(enter(alike.complainant).get(f"/complaints/{alike.number}/check/"))
