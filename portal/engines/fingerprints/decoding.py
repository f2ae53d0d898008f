"""How much processor time a child spends on reading and decoding, apart from what is computed of the frames."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

_Item = TypeVar("_Item")


class _Meter:
    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of the block."""
        started = time.process_time()
        try:
            yield
        finally:
            self.seconds += time.process_time() - started

    def counted(self, source: Iterator[_Item]) -> Iterator[_Item]:
        """The same items; the time in which the source makes them is counted."""
        while True:
            with self.running():
                item = next(source, None)
            if item is None:
                return
            yield item


METER = _Meter()  # of this process
