"""docs/architecture.md shows what the import contracts in pyproject.toml say, and names every room."""

import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
TEXT = (ROOT / "docs/architecture.md").read_text()


def contract(name: str) -> list[str]:
    """The layers of a contract, top first, as written."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    found: dict[str, Any] = next(row for row in tool["contracts"] if row["name"].startswith(name))
    layers: list[str] = found["layers"]
    return layers


def rooms(layer: str) -> list[str]:
    """The rooms of one layer."""
    return re.findall(r"[\w.]+", layer)


def picture() -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The nodes {id: label} and edges of the mermaid picture."""
    text = TEXT.split("```mermaid")[1].split("```")[0]
    nodes = dict(re.findall(r'(\w+)\["([^"]+)"\]', text))
    chains = [re.findall(r"\w+", line) for line in text.splitlines() if "-->" in line]
    return nodes, [pair for chain in chains for pair in itertools.pairwise(chain)]


def test_the_picture_shows_the_layers_of_the_portal() -> None:
    nodes, edges = picture()
    layers = [key for key in nodes if key.startswith("L")]
    assert [rooms(nodes[key]) for key in layers] == [rooms(layer) for layer in contract("Every room")]
    assert [edge for edge in edges if edge[0].startswith("L")] == list(itertools.pairwise(layers))


def test_the_picture_shows_the_products_above_the_platform() -> None:
    nodes, edges = picture()
    expected = contract("Products stand")[1:]
    products = [key for key in nodes if key.startswith("P")]
    assert [nodes[key] for key in products] == expected[:-1]
    [below] = [target for source, target in edges if source == products[-1]]
    assert f"portal.{nodes[below]}" == rooms(expected[-1])[0]
    assert [edge for edge in edges if edge[0] == products[0]] == [(products[0], products[1])]


def test_every_room_is_named() -> None:
    names = [f"portal/{room}" for layer in contract("Every room") for room in rooms(layer)]
    assert not [name for name in names if not re.search(rf"`{name}(?:/|\.py)`", TEXT)]


@pytest.mark.parametrize("thing", ["check", "remedy", "regime", "connector", "language", "role"])
def test_additions_are_told_in_ten_lines(thing: str) -> None:
    article = TEXT.split(f"## How to add a {thing}\n")[1].split("\n## ")[0]
    assert 5 <= len(article.strip().splitlines()) <= 10
