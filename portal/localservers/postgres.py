"""A private PostgreSQL cluster under DATA_DIR."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

NAME = "portal"
OWNER = "portal_owner"
APP = "portal_app"


def socket_dir(data_dir: Path) -> Path:
    """Folder of the unix socket: short and private, since a socket path has about 100 bytes."""
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"creator-trust-{digest}"


def database(data_dir: Path, *, owner: bool = False) -> dict[str, Any]:
    """Django's connection settings; nothing is started by asking for them."""
    return {"NAME": NAME, "USER": OWNER if owner else APP, "HOST": str(socket_dir(data_dir)), "PORT": "5432"}
