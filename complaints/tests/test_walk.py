"""A complaint from the first word to the reviewer, and every state that the factories promise."""

import pytest

from complaints.states import ComplaintState as State
from complaints.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", make.PATHS)
def test_every_state_is_reached_by_real_steps(state: State) -> None:
    complaint = make.complaint(state)
    assert complaint.number == f"OC-{complaint.pk:06d}"
