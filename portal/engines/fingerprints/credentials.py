"""Content Credentials (C2PA) in a file, within the child: whether there are any, and what they claim.

Nothing is verified: neither signatures nor hashes. The manifest store is a tree of JUMBF boxes (ISO/IEC 19566-5); in MP4 and
MOV it lies in a `uuid` box at the top, in JPEG in segments APP11. Claims are CBOR, of which the few kinds of values are read
that a claim's own texts need. All counts and sizes are bounded.
"""

import struct
from collections.abc import Iterator
from typing import IO, Any, Final

_STORE: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")  # uuid of the box, C2PA specification, "BMFF"
_MOST_BYTES: Final = 8 << 20  # of a manifest store
_MOST_BOXES: Final = 2000
_DEEPEST: Final = 12
_MOST_NAMES: Final = 24  # that are told
_LONGEST: Final = 120  # characters of one
_ACTIONS: Final = ("c2pa.actions", "c2pa.actions.v2")
_CLAIMS: Final = ("c2pa.claim", "c2pa.claim.v2")


def read_credentials(file: IO[bytes]) -> dict[str, Any]:
    """`present`, and of what is there `generators`, `assertions`, `actions`, `sources` (lists of texts), `signed`."""
    file.seek(0)
    head = file.read(4)
    store = _of_jpeg(file) if head[:2] == b"\xff\xd8" else _of_boxes(file)
    told: dict[str, Any] = {"present": bool(store), "signed": False}
    told |= {name: [] for name in ("generators", "assertions", "actions", "sources")}
    for label, content in _labelled(store):
        _tell(told, label, content)
    return told


def _of_boxes(file: IO[bytes]) -> bytes:
    """The manifest store of an MP4 or MOV."""
    place = 0
    for _ in range(_MOST_BOXES):
        file.seek(place)
        head = file.read(16)
        if len(head) < 8:
            return b""
        size, kind = struct.unpack(">I4s", head[:8])
        begin = 8
        if size == 1 and len(head) == 16:
            size, begin = struct.unpack(">Q", head[8:])[0], 16
        if kind == b"uuid":
            file.seek(place + begin)
            content = file.read(min(max(size - begin, 0), _MOST_BYTES) if size else _MOST_BYTES)
            if content.startswith(_STORE):
                return _after_purpose(content)
        if size < begin:
            return b""
        place += size
    return b""


def _after_purpose(content: bytes) -> bytes:
    """What follows uuid, version with flags, purpose as a text that ends with 0, and an offset."""
    purpose, _, rest = content[20:].partition(b"\0")
    return rest[8:] if purpose in {b"manifest", b"original"} else b""


def _of_jpeg(file: IO[bytes]) -> bytes:
    """The manifest store of a JPEG, joined from its segments."""
    parts: list[bytes] = []
    place, total = 2, 0
    for _ in range(_MOST_BOXES):
        file.seek(place)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA:
            break
        length = struct.unpack(">H", head[2:])[0]
        if head[1] == 0xEB and total < _MOST_BYTES:
            content = file.read(max(length - 2, 0))
            if content.startswith(b"JP") and len(content) > 16:
                # Each segment repeats the header of the box of which it holds a part.
                parts.append(content[8 if not parts else 16 :])
                total += len(content)
        place += 2 + length
    return b"".join(parts)


def _labelled(store: bytes) -> Iterator[tuple[str, bytes]]:
    """Labels of the boxes of a JUMBF tree, each with the content box that it describes, or b"" for one of boxes."""
    waiting, seen = [(store, 0)], 0
    while waiting and seen < _MOST_BOXES:
        data, depth = waiting.pop()
        label, content = "", b""
        for kind, inner in _boxes(data):
            seen += 1
            if kind == b"jumb" and depth < _DEEPEST:
                waiting.append((inner, depth + 1))
            elif kind == b"jumd":
                label = _label(inner)
            elif kind == b"cbor":
                content = inner
        if label:
            yield label, content


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        if size == 0:
            size = len(data) - place
        if size < 8:
            return
        yield kind, data[place + 8 : place + size]
        place += size


def _label(description: bytes) -> str:
    """Of a description box: type (16 bytes), toggles, and a text that ends with 0 if bit 1 says so."""
    if len(description) < 18 or not description[16] & 2:
        return ""
    return _text(description[17:].partition(b"\0")[0].decode("utf-8", "replace"))


def _tell(told: dict[str, Any], label: str, content: bytes) -> None:
    name = label.partition("__")[0]  # the second of one name is c2pa.actions__2
    if name == "c2pa.signature":
        told["signed"] = True
    elif name in _CLAIMS:
        _add(told["generators"], _generator(_cbor(content)))
    elif content and not name.startswith(("c2pa.hash", "c2pa.credential")):
        _add(told["assertions"], name)
    if name in _ACTIONS:
        for action in _actions(_cbor(content)):
            _add(told["actions"], action.get("action"))
            _add(told["sources"], str(action.get("digitalSourceType", "")).rpartition("/")[2])


def _generator(claim: Any) -> Any:
    if not isinstance(claim, dict):
        return ""
    about = claim.get("claim_generator_info")
    about = about[0] if isinstance(about, list) and about else about
    return claim.get("claim_generator") or (about.get("name") if isinstance(about, dict) else "")


def _actions(content: Any) -> list[dict[Any, Any]]:
    found = content.get("actions") if isinstance(content, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _add(names: list[str], name: Any) -> None:
    text = _text(name) if isinstance(name, str) else ""
    if text and text not in names and len(names) < _MOST_NAMES:
        names.append(text)


def _text(text: str) -> str:
    return "".join(letter for letter in text[:_LONGEST] if letter.isprintable())


def _cbor(data: bytes) -> Any:
    """The first value; None where it cannot be read."""
    try:
        return _value(data, 0, 0)[0]
    except (IndexError, ValueError, struct.error, RecursionError, TypeError):
        return None


def _value(data: bytes, place: int, depth: int) -> tuple[Any, int]:
    """The value at a place, by its major type (RFC 8949), and where the next one begins."""
    if depth > _DEEPEST:
        raise ValueError("too deep")
    major, short = data[place] >> 5, data[place] & 31
    number, place = _number(data, place + 1, short)
    if major in {2, 3}:
        return _string(data, place, number, is_text=major == 3)
    if major == 4:
        return _list(data, place, number, depth)
    if major == 5:
        flat, place = _list(data, place, 2 * number, depth)
        pairs = zip(flat[::2], flat[1::2], strict=True)
        return {key: value for key, value in pairs if isinstance(key, str | int)}, place
    if major == 6:  # a tag: what it says of the value plays no part
        return _value(data, place, depth + 1)
    return {0: number, 1: -1 - number}.get(major, {20: False, 21: True}.get(short)), place


def _string(data: bytes, place: int, size: int, *, is_text: bool) -> tuple[bytes | str, int]:
    content = data[place : place + size]
    if len(content) < size:
        raise ValueError("too short")
    return (content.decode("utf-8", "replace") if is_text else content), place + size


def _list(data: bytes, place: int, count: int, depth: int) -> tuple[list[Any], int]:
    if count > len(data) - place:
        raise ValueError("too long")
    found = []
    for _ in range(count):
        value, place = _value(data, place, depth + 1)
        found.append(value)
    return found, place


def _number(data: bytes, place: int, short: int) -> tuple[int, int]:
    """The argument of a value's first byte; lengths that are not said beforehand are not read."""
    if short < 24:
        return short, place
    if short > 27:
        raise ValueError("indefinite")
    size = 1 << (short - 24)
    return int.from_bytes(data[place : place + size].rjust(size, b"\0")), place + size
