"""Errors are raised with the sentences of policies, beside their fields."""

import pytest

from portal.errors import Invalid, NotAllowed, require_allowed


def test_a_refusal_of_a_policy_is_raised_as_it_stands() -> None:
    with pytest.raises(NotAllowed, match="Only reviewers"):
        require_allowed("Only reviewers can do this.")
    require_allowed(None)


def test_invalid_names_its_fields() -> None:
    assert Invalid.at("note", "Too long.").fields == {"note": ["Too long."]}
    several = Invalid.of({"text": ["Too short."], "files": ["Not yours."]})
    assert (str(several), list(several.fields)) == ("Too short.", ["text", "files"])
