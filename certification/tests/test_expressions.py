"""Requirements as expressions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification import expressions

A, B, C = ({"is": code} for code in "abc")
CODES = st.sampled_from("abcde")
EXPRESSIONS = st.recursive(
    CODES.map(lambda code: {"is": code}),
    lambda part: st.one_of(
        st.lists(part, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(part, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("expression", "held", "satisfied", "missing"),
    [
        (A, set(), False, [["a"]]),
        (A, {"a"}, True, []),
        ({"all": [A, B]}, {"a"}, False, [["b"]]),
        ({"all": [A, B]}, {"a", "b"}, True, []),
        ({"any": [A, B]}, set(), False, [["a", "b"]]),
        ({"any": [A, B]}, {"b"}, True, []),
        ({"all": [A, {"any": [B, C]}]}, {"c"}, False, [["a"]]),
        ({"all": [A, {"any": [B, C]}]}, set(), False, [["a"], ["b", "c"]]),
    ],
)
def test_what_is_missing(
    expression: expressions.Expression, held: set[str], satisfied: bool, missing: list[list[str]]
) -> None:
    assert expressions.is_satisfied(expression, held) is satisfied
    assert expressions.missing_parts(expression, held) == missing


@given(EXPRESSIONS, st.sets(CODES), CODES)
def test_more_papers_never_hurt(expression: expressions.Expression, held: set[str], code: str) -> None:
    if expressions.is_satisfied(expression, held):
        assert expressions.is_satisfied(expression, held | {code})


@given(EXPRESSIONS, st.sets(CODES))
def test_following_the_hints_ends_in_fulvideoent(expression: expressions.Expression, held: set[str]) -> None:
    for _step in range(20):
        missing = expressions.missing_parts(expression, held)
        if not missing:
            break
        held = held | {missing[0][0]}
    assert expressions.is_satisfied(expression, held)


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        [],
        {},
        {"is": "unknown"},
        {"not": [A]},
        {"all": []},
        {"all": "a"},
        {"is": "a", "all": [A]},
        {"all": [{"all": [{"all": [{"all": [{"all": [A]}]}]}]}]},
    ],
)
def test_nonsense_is_named(nonsense: object) -> None:
    assert expressions.expression_problems(nonsense, {"a", "b"})


def test_a_good_expression_has_no_problems_and_names_its_codes_once() -> None:
    expression = {"all": [A, {"any": [B, A]}]}
    assert expressions.expression_problems(expression, {"a", "b"}) == []
    assert list(expressions.credential_codes(expression)) == ["a", "b"]
