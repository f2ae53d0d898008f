"""Calls to one platform: admitted by the shared rows, made within their time, repeated where that does no harm."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError

from portal import clock
from portal.engines.limited_process import is_answering_request
from portal.outbound.deadlines import limited_seconds
from portal.outbound.guard import CallOnRequestThread, refuse_open_transaction
from portal.outbound.http import traffic, waits
from portal.outbound.http.answers import Answer, read_body
from portal.outbound.http.client_settings import ClientSettings
from portal.outbound.http.connections import ProcessPool
from portal.outbound.http.errors import Busy, CallError, NoAnswer, ServerError, Unreachable, WrongAnswer
from portal.outbound.http.exchanges import Exchange
from portal.outbound.http.requests import Files, Query, Request, base_address, build_request, check_headers, target_of
from portal.outbound.http.streams import MEDIA, fetch_file
from portal.outbound.http.traffic import Permit
from portal.outbound.models import FailureKind
from portal.platforms.protocol import FetchedFile

logger = logging.getLogger(__name__)

T = TypeVar("T")
Sign = Callable[[str, str, bytes, Any], Mapping[str, str]]
_SAFE = {"GET", "HEAD", "OPTIONS"}
_TOO_MANY, _UNAVAILABLE = 429, 503
# Whether that is a fault is for the connector to say: a token may just have ended.
_NOT_LET_IN = {401, 403}
# An attempt that has less time than that is not begun.
_LEAST_SECONDS = 0.5
_sleep = time.sleep


@dataclass(frozen=True)
class _Bounds:
    """Until when (monotonic seconds) a call goes on, the most that its answer may have, and how often it is tried."""

    ends: float
    largest: int
    attempts: int

    @property
    def left(self) -> float:
        return self.ends - time.monotonic()


class PlatformClient:
    """Calls one platform over HTTP. Made when the process starts: it neither connects nor reads rows before its first call.

    `sign(method, target, body, now)` gives headers for each attempt; `target` is the path with the query as it is sent.
    A call that is made while a request is answered or a transaction is open is a programming error and is refused.
    """

    def __init__(
        self, platform: str, base_url: str, settings: ClientSettings | None = None, sign: Sign | None = None
    ) -> None:
        """`platform` is the code of the platform, whose calls are counted together. Raises ValueError for a wrong address."""
        self.platform, self.settings, self._sign = platform, settings or ClientSettings(), sign
        self._base = base_address(base_url)
        self._pool = ProcessPool(platform, self._base, connections=self.settings.connections)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        form: Query | None = None,
        files: Files | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        largest: int | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """The platform's answer, whatever its status but 429 and 500 or above. Redirects are answers, too.

        `repeatable`: it may be sent again where no answer came: reading (the default for GET) or with an idempotency key.
        Takes `timeout` seconds at most with its waits, total_seconds by default. Raises a CallError, ValueError for
        what cannot be sent.
        """
        refuse_here()
        target = target_of(self.platform, self._base, path, query)
        request = build_request(method, target, json_body=json, form=form, files=files, headers=headers or {})
        again = request.method in _SAFE if repeatable is None else repeatable
        seconds = limited_seconds(min(timeout or self.settings.total_seconds, self.settings.total_seconds))
        attempts = self.settings.attempts if again else 1
        bounds = _Bounds(time.monotonic() + seconds, largest or self.settings.largest, attempts)
        return self._repeat(partial(self._attempt, request, bounds), bounds)

    def open(
        self,
        path: str,
        *,
        largest: int,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        types: Sequence[str] = MEDIA,
        timeout: float | None = None,
    ) -> FetchedFile:
        """A file of at most `largest` bytes, fetched whole into a temporary file without a name; the caller closes it.

        A download that is cut off goes on where it stopped, if the platform serves ranges. Raises WrongAnswer with its
        `status` where that is not 200, or where the answer's media type begins with none of `types`.
        """
        refuse_here()
        target = target_of(self.platform, self._base, path, query)
        given = {"Accept": "*/*", "Accept-Encoding": "identity", **(headers or {})}
        request = build_request("GET", target, json_body=None, form=None, files=None, headers=given)
        seconds = limited_seconds(timeout or self.settings.stream_seconds)
        bounds = _Bounds(time.monotonic() + seconds, largest, self.settings.attempts)
        return fetch_file(
            self.platform,
            partial(self._streamed, request, bounds),
            partial(self._repeat, bounds=bounds),
            largest,
            types,
        )

    def _repeat(self, act: Callable[[], T], bounds: _Bounds) -> T:
        """Act, again where it failed for a reason that may pass; an error that may have had an effect outlives later ones."""
        before: CallError | None = None
        for attempt in range(1, bounds.attempts + 1):
            try:
                return act()
            except CallError as error:
                telling = before if before is not None and before.sent and not error.sent else error
                wait = waits.before_next(attempt, error.retry_after, self.settings)
                may_pass = isinstance(error, NoAnswer | Busy)
                if attempt == bounds.attempts or not may_pass or wait + _LEAST_SECONDS > bounds.left:
                    raise telling from None
                before = telling
                _sleep(wait)
        raise AssertionError("no attempt")

    def _attempt(self, request: Request, bounds: _Bounds) -> Answer:
        permit = self._admit(bounds, seconds=bounds.left)
        with self._settled(permit), Exchange(bounds.left) as exchange:
            response = self._send(request, exchange)
            self._refuse_status(permit, response)
            content = b"".join(self._read(response, exchange, bounds.largest))
            traffic.record_answer(permit, is_useful=response.status not in _NOT_LET_IN)
        wrong = partial(traffic.record_fault, self.platform, FailureKind.WRONG_ANSWER, response.status)
        return Answer(response.status, response.headers, content, self.platform, wrong)

    @contextmanager
    def _streamed(
        self, request: Request, bounds: _Bounds, headers: Mapping[str, str]
    ) -> Iterator[tuple[BaseHTTPResponse, Iterator[bytes]]]:
        """An answer and its body, piece by piece; `headers` are those of a download that goes on."""
        permit = self._admit(bounds, seconds=self.settings.connect_seconds + self.settings.read_seconds)
        request = Request(request.method, request.target, request.body, {**request.headers, **headers})
        with self._settled(permit), Exchange(bounds.left) as exchange:
            response = self._send(request, exchange)
            try:
                self._refuse_status(permit, response)
                traffic.record_answer(permit, is_useful=response.status not in _NOT_LET_IN)
                yield response, self._read(response, exchange, bounds.largest)
            finally:
                response.close()

    def _admit(self, bounds: _Bounds, *, seconds: float) -> Permit:
        """Take the call's place, and wait for its moment."""
        patience = bounds.left - _LEAST_SECONDS
        if patience < 0:
            raise Busy(self.platform, "no time is left for it")
        permit = traffic.admit_call(self.platform, self.settings, patience=patience, probe_seconds=max(seconds, 1) + 5)
        wait = permit.wait
        while wait > 0:
            if wait > bounds.left - _LEAST_SECONDS:
                traffic.give_back(permit)
                raise Busy(self.platform, retry_after=wait)
            _sleep(wait)
            # While it waited, another call may have been told that the platform is busy.
            wait = traffic.pause_left(self.platform)
        return permit

    @contextmanager
    def _settled(self, permit: Permit) -> Iterator[None]:
        """Record how the call went, unless it was answered; whatever is no answer and no CallError counts as none.

        An error of this machine's system, such as a full disk, is no fault of the platform: those of the network are CallErrors.
        """
        started = time.monotonic()
        try:
            yield
        except Busy as busy:
            traffic.record_busy(permit, busy.status or _TOO_MANY, busy.retry_after)
            self._log(busy, started)
            raise
        except WrongAnswer as wrong:
            traffic.record_answer(permit, is_useful=False)
            traffic.record_fault(self.platform, FailureKind.WRONG_ANSWER, wrong.status)
            self._log(wrong, started)
            raise
        except CallError as error:
            traffic.record_failure(permit, error.kind, error.status, error.retry_after, reached=error.sent)
            self._log(error, started)
            raise
        except OSError as error:
            self._log(error, started)
            raise
        except BaseException as error:
            traffic.record_failure(permit, NoAnswer.kind, None)
            self._log(error, started)
            raise

    def _send(self, request: Request, exchange: Exchange) -> BaseHTTPResponse:
        headers = dict(request.headers)
        if self._sign is not None:
            headers |= check_headers(dict(self._sign(request.method, request.target, request.body, clock.now())))
        limits = self.settings
        timeout = Timeout(
            connect=min(limits.connect_seconds, exchange.left), read=min(limits.read_seconds, exchange.left)
        )
        with self._faults(exchange):
            return self._pool.get().urlopen(
                request.method,
                request.target,
                body=request.body or None,
                headers=headers,
                retries=False,
                redirect=False,
                timeout=timeout,
                preload_content=False,
                decode_content=False,
            )

    def _read(self, response: BaseHTTPResponse, exchange: Exchange, largest: int) -> Iterator[bytes]:
        with self._faults(exchange):
            yield from read_body(self.platform, response, most=largest)
            if exchange.was_cut:
                # An end of the connection may be the end of the body.
                raise NoAnswer(self.platform, sent=True)

    @contextmanager
    def _faults(self, exchange: Exchange) -> Iterator[None]:
        """Network errors as ours, without their texts, which hold addresses and queries."""
        try:
            yield
        except (HTTPError, OSError):
            if exchange.sent:
                raise NoAnswer(self.platform, sent=True) from None
            raise Unreachable(self.platform) from None

    def _refuse_status(self, permit: Permit, response: BaseHTTPResponse) -> None:
        if response.status not in {_TOO_MANY, *range(500, 600)}:
            return
        # What such an answer says besides is not needed, and may be unreadable or endless.
        response.close()
        asked = waits.retry_after(response.headers, most=permit.settings.retry_after_most)
        if response.status == _TOO_MANY:
            raise Busy(self.platform, status=response.status, retry_after=asked)
        what = "busy" if response.status == _UNAVAILABLE and asked is not None else ""
        raise ServerError(self.platform, what, sent=True, status=response.status, retry_after=asked)

    def _log(self, error: BaseException, started: float) -> None:
        facts = {"platform": self.platform, "seconds": round(time.monotonic() - started, 2)}
        facts |= {"fault": type(error).__name__, "status": getattr(error, "status", None)}
        logger.warning("platform_call_failed", extra=facts)


def refuse_here() -> None:
    """Raise CallOnRequestThread or CallInTransaction where no platform may be called."""
    if is_answering_request():
        raise CallOnRequestThread("a platform is called while a request is answered")
    refuse_open_transaction()
