"""`python kept_running.py COMMAND...`: a command that is started again whenever it ends by itself.

Run by its path: nothing of the portal is imported, which takes time and memory.

Celery's main process may end when its broker is killed while it connects, and the broker is started again within seconds. A signal
to end is handed on, and what the command answers to that is the answer of this process. A command that ends again and again at
once will not do better: after MOST_QUICK_ENDS of these in a row its answer is given, too.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence

QUICK_SECONDS = 20.0
MOST_QUICK_ENDS = 5
_PAUSE = 1.0
_sleep = time.sleep


def keep_running(command: Sequence[str]) -> int:
    """Run it until a signal ends it, or it keeps ending at once; returns its exit status, 128 and the signal if one killed it."""
    ended: list[int] = []
    process: subprocess.Popen[bytes] | None = None

    def end(number: int, _frame: object) -> None:
        ended.append(number)
        if process is not None and process.poll() is None:
            process.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    quick = 0
    while True:
        started = time.monotonic()
        process = subprocess.Popen(command)
        if ended:
            process.send_signal(ended[-1])
        status = process.wait()
        quick = quick + 1 if time.monotonic() - started < QUICK_SECONDS else 0
        if ended or quick == MOST_QUICK_ENDS:
            return 128 - status if status < 0 else status
        sys.stderr.write(f"{command[-1]}: ended by itself with status {status}, and is started again\n")
        sys.stderr.flush()
        _sleep(_PAUSE)


if __name__ == "__main__":
    sys.exit(keep_running(sys.argv[1:]))
