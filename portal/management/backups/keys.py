"""The keys that open a backup: kept apart from it, or within it, against those that this portal has."""

import hashlib
import os
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.localservers import keys
from portal.management.backups.folder import Backup, BackupRefused


def current_keys() -> keys.SecretKeys:
    """The keys that this portal works with."""
    return keys.SecretKeys(settings.SECRET_KEY, list(settings.EVIDENCE_KEYS), settings.FINGERPRINT_KEY)


def key_digests(kept: keys.SecretKeys) -> dict[str, Any]:
    """What tells whether keys are the same, and nothing else: they are random."""
    evidence = dict(key.split(":", 1) for key in kept.evidence_keys)
    return {
        "evidence": {name: _digest(value) for name, value in evidence.items()},
        "fingerprint": _digest(_fingerprint_root(kept)),
    }


def write_keys(kept: keys.SecretKeys, target: Path) -> None:
    """Write keys, as lines for the environment, to a new file for its owner only. Raises BackupRefused."""
    lines = [f"SECRET_KEY={kept.secret_key}", f"EVIDENCE_KEYS={','.join(kept.evidence_keys)}"]
    if kept.fingerprint_key:
        lines.append(f"FINGERPRINT_KEY={kept.fingerprint_key}")
    try:
        with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
    except OSError as error:
        raise BackupRefused(f"{target} cannot be written: {error.strerror}.") from error


def keys_within(backup: Backup) -> keys.SecretKeys:
    """The keys that a backup holds; raises BackupRefused where they are kept apart."""
    if backup.keys is None:
        raise BackupRefused(f"{backup} holds no keys: they were kept apart from it.")
    return keys.SecretKeys(**backup.keys)


def refuse_missing_keys(backup: Backup) -> None:
    """The keys that are set must be able to open what is put back; raises BackupRefused."""
    if backup.keys is not None and keys_are_ours():
        return
    wanted, given = backup.manifest["keys"], key_digests(current_keys())
    missing = [name for name, digest in wanted["evidence"].items() if given["evidence"].get(name) != digest]
    if missing or wanted["fingerprint"] != given["fingerprint"]:
        raise BackupRefused(
            f"EVIDENCE_KEYS lacks {', '.join(missing) or 'the last key of the backup in the last place'}. Set SECRET_KEY, "
            "EVIDENCE_KEYS and FINGERPRINT_KEY as they were when the backup was made: `manage.py backup --keys-to KEYFILE` "
            "has written them, or `manage.py restore BACKUP --keys-to KEYFILE` does, if the backup holds them."
        )


def keys_are_ours() -> bool:
    """Whether the keys lie in DATA_DIR, as in a demo, and not in the environment."""
    return bool(settings.DEMO) and keys.load_keys(settings.DATA_DIR).evidence_keys == settings.EVIDENCE_KEYS


def _digest(key: str) -> str:
    return hashlib.sha256(f"portal.backup:{key}".encode()).hexdigest()


def _fingerprint_root(kept: keys.SecretKeys) -> str:
    """What fingerprints are derived from (portal/vault.py): it must be the same again."""
    return kept.fingerprint_key or kept.evidence_keys[-1].partition(":")[2]
