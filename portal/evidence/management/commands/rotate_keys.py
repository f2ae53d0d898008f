"""`manage.py rotate_keys`: put a new key in front of EVIDENCE_KEYS, restart, run this."""

from typing import Any

from django.core.management.base import BaseCommand

from portal import vault
from portal.evidence.actions import keys


class Command(BaseCommand):
    help = "Move everything that lies encrypted under the first key of EVIDENCE_KEYS. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        for kind, count in keys.rotate_keys().items():
            self.stdout.write(f"{kind}: {count} moved to key {vault.current_key_id()}")
        self.stdout.write("Keep the last key of EVIDENCE_KEYS for ever unless FINGERPRINT_KEY is set.")
