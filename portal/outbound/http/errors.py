"""Why a call to a platform gave no answer. The texts name the platform and the kind of fault only."""

from portal.platforms import PlatformError


class CallError(PlatformError):
    """A call without an answer that can be used.

    `sent` tells whether the request may have been carried out, `status` the HTTP status if one came, and `retry_after` in
    how many seconds another call may succeed, as far as that is known. `kind` is one of models.FailureKind, "" for a call
    that was never made.
    """

    kind = ""
    said = "the call failed"

    def __init__(
        self,
        platform: str,
        what: str = "",
        *,
        sent: bool = False,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{platform}: {what or self.said}")
        self.platform, self.sent, self.status, self.retry_after = platform, sent, status, retry_after


class NoAnswer(CallError):
    """No answer came, it was cut off, or it was a server error (`status`): what was asked for may have been done if `sent`."""

    kind = "no_answer"
    said = "no answer"


class Unreachable(NoAnswer):
    """No connection came about, so that nothing was asked for."""

    kind = "unreachable"
    said = "no connection"


class ServerError(NoAnswer):
    """The platform answered with a status of 500 or above, other than "busy"."""

    kind = "server_error"
    said = "server error"


class Busy(CallError):
    """The platform asks to come later (429), or so many calls wait already that this one would not be made in its time."""

    kind = "busy"
    said = "too many calls"


class QuotaUsed(Busy):
    """As many calls were made today as the platform allows in a day (UTC)."""

    said = "the daily quota is used up"


class BreakerOpen(CallError):
    """The platform has not answered lately, so that it is not called until `retry_after` seconds from now."""

    said = "not called, since it has not answered lately"


class Refused(CallError):
    """Its name leads to an address that is not called: private, local or reserved."""

    kind = "refused"
    said = "its address is not one that may be called"


class WrongAnswer(CallError):
    """The answer is not what was asked for: its type, its size, its encoding, or for a file its status."""

    kind = "wrong_answer"
    said = "not an answer of the expected kind"
