"""The remedy of a restitution follows it: the mapping is total, and every move of the one is a move of the other."""

import pytest

from complaints.states import REMEDY, REMEDY_OF_RESTITUTION, RESTITUTION, RestitutionState


def test_every_state_of_a_restitution_has_a_state_of_its_remedy() -> None:
    assert set(REMEDY_OF_RESTITUTION) == set(RestitutionState)
    assert REMEDY_OF_RESTITUTION[RestitutionState(RESTITUTION.initial)] == REMEDY.initial


@pytest.mark.parametrize(("source", "target"), list(RESTITUTION.pairs()))
def test_every_move_of_a_restitution_is_one_of_its_remedy(source: str, target: str) -> None:
    before, after = (REMEDY_OF_RESTITUTION[RestitutionState(state)] for state in (source, target))
    assert before == after or (before, after) in set(REMEDY.pairs())
