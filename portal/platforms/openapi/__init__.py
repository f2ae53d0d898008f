"""The contract for platforms that want to join, as an OpenAPI 3.1 document: what a platform serves, and the portal calls."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

CONTRACT_FILE = Path(__file__).with_name("platform-v1.yaml")


@cache
def load_contract() -> dict[str, Any]:
    """The document as plain values; not to be changed by who reads it."""
    return dict(yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8")))
