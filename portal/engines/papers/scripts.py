"""Texts made alike before they are compared: full-width letters plain, traditional characters simplified."""

import functools
import importlib.util
import re
import unicodedata
from pathlib import Path


def prepare() -> None:
    """Read the table, while files can be opened."""
    _table()


def simplify(text: str) -> str:
    """Traditional Chinese characters as simplified ones; everything else stays."""
    return text.translate(_table())


def plain_width(text: str) -> str:
    """Full-width letters plain, white space as single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def plain(text: str) -> str:
    """Full-width letters plain, characters simplified, white space as single spaces."""
    return simplify(plain_width(text))


def has_han(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return re.search("[㐀-䶿一-鿿]", text) is not None


@functools.cache
def _table() -> dict[int, str]:
    found = importlib.util.find_spec("opencc_purepy")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("opencc_purepy")
    lines = (Path(found.origin).parent / "dicts" / "TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line and not line.startswith("#"))
    return {ord(old): new.split(" ")[0] for old, new in pairs if len(old) == 1}
