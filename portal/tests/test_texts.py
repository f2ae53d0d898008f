"""How short and how long texts may be."""

import pytest

from portal.errors import Invalid
from portal.texts import refuse_text, require_text, text_errors


def test_a_text_is_neither_too_short_nor_too_long() -> None:
    assert refuse_text("  four  ", least=5, most=9) == "Please write at least 5 characters."
    assert refuse_text(" ", least=1, most=9, missing="Say why.") == "Say why."
    assert refuse_text("ten letters", most=9) == "Please write at most 9 characters."
    assert refuse_text("five!", least=5, most=9) is None


def test_a_text_that_is_kept_has_no_blanks_around_it() -> None:
    assert require_text("note", " fits ", most=9) == "fits"
    with pytest.raises(Invalid) as error:
        require_text("note", "much too long", most=9)
    assert error.value.fields == {"note": ["Please write at most 9 characters."]}


def test_errors_are_told_by_field() -> None:
    assert list(text_errors({"title": ("long", 3), "note": ("ok", 3)})) == ["title"]
