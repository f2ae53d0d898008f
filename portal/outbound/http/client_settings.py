"""How one platform may be called: times, sizes, rate, quota, and when it is left alone."""

from dataclasses import dataclass
from typing import Any

from portal.platforms import PlatformConfig
from portal.pools import CALL_SECONDS, POOLS

# traffic.py takes an end of a pause that is further away than these (with jitter) for that of a clock that was moved.
_MOST_PAUSE, _MOST_BREAK = 86_400, 3000
# Left of the time of a claim (calls.py) when a call ends at the latest.
_ROOM_SECONDS = 5


@dataclass(frozen=True)
class ClientSettings:
    """Times in seconds, sizes in bytes. All workers of all machines together keep to rate, quota and breaker.

    `rate` is calls a second, `burst` how many may be made at once after a pause (default: a second's worth), `quota`
    calls in a day of UTC. A 429 that says when to come again (`Retry-After`) is waited for; at one that does not, or that comes again at
    once, the rate is halved, down to `least_share` of itself, and grows by `recovery_share` of `rate` every `recovery_seconds`. After `break_after` failures in a row the platform is left alone for `break_seconds`, then
    one call tries it; each time that this call fails, too, the time doubles, up to `break_most`.

    `connect_seconds` and `read_seconds` bound each wait for the network, `total_seconds` a whole call with its waits and
    repetitions, `stream_seconds` a file that is fetched. `largest` is the most that an answer may have, unpacked.
    """

    rate: float = 10.0
    burst: int | None = None
    quota: int | None = None
    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    total_seconds: float = 40.0
    stream_seconds: float = 900.0
    attempts: int = 3
    backoff_seconds: float = 0.5
    backoff_most: float = 8.0
    retry_after_most: float = 86_400.0
    break_after: int = 5
    break_seconds: float = 2.0
    break_most: float = 300.0
    least_share: float = 1 / 16
    recovery_seconds: float = 2.0
    recovery_share: float = 0.1
    largest: int = 8 << 20
    connections: int = 4

    @classmethod
    def of_platform(cls, config: PlatformConfig, **defaults: Any) -> "ClientSettings":
        """The settings in the options of an entry of PLATFORMS; raises ValueError that names what is wrong."""
        try:
            return cls(**{**defaults, **config.options})
        except TypeError as error:
            raise ValueError(f"options: {', '.join(map(str, config.options))}: {error}") from error

    def __post_init__(self) -> None:
        """Raise ValueError for numbers with which nothing works, and for calls that outlive the claim of their row."""
        names = ("rate", "connect_seconds", "read_seconds", "total_seconds", "attempts", "break_after", "break_seconds")
        positive = (*names, "recovery_seconds", "recovery_share", "largest", "connections", "least_share")
        if low := [name for name in positive if getattr(self, name) <= 0]:
            raise ValueError(f"{', '.join(low)} must be above 0")
        if self.total_seconds > CALL_SECONDS - _ROOM_SECONDS:
            raise ValueError(f"total_seconds must be {CALL_SECONDS - _ROOM_SECONDS} at most")
        if self.retry_after_most > _MOST_PAUSE or self.break_most > _MOST_BREAK:
            raise ValueError(f"retry_after_most must be {_MOST_PAUSE} at most, break_most {_MOST_BREAK}")
        if self.stream_seconds >= POOLS["media"].attempt_seconds:
            raise ValueError("stream_seconds must be below the time of an attempt of the pool media")

    @property
    def most_at_once(self) -> float:
        """How many calls may be made without a wait after a pause."""
        return float(self.burst if self.burst is not None else max(1.0, self.rate))
