"""Changes on platforms that take no idempotency key: what came of a change is read, also where its answer was lost."""

from collections.abc import Callable

from portal.outbound.http.errors import CallError
from portal.platforms import PlatformError


def change_and_read_back(change: Callable[[], None], is_made: Callable[[], bool]) -> None:
    """Make a change, then read whether it is made; raises the error of the call, or PlatformError, if it is not."""
    lost: CallError | None = None
    try:
        change()
    except CallError as error:
        if not error.sent:
            raise
        lost = error
    if not is_made():
        raise lost or PlatformError("the platform does not show what it has accepted")
