"""A request as it goes over the network: its path with the query, its body, its headers."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from urllib3.filepost import encode_multipart_formdata

from portal.outbound.http.errors import Refused
from portal.platforms import Unknown

Query = Mapping[str, Any] | Sequence[tuple[str, Any]]
# name -> (file name, content, media type)
Files = Mapping[str, tuple[str, bytes, str]]

_PLAIN_PATH = re.compile(r"/[!-~]*")
_DOTS = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,80}")
_HEADER_VALUE = re.compile(r"[\t -~\x80-\xff]{0,8000}")
_AGENT = "creator-trust-portal"


@dataclass(frozen=True)
class Request:
    """`target` is the path with the query, exactly as it is sent and signed. Nothing of it is shown by repr()."""

    method: str
    target: str = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def path_segment(text: str) -> str:
    """An id or a handle as one part of a path. Raises Unknown for what can be none, since people paste anything."""
    if not text or text in {".", ".."} or not text.isprintable() or len(text) > 500:
        raise Unknown("not an id")
    return quote(text, safe="")


def build_request(
    method: str, target: str, *, json_body: Any, form: Query | None, files: Files | None, headers: Mapping[str, str]
) -> Request:
    """The request with its body encoded. Raises ValueError, without their values, for headers that cannot be sent."""
    body, media_type = _encode(json_body, form, files)
    given = {"User-Agent": _AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"}
    if media_type:
        given["Content-Type"] = media_type
    return Request(method.upper(), target, body, check_headers(given | dict(headers)))


def check_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers; raises ValueError that names a wrong one, but not its value, which may be secret."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError("a header's name is not valid")
        if not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"the header {name} cannot be sent")
    return dict(headers)


def base_address(base_url: str) -> SplitResult:
    """The parts of a platform's address; raises ValueError if it is not plain http or https."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("base_url must begin with https:// or http:// and name a host")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("base_url must be an address without user, query or fragment")
    _port = parts.port  # raises ValueError where it is none
    return parts


def target_of(platform: str, base: SplitResult, path: str, query: Query | None) -> str:
    """The path below the platform's address with the query. An address of the platform's own may be given instead of a path.

    Raises Refused for an address elsewhere, ValueError for a path that is not encoded or leads upwards.
    """
    if not path.startswith("/"):
        path, query = _own_path(platform, base, path, query)
        prefix = ""
    else:
        prefix = base.path.rstrip("/")
    bare, mark, given = path.partition("?")
    if not _PLAIN_PATH.fullmatch(bare) or bare.startswith("//") or "#" in path or _DOTS.search(bare):
        raise ValueError("the path is not one that can be called")
    added = urlencode(_pairs(query), doseq=True) if query else ""
    whole = "&".join(part for part in (given if mark else "", added) if part)
    return f"{prefix}{bare}{'?' if whole else ''}{whole}"


def _own_path(platform: str, base: SplitResult, address: str, query: Query | None) -> tuple[str, Query | None]:
    try:
        parts = urlsplit(address)
        same = (parts.scheme, parts.hostname, _port_of(parts)) == (base.scheme, base.hostname, _port_of(base))
    except ValueError:
        same = False
    if not same or parts.username or parts.password:
        raise Refused(platform, "an address that is not the platform's own")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return path + (f"?{parts.query}" if parts.query else ""), query


def _port_of(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _pairs(query: Query) -> list[tuple[str, Any]]:
    pairs = query.items() if isinstance(query, Mapping) else query
    return [(name, value) for name, value in pairs if value is not None]


def _encode(json_body: Any, form: Query | None, files: Files | None) -> tuple[bytes, str]:
    if json_body is not None and (form is not None or files is not None):
        raise ValueError("either json or a form")
    if json_body is not None:
        text = json.dumps(json_body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode(), "application/json"
    if files is not None:
        fields: list[tuple[str, Any]] = [(name, str(value)) for name, value in _pairs(form or {})]
        return encode_multipart_formdata([*fields, *files.items()])
    if form is not None:
        return urlencode(_pairs(form), doseq=True).encode(), "application/x-www-form-urlencoded"
    return b"", ""
