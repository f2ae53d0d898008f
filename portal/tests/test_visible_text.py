"""Names that show something, and names that only seem to."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.visible_text import is_visible_text, strip_unseen_ends


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\u3164", id="Hangul filler"),
        pytest.param("\u115f\u1160", id="Hangul fillers of syllables"),
        pytest.param("\u2800", id="Braille blank"),
        pytest.param("\u200d\u200d", id="joiners"),
        pytest.param("\ufe0f", id="variation selector"),
        pytest.param("\u034f", id="grapheme joiner"),
        pytest.param("\u0301\u0302", id="accents"),
        pytest.param("\ue000", id="private use"),
        pytest.param("A\u2028B", id="line separator"),
        pytest.param("Ann\u3164", id="filler behind a name"),
        pytest.param("A\u202eB", id="text turned round"),
        pytest.param("A\u2066B", id="isolate"),
        pytest.param("A\u200bB", id="zero width space"),
        pytest.param("A\x00B", id="control"),
        pytest.param("A\u0378B", id="not assigned"),
        pytest.param("Z" + "\u0335\u0321\u0322" * 26, id="letter under accents"),
        pytest.param("A\U000e0067\U000e007f", id="tags without a flag"),
        pytest.param("", id="empty"),
        pytest.param("   ", id="spaces"),
    ],
)
def test_what_cannot_be_seen_is_refused(text: str) -> None:
    assert not is_visible_text(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("王小明", id="Chinese"),
        pytest.param("Nguyễn Thị Ánh", id="Vietnamese"),
        pytest.param("Studio \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", id="England"),
        pytest.param("\u05e9\u05dc\u05d5\u05dd", id="Hebrew"),
        pytest.param("\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd", id="Hebrew with points"),
        pytest.param("\u05d0\u200f (A)", id="mark of direction within"),
        pytest.param("\u182e\u1823\u1829\u182d\u1823\u182f\u180e\u1824\u1828", id="Mongolian"),
        pytest.param("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", id="Persian with a non-joiner"),
        pytest.param("\u0d28\u0d4d\u200d", id="Malayalam with a joiner"),
        pytest.param("\U0001f468\u200d\U0001f469\u200d\U0001f467", id="family"),
        pytest.param("\u2764\ufe0f", id="heart"),
        pytest.param("\u845b\U000e0100\u57ce", id="Japanese name with a variant"),
        pytest.param("\u0f66\u0f92\u0fb2\u0f72\u0f0b", id="Tibetan"),
        pytest.param("!!!", id="signs only"),
    ],
)
def test_what_is_written_in_any_script_passes(text: str) -> None:
    assert is_visible_text(text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u05e9\u05dc\u05d5\u05dd\u200f", "\u05e9\u05dc\u05d5\u05dd"),
        ("\u202aAnn\u202c", "Ann"),
        ("\ufeff Ann \u200e", "Ann"),
        ("A\u200fB", "A\u200fB"),
        ("\u200e", ""),
    ],
)
def test_marks_of_direction_at_the_ends_are_dropped(typed: str, kept: str) -> None:
    assert strip_unseen_ends(typed) == kept


def test_a_long_run_of_spaces_within_a_text_takes_no_time() -> None:
    begun = time.process_time()
    assert len(strip_unseen_ends(f"a{' ' * 500_000}b")) == 500_002
    assert time.process_time() - begun < 1


@given(st.text(max_size=40))
def test_no_text_is_called_visible_without_a_letter_number_or_sign(text: str) -> None:
    assert not is_visible_text(text) or any(sign.isprintable() and not sign.isspace() for sign in text)
