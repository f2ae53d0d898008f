"""`manage.py rotate_keys`: put a new key in front of EVIDENCE_KEYS, restart, run this."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import vault
from portal.evidence import key_marks
from portal.evidence.actions import keys

_OWN_KEY = (
    "FINGERPRINT_KEY must stay as it is for ever: fingerprints of numbers and the status lists of certificates rest on it. Keys of "
    "EVIDENCE_KEYS behind the first one can go."
)
_LAST_KEY = (
    "The last key of EVIDENCE_KEYS must stay for ever: fingerprints of numbers and the status lists of certificates rest on it. To let "
    "it go, set FINGERPRINT_KEY to that very key (what stands behind its colon), and to no other."
)


class Command(BaseCommand):
    help = "Move everything that lies encrypted under the first key of EVIDENCE_KEYS. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        if refusal := key_marks.refuse_changed_key():
            raise CommandError(refusal)
        for kind, count in keys.rotate_keys().items():
            self.stdout.write(f"{kind}: {count} moved to key {vault.current_key_id()}")
        self.stdout.write(_OWN_KEY if settings.FINGERPRINT_KEY else _LAST_KEY)
