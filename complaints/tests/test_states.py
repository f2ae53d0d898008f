"""The remedy of a restitution follows it: the mapping is total, and every move of the one is a move of the other."""

import pytest

from complaints.states import REMEDY, REMEDY_OF_RESTITUTION, RESTITUTION, RestitutionState


def test_every_state_of_a_restitution_has_a_state_of_its_remedy() -> None:
    assert {*REMEDY_OF_RESTITUTION, RestitutionState.PAUSED} == set(RestitutionState)
    assert REMEDY_OF_RESTITUTION[RestitutionState(RESTITUTION.initial)] == REMEDY.initial


# A pause leaves the remedy as it was, and so does its end; a pause before the beginning is cancelled, and one after it taken back.
_THROUGH_PAUSES = [("held", "held"), ("moving", "moving"), ("held", "cancelled"), ("moving", "reversing")]


@pytest.mark.parametrize(
    ("source", "target"), [pair for pair in RESTITUTION.pairs() if "paused" not in pair] + _THROUGH_PAUSES
)
def test_every_move_of_a_restitution_is_one_of_its_remedy(source: str, target: str) -> None:
    before, after = (REMEDY_OF_RESTITUTION[RestitutionState(state)] for state in (source, target))
    assert before == after or (before, after) in set(REMEDY.pairs())
