"""Requests as they arrive at the web server, before the app sees them: what of them is read, and for how long.

For the event loop of portal/webworker.py.
"""

import time
from functools import cached_property
from http import HTTPStatus
from typing import Any, Protocol

from django.core.handlers.wsgi import get_path_info
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.receiver import ChunkedReceiver
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error, RequestEntityTooLarge

from portal.web import transit
from portal.web.bodies import REFUSED, SMALL_BODY_BYTES, Allowance, is_upload_address
from portal.web.plain_problems import API, problem_text
from portal.web.transit import Room, Transit, UploadRoom

# Sent by the scripts of upload fields; bodies of 64 kB or less may be parts of files, too.
_UPLOAD_HEADERS = frozenset({"TUS_RESUMABLE", "X_UPLOAD"})


class Connection(Protocol):
    """What a request asks of the connection on which it comes."""

    @property
    def room(self) -> UploadRoom:
        """The room of this process."""

    def is_too_busy(self, request: "BoundedParser") -> bool:
        """Count a request once; whether its address has sent too many of them."""

    def address_of(self, request: "BoundedParser") -> str:
        """Whom a request is charged to."""


class TooManyRequests(Error):
    """Said by the event loop itself, which knows no language of the reader."""

    code = 429
    reason = "Too Many Requests"
    retry_after = str(transit.BURST_SECONDS)

    def __init__(self) -> None:
        super().__init__("Please wait a few seconds before you ask again. 请求过于频繁，请稍等几秒再试。")


class RequestTimeout(Error):
    code = 408
    reason = "Request Timeout"


class BoundedParser(HTTPRequestParser):
    """One request as it arrives. `allowed` is None until the app has said how long its body may be.

    `room`: what is taken for its body until it is closed. `refused`: the status with which its body was refused, or 0.
    """

    def __init__(self, adj: Adjustments, channel: Connection) -> None:
        super().__init__(adj)
        self.channel = channel
        self.began = time.monotonic()
        self.allowed: Allowance | None = None
        self.is_asking = False
        self.body = Transit(transit.BODY_SECONDS)
        self.room: Room | None = None
        self.refused = 0

    @property
    def body_length(self) -> int:
        """How long its body will be, as far as is known."""
        return max(int(self.content_length), int(self.body_bytes_received))

    @property
    def is_long(self) -> bool:
        """Whether its body is longer than any address takes without being asked."""
        return self.body_length > SMALL_BODY_BYTES

    @property
    def is_upload(self) -> bool:
        """Whether it brings a file, or a part of one, that is not refused."""
        marked = self.is_long or not self.headers.keys().isdisjoint(_UPLOAD_HEADERS)
        return marked and not self.error and not self.refused and self.is_upload_address

    @cached_property
    def is_upload_address(self) -> bool:
        """Whether long bodies are ever taken where it goes; once its head is there."""
        return is_upload_address(self.command, get_path_info({"PATH_INFO": self.path}))

    @property
    def waits_for_permission(self) -> bool:
        """Whether no more of it may be read for now."""
        return self.is_long and self.allowed is None and not self.error and not self.refused

    @property
    def deadline(self) -> float:
        """When it must have arrived, on the monotonic clock: its head soon, its body at a rate that a phone has."""
        if not self.headers_finished:
            return self.began + transit.HEAD_SECONDS
        return self.body.deadline(self.body_length)

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        self.body.move(consumed)
        if not self.headers_finished or self.error:
            return consumed
        if self.channel.is_too_busy(self):
            self.refuse(TooManyRequests())
        elif self.is_long and not self.is_upload_address:
            # From anybody, in any number: it costs no page.
            self.refuse(
                RequestEntityTooLarge(
                    f"At most {SMALL_BODY_BYTES >> 10} kB are taken here. 此处最多接收 {SMALL_BODY_BYTES >> 10} kB。"
                )
            )
        elif self.allowed is not None:
            self.take_room(self.allowed)
        return consumed

    def permit(self, allowed: Allowance) -> None:
        """Let the body be read on, for which the time begins now, if there is room for it; else refuse it."""
        self.allowed, self.body = allowed, Transit(transit.BODY_SECONDS)
        self.take_room(allowed)

    def take_room(self, allowed: Allowance) -> None:
        """Take the room for as much of the body as is known, or refuse it."""
        if self.room is not None and self.room.size >= self.body_length:
            return
        if self.body_length > allowed.most:
            self.refuse_body(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        self.give_back_room()
        # What is sent without saying how long it is may grow as long as it may be.
        size = allowed.most if isinstance(self.body_rcv, ChunkedReceiver) else self.body_length
        room = Room(size, self.channel.address_of(self), allowed.sender)
        if full := self.channel.room.take(room):
            self.refuse_body(HTTPStatus.SERVICE_UNAVAILABLE if full == "process" else HTTPStatus.TOO_MANY_REQUESTS)
        else:
            self.room = room

    def give_back_room(self) -> None:
        """Its body takes no room any more."""
        if self.room is not None:
            self.channel.room.give_back(self.room)
            self.room = None

    def close(self) -> None:
        super().close()
        self.give_back_room()

    def refuse(self, error: Error) -> None:
        """Answer with an error instead of reading on; the connection is closed after it."""
        self.error, self.completed, self.connection_close, self.expect_continue = error, True, True, False

    def refuse_body(self, status: HTTPStatus) -> None:
        """Have the app say that its body is not read; the connection is closed after it."""
        self.close()
        self.refused, self.completed, self.body_rcv, self.expect_continue = status, True, None, False
        self.headers |= {"CONNECTION": "close", "CONTENT_LENGTH": "0"}


class ProblemTask(ErrorTask):
    """What the event loop answers to a request that was not read to its end; under /api/ as the API says what is wrong."""

    def execute(self) -> None:
        error, path = self.request.error, str(getattr(self.request, "path", "") or "")
        if isinstance(error, TooManyRequests):
            self.response_headers.append(("Retry-After", error.retry_after))
        if not path.startswith(API):
            super().execute()
            return
        body = problem_text(error.code, error.body).encode()
        self.status, self.content_length = f"{error.code} {error.reason}", len(body)
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.write(body)


class RequestTask(WSGITask):
    """A request for the app, which learns what was refused."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        if self.request.refused:
            environ[REFUSED] = int(self.request.refused)
        return environ
