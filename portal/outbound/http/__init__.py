"""The client with which connectors call platforms over HTTP."""

import json as json_module
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast
from urllib.parse import urlencode, urlsplit

import urllib3

from portal import clock
from portal.outbound.http.errors import Busy, NoAnswer, WrongAnswer


@dataclass(frozen=True)
class ClientSettings:
    """How a platform is called."""

    timeout: float = 20.0


@dataclass(frozen=True)
class Answer:
    """What a platform answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        kind = self.headers.get("Content-Type", "")
        if "json" not in kind:
            raise WrongAnswer(f"the platform answered {kind}, not JSON")
        return json_module.loads(self.content)


class PlatformClient:
    """Calls one platform."""

    def __init__(
        self, platform: str, base_url: str, settings: ClientSettings, sign: Callable[..., dict[str, str]] | None = None
    ) -> None:
        self.platform, self.base_url, self.settings, self.sign = platform, base_url.rstrip("/"), settings, sign
        self.pool = urllib3.PoolManager(retries=False)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        largest: int = 16 << 20,
        repeatable: bool = False,
    ) -> Answer:
        address = self.base_url + path + ("?" + urlencode(query) if query else "")
        body = b"" if json is None else json_module.dumps(json).encode()
        parsed = urlsplit(address)
        line = parsed.path + ("?" + parsed.query if parsed.query else "")
        for last in (False, True) if repeatable or method == "GET" else (True,):
            signed = self.sign(method, line, body, clock.now()) if self.sign else {}
            try:
                response = self.pool.request(
                    method,
                    address,
                    body=body or None,
                    headers={"Content-Type": "application/json", **(headers or {}), **signed},
                    timeout=timeout or self.settings.timeout,
                )
            except urllib3.exceptions.HTTPError as error:
                if last:
                    raise NoAnswer(str(type(error)), sent=True) from error
                continue
            if response.status == 429:
                raise Busy(1)
            if response.status >= 500 and response.status != 501:
                if last:
                    raise NoAnswer(str(response.status), sent=True)
                continue
            return Answer(response.status, response.headers, response.data)
        raise AssertionError

    def open(self, path: str, *, largest: int = 1 << 30) -> BinaryIO:
        answer = self.call("GET", path)
        if answer.status != 200:
            raise WrongAnswer(str(answer.status))
        plain = TemporaryFile()  # noqa: SIM115 -- the caller closes it
        plain.write(answer.content)
        plain.seek(0)
        return cast("BinaryIO", plain)
