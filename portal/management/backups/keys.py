"""The keys that a backup holds, against those that this portal has."""

import os
from pathlib import Path

from django.conf import settings

from portal.localservers import keys
from portal.management.backups.folder import Backup, BackupRefused


def current_keys() -> keys.SecretKeys:
    """The keys that this portal works with."""
    return keys.SecretKeys(settings.SECRET_KEY, list(settings.EVIDENCE_KEYS), settings.FINGERPRINT_KEY)


def write_keys(backup: Backup, target: Path) -> None:
    """Write a backup's keys, as lines for the environment, to a new file for its owner only."""
    kept = keys.SecretKeys(**backup.keys)
    lines = [f"SECRET_KEY={kept.secret_key}", f"EVIDENCE_KEYS={','.join(kept.evidence_keys)}"]
    if kept.fingerprint_key:
        lines.append(f"FINGERPRINT_KEY={kept.fingerprint_key}")
    with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")


def refuse_missing_keys(kept: keys.SecretKeys) -> None:
    """Keys of the environment must be able to open what is put back; raises BackupRefused."""
    if keys_are_ours():
        return
    missing = [key.partition(":")[0] for key in kept.evidence_keys if key not in settings.EVIDENCE_KEYS]
    if missing or _fingerprint_root(kept) != _fingerprint_root(current_keys()):
        raise BackupRefused(
            f"EVIDENCE_KEYS lacks {', '.join(missing) or 'the last key of the backup in the last place'}; "
            "`manage.py restore BACKUP --keys-to KEYFILE` writes the keys of the backup for you to set."
        )


def keys_are_ours() -> bool:
    """Whether the keys lie in DATA_DIR, as in a demo, and not in the environment."""
    return bool(settings.DEMO) and keys.load_keys(settings.DATA_DIR).evidence_keys == settings.EVIDENCE_KEYS


def _fingerprint_root(kept: keys.SecretKeys) -> str:
    """What fingerprints are derived from (portal/vault.py): it must be the same again."""
    return kept.fingerprint_key or kept.evidence_keys[-1].partition(":")[2]
