"""Races on the real database, and processes that die half way; for tests with `django_db(transaction=True)`."""

import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing.process import BaseProcess
from threading import Barrier
from typing import Any

from django.db import connection, connections

from portal.errors import DomainError

_PATIENCE = 60  # seconds
_FORK = multiprocessing.get_context("fork")


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do everything at the same moment, each in a thread with a connection of its own.

    Gives what each returned, in order, or the DomainError with which it was refused. Any other error is raised.
    """
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait(_PATIENCE)
        try:
            return act()
        except DomainError as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result() for done in [pool.submit(_on_own_connection, partial(run, act)) for act in acts]]


@contextmanager
def in_background(act: Callable[[], Any]) -> Iterator[Future[Any]]:
    """Do something in another thread, with a connection of its own, while the block runs; waits for it in the end."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(_on_own_connection, act)


@contextmanager
def forked(act: Callable[[], object]) -> Iterator[BaseProcess]:
    """Do something in a copy of this process while the block runs; what has not ended then is killed."""
    connections.close_all()  # a connection must not be shared between processes
    process = _FORK.Process(target=partial(_on_new_connections, act))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def run_until_killed(act: Callable[[], object], place: object, name: str, *, call: int = 1) -> None:
    """Do something in a copy of this process, which dies at that call of `place.name` as if it lost its power."""
    inner, calls = getattr(place, name), itertools.count(1)

    def die(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return inner(*args, **kwargs)

    def run() -> None:
        setattr(place, name, die)  # in the copy only
        act()

    with forked(run) as process:
        process.join(_PATIENCE)
        assert process.exitcode == -signal.SIGKILL, f"ended with {process.exitcode} instead"


def _on_new_connections(act: Callable[[], object]) -> None:
    """Run in the copy, which may see other connections than those that were closed.

    Beside a running event loop, such as a browser's, Django keeps connections by context. The copy has no running
    loop, and would take up what this thread had opened before the loop was started.
    """
    for alias in connections:
        connections[alias] = connections.create_connection(alias)
    act()


def _on_own_connection(act: Callable[[], Any]) -> Any:
    try:
        return act()
    finally:
        connection.close()
