"""What bodies and answers on their way may take of the web server: time, and room until they are stored.

Pure Python, for one process; portal/webworker.py asks it.
"""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

# Seconds: for the head of a request; for a body, or an answer, of which nothing moves.
HEAD_SECONDS = 10.0
BODY_SECONDS = 20.0
SEND_SECONDS = 60.0
# So many seconds' worth of the requests of one address may come at once.
BURST_SECONDS = 10
# No slower than SLOWEST in any stretch of its patience, and than AVERAGE on the whole: bytes a second. A phone with
# 1 Mbit/s (122 KiB/s) passes with a stall of a few seconds now and then; who sends a byte now and then is cut off.
SLOWEST = 16 << 10
AVERAGE = 64 << 10


class Transit:
    """Bytes of one body, or of one answer, as they move; for one thread."""

    def __init__(self, patience: float) -> None:
        """`patience`: seconds for which nothing need move."""
        self._patience = patience
        self._began = time.monotonic()
        self._stalled_at = self._began + patience
        self.moved = 0

    def move(self, size: int) -> None:
        """So many bytes more have moved: they buy time, but never more than `patience` ahead."""
        self.moved += size
        self._stalled_at = min(self._stalled_at + size / SLOWEST, time.monotonic() + self._patience)

    def deadline(self, size: int) -> float:
        """When it is given up, on the monotonic clock, if it has `size` bytes."""
        return min(self._stalled_at, self._began + self._patience + size / AVERAGE)


@dataclass(frozen=True)
class Room:
    """What one body takes: so many bytes, and who is charged for them besides the process ("" for nobody)."""

    size: int
    address: str
    sender: str


@dataclass
class UploadRoom:
    """Bytes of bodies that have been let in and are not stored yet: of the process, an address, a sender. Thread-safe."""

    whole: int
    of_address: int
    of_sender: int
    _taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, room: Room) -> str:
        """Take it; else, and then nothing is taken, what is full: "process", "address" or "sender"."""
        with self._lock:
            for kind, (name, most) in self._shares(room).items():
                if self._taken[kind, name] + room.size > most:
                    return kind
            for kind, (name, _) in self._shares(room).items():
                self._taken[kind, name] += room.size
        return ""

    def give_back(self, room: Room) -> None:
        """It is stored, or was given up."""
        with self._lock:
            for kind, (name, _) in self._shares(room).items():
                self._taken[kind, name] -= room.size
                if self._taken[kind, name] <= 0:
                    del self._taken[kind, name]

    @property
    def taken(self) -> int:
        """Bytes of the whole process."""
        return self._taken.get(("process", ""), 0)

    def _shares(self, room: Room) -> Mapping[str, tuple[str, int]]:
        shares = {"process": ("", self.whole)}
        if room.address:
            shares["address"] = room.address, self.of_address
        if room.sender:
            shares["sender"] = room.sender, self.of_sender
        return shares


class RequestCounter:
    """Requests of each address: a bucket that refills at `rate` a second and holds `burst`. For one thread."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._taken: Counter[str] = Counter()
        self._since = time.monotonic()

    def is_too_many(self, address: str) -> bool:
        """Count one request of this address; "" is not counted."""
        if not address or self.rate <= 0:
            return False
        self._taken[address] += 1
        return self._taken[address] > self.burst

    def refill(self) -> None:
        """Forget what was counted, as fast as the rate allows; called about every second."""
        now = time.monotonic()
        freed, self._since = (now - self._since) * self.rate, now
        self._taken = Counter({address: left for address, taken in self._taken.items() if (left := taken - freed) > 0})
