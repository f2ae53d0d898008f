"""What both sides and reviewers read of an automatic comparison."""

import pytest
from django.utils import translation

from complaints.templatetags.complaints import transformation_texts
from complaints.tests import deciding as do
from complaints.tests import engine
from portal.engines.fingerprints import THRESHOLDS, Segment
from portal.testing.shared import Enter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moving")]


@pytest.mark.parametrize(
    ("grade", "said"),
    [
        ("motion_confirmed", "found matching segments"),
        ("similar", "change at the same moments"),
        ("not_comparable", "could not compare"),
    ],
)
def test_the_picture_of_segments_stands_where_there_are_some(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, grade: str, said: str
) -> None:
    if grade != "motion_confirmed":
        nothing = engine.Comparison(grade, 0.0, (), THRESHOLDS, {"quick": engine.VERSION})
        monkeypatch.setattr(engine, "compare_fingerprints", lambda _a, _b: nothing)
    complaint = do.in_review()
    text = enter(complaint.complainant).get(f"/complaints/{complaint.number}/").content.decode()
    assert said in text
    assert ("segment-chart" in text) == (grade == "motion_confirmed")


def test_segments_of_which_only_the_sound_is_the_same_are_drawn_and_called_so(
    enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = (2.0, 6.0, 0.0, 4.0, 1.0, "upright", 50, None, None, "similar")
    heard = Segment(*times, transformations=("sound_only",))
    found = engine.Comparison("similar", 0.5, (heard,), THRESHOLDS, {"quick": engine.VERSION})
    monkeypatch.setattr(engine, "compare_fingerprints", lambda _a, _b: found)
    complaint = do.in_review()
    pages = [enter(complaint.complainant).get(f"/complaints/{complaint.number}/")]
    holder, case, _complaint = do.claim(complaint)
    pages.append(enter(holder).get(f"/reviews/{case.number}/work/"))
    for page in pages:
        text = page.content.decode()
        assert 'rect class="segment-sound"' in text
        assert "Dashed: only the sound is the same" in text
        assert "only the sound is the same</td>" in text
        assert "Changes at the same moments, no imagery in common found</td>" not in text


def test_transformations_are_listed_as_the_language_lists_things() -> None:
    codes = ["cropped", "faster"]
    assert transformation_texts(codes) == "cropped, faster"
    with translation.override("zh-hans"):
        assert "、" in transformation_texts(codes)
        assert "," not in transformation_texts(codes)
