"""The colours of the design language, measured: every text on every ground it stands on meets WCAG AA."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = (Path(settings.BASE_DIR) / "portal/static/portal/css/tokens.css").read_text()
TEXT, GRAPHIC = 4.5, 3.0
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-soft") for ground in ("paper", "surface", "surface-2")),
    *(("ink", f"{tone}-soft", TEXT) for tone in ("ok", "info", "warn", "bad", "muted", "brand")),
    *((tone, f"{tone}-soft", TEXT) for tone in ("ok", "info", "warn", "bad", "muted", "brand")),
    *((tone, "surface", TEXT) for tone in ("ok", "info", "warn", "bad", "muted", "brand", "brand-strong")),
    ("brand", "paper", TEXT),
    ("bad", "paper", TEXT),
    ("on-brand", "brand", TEXT),
    ("on-brand", "brand-strong", TEXT),
    ("surface", "bad", TEXT),
    ("edge", "surface", GRAPHIC),
    ("edge", "paper", GRAPHIC),
]


def _tokens(selector: str) -> dict[str, str]:
    block = CSS.split(selector, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", block))


LIGHT, DARK = _tokens(':root, [data-bs-theme="light"] {'), _tokens('\n[data-bs-theme="dark"] {')


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_contrast(theme: str, ink: str, ground: str, least: float) -> None:
    tokens = LIGHT if theme == "light" else DARK
    assert _contrast(tokens[ink], tokens[ground]) >= least


def test_both_themes_name_the_same_tokens() -> None:
    assert set(LIGHT) == set(DARK)


def test_the_device_s_dark_is_the_chosen_dark() -> None:
    assert _tokens('[data-bs-theme="auto"] {') == DARK
