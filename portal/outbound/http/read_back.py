"""Changes on platforms that take no idempotency key: what came of a change is read, also where its answer was lost."""

from collections.abc import Callable

from portal.outbound.http.errors import CallError
from portal.platforms import PlatformError


def change_and_read_back(change: Callable[[], None], is_made: Callable[[], bool]) -> None:
    """Make a change, then read whether it is made; raises the error of the call, or PlatformError, if it is not."""
    lost = send_change(change)
    if not is_made():
        raise lost or PlatformError("the platform does not show what it has accepted")


def send_change(change: Callable[[], None]) -> CallError | None:
    """Make a change; the error that leaves open whether it is made, None if it was answered. Raises other errors of the call."""
    try:
        change()
    except CallError as error:
        if not error.sent:
            raise
        return error
    return None
