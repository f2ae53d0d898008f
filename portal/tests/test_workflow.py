"""The table of moves as a table; what the database makes of it is tested with each product."""

import pytest
from django.db import models

from portal.workflow import Move, Workflow


class Door(models.TextChoices):
    OPEN = "open"
    SHUT = "shut"
    WALLED = "walled"


WORKFLOW = Workflow(
    "door",
    Door,
    Door.OPEN,
    (
        Move("shut", (Door.OPEN,), Door.SHUT, by="anybody"),
        Move("open", (Door.SHUT,), Door.OPEN),
        Move("wall_up", (Door.OPEN, Door.SHUT), Door.WALLED),
    ),
)


def test_pairs_are_every_way_once() -> None:
    assert list(WORKFLOW.pairs()) == [
        ("open", "shut"),
        ("open", "walled"),
        ("shut", "open"),
        ("shut", "walled"),
    ]


def test_open_moves_and_final_states() -> None:
    assert [move.name for move in WORKFLOW.open_moves(Door.OPEN)] == ["shut", "wall_up"]
    assert not WORKFLOW.is_final(Door.SHUT)
    assert WORKFLOW.is_final(Door.WALLED)


def test_mermaid_names_who_moves() -> None:
    text = WORKFLOW.mermaid()
    assert "[*] --> open" in text
    assert "open --> shut: shut (anybody)" in text
    assert "walled --> [*]" in text


def test_move_names_stand_once() -> None:
    twice = Workflow("door", Door, Door.OPEN, (*WORKFLOW.moves, WORKFLOW.moves[0]))
    with pytest.raises(ValueError, match="twice"):
        twice.move("shut")


def test_unknown_move_is_an_error() -> None:
    with pytest.raises(KeyError):
        WORKFLOW.move("lift")
