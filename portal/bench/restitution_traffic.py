"""What people do on the platform while followers are moved: follows and unfollows of the two accounts.

Processes of their own start an operation at a fixed rate, whether or not the one before has ended (open loop): an
operation's time counts from when it should have begun. Each is the sandbox's production action. The accounts that act are
none of the restitution's, and their follows are deleted afterwards, so that the edges can be compared.
"""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import Any

from django.db import connection

from portal.bench.measuring import percentile_ms
from portal.bench.restitution_rows import PUBLISHED, SOURCE, TARGET
from portal.sandbox.actions.follows import follow_account, unfollow_account
from portal.sandbox.models import Account, Follow, Unfollow

OPERATIONS_PER_S = 200
_CLIENTS, _VIEWERS = 4, 100  # processes, and the viewers that each of them plays
_START = 2.0  # seconds for the processes to connect
_FORK = multiprocessing.get_context("fork")


class Traffic:
    """The seconds that each operation took, once the traffic has ended."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def figures(self, name: str) -> dict[str, Any]:
        """The middle and the slow end, and how many operations there were."""
        shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
        times = {f"{name}_{label}_ms": percentile_ms(self.seconds, share) for label, share in shares.items()}
        return {**times, f"{name}_operations": len(self.seconds)}


def make_viewers(first: int) -> range:
    """Accounts for the traffic, with ids above all others; `first` is free."""
    viewers = range(first, first + _CLIENTS * _VIEWERS)
    Account.objects.bulk_create(
        [Account(pk=pk, handle=f"other-viewer-{pk}", name="Viewer", joined_at=PUBLISHED) for pk in viewers]
    )
    return viewers


@contextmanager
def live_traffic(viewers: Sequence[int]) -> Iterator[Traffic]:
    """Traffic for as long as the block runs; raises RuntimeError in the end if an operation failed."""
    connection.close()  # a socket must not have two users
    traffic, over = Traffic(), _FORK.Event()
    results: Queue[list[float]] = _FORK.Queue()
    begin = time.monotonic() + _START
    clients = [
        _FORK.Process(target=_act, args=(viewers[number::_CLIENTS], begin + number / OPERATIONS_PER_S, over, results))
        for number in range(_CLIENTS)
    ]
    for client in clients:
        client.start()
    time.sleep(_START)
    try:
        yield traffic
    finally:
        over.set()
        traffic.seconds = [seconds for _client in clients for seconds in results.get()]
        for client in clients:
            client.join()
        if any(client.exitcode for client in clients):
            raise RuntimeError("an operation of the live traffic failed")
        Follow.objects.filter(follower__in=viewers).delete()
        Unfollow.objects.filter(follower__in=viewers).delete()


def _act(viewers: Sequence[int], begin: float, over: Event, results: "Queue[list[float]]") -> None:
    """One client: each viewer in turn follows one of the two accounts, and unfollows it in the next turn."""
    seen: list[float] = []
    try:
        people = list(Account.objects.filter(pk__in=viewers).order_by("pk"))
        accounts = list(Account.objects.filter(pk__in=(SOURCE, TARGET)).order_by("pk"))
        for number in count():
            due = begin + number * _CLIENTS / OPERATIONS_PER_S
            if over.wait(max(0.0, due - time.monotonic())):
                break
            person, turn = people[number % len(people)], number // len(people)
            account = accounts[(number + turn // 2) % 2]
            (unfollow_account if turn % 2 else follow_account)(account=account, by=person)
            seen.append(time.monotonic() - due)
    finally:
        connection.close()
        results.put(seen)
