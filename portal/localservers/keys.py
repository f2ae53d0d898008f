"""The two secrets of a demo: created on first use, kept in DATA_DIR, readable by the owner only.

In production both come from the environment; nothing here is asked then.
"""

import base64
import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from portal.localservers import places
from portal.localservers.places import Unavailable


@dataclass(frozen=True)
class SecretKeys:
    """`secret_key` signs sessions; `evidence_keys` are `id:base64(32 bytes)`, the first one encrypts.

    `fingerprint_key` is set only where the environment gives one.
    """

    secret_key: str
    evidence_keys: list[str]
    fingerprint_key: str = ""


def keys_path(data_dir: Path) -> Path:
    """Where the secrets of this folder lie."""
    return data_dir / "keys.json"


def load_keys(data_dir: Path) -> SecretKeys:
    """The secrets of this folder, made now if there are none; raises Unavailable where it cannot be written."""
    try:
        return SecretKeys(**json.loads(keys_path(data_dir).read_text()))
    except FileNotFoundError:
        places.make_folder(data_dir)
        made = SecretKeys(secrets.token_urlsafe(64), [f"demo:{base64.b64encode(secrets.token_bytes(32)).decode()}"])
        save_keys(data_dir, made)
        return load_keys(data_dir)


def save_keys(data_dir: Path, keys: SecretKeys, *, replace: bool = False) -> None:
    """Write the secrets in one step; of two processes that come first together, one wins for both."""
    try:
        handle, draft = tempfile.mkstemp(dir=data_dir, prefix="keys.")
    except OSError as error:
        message = f"The folder {data_dir} cannot be written ({error.strerror})."
        raise Unavailable(message) from error
    with os.fdopen(handle, "w") as file:  # mkstemp opens with mode 0600
        json.dump(asdict(keys), file)
    if replace:
        Path(draft).rename(keys_path(data_dir))
        return
    try:
        os.link(draft, keys_path(data_dir))
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
