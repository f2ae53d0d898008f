"""What came of a change is read, whatever its answer was."""

import pytest

from portal.outbound.http import NoAnswer, change_and_read_back
from portal.platforms import PlatformError


def change(error: Exception | None = None) -> None:
    if error is not None:
        raise error


@pytest.mark.parametrize("error", [None, NoAnswer("there", sent=True)], ids=["answered", "lost"])
def test_a_change_that_is_seen_is_made(error: Exception | None) -> None:
    change_and_read_back(lambda: change(error), lambda: True)


def test_a_change_that_was_accepted_and_is_not_seen_is_an_error() -> None:
    with pytest.raises(PlatformError, match="does not show"):
        change_and_read_back(change, lambda: False)


def test_a_lost_change_that_is_not_seen_raises_the_error_of_its_call() -> None:
    with pytest.raises(NoAnswer):
        change_and_read_back(lambda: change(NoAnswer("there", sent=True)), lambda: False)


def test_what_was_not_sent_is_not_read() -> None:
    with pytest.raises(NoAnswer):
        change_and_read_back(lambda: change(NoAnswer("there", sent=False)), lambda: True)
