"""Why a platform could not be called over HTTP."""

from portal.platforms import PlatformError


class NoAnswer(PlatformError):
    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class Busy(PlatformError):
    def __init__(self, retry_after: float) -> None:
        super().__init__("busy")
        self.retry_after = retry_after


class WrongAnswer(PlatformError):
    pass
