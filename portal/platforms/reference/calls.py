"""A call of the contract, and how a function says that it answers one."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from portal.platforms.reference.store import Store

Json = dict[str, Any]


class Call(NamedTuple):
    """One call: the tables and the address of the platform, what it serves and how much of it at once, the query, and the body."""

    store: Store
    site: str
    serves: Sequence[str]
    limits: dict[str, int]
    query: dict[str, str]
    body: Json


class Route(NamedTuple):
    """Which calls a function answers. It needs these abilities; `once`: the answer is kept under the call's Idempotency-Key."""

    method: str
    path: re.Pattern[str]
    needs: tuple[str, ...]
    once: bool
    answer: Callable[..., Any]


ROUTES: list[Route] = []
Answer = Callable[..., Any]


def route(method: str, path: str, *needs: str, once: bool = False) -> Callable[[Answer], Answer]:
    """Let a function answer calls of a path under /v1/. It is given the call, and what stands for each `{}` of the path."""

    def add(answer: Answer) -> Answer:
        ROUTES.append(Route(method, re.compile("/v1/" + path.replace("{}", "([^/]+)")), needs, once, answer))
        return answer

    return add
