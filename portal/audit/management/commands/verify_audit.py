"""`manage.py verify_audit`: recompute every digest of the audit trail, and compare it with its signed heads."""

from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit import heads, trail
from portal.audit.models import AuditEvent


class Command(BaseCommand):
    help = "Recompute the hash chains of the audit trail; exit 1 and name the place where one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--heads",
            action="store_true",
            help="Also compare with the signed daily heads; the newest must be of the last 26 hours.",
        )
        parser.add_argument(
            "--heads-in", type=Path, help="As --heads, with the heads in the `audit-heads` of a folder."
        )
        parser.add_argument("--public-key", help="Base64; default: that of AUDIT_SIGNING_KEY.")
        parser.add_argument("--print-public-key", action="store_true", help="Only print the public key.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["print_public_key"]:
            self.stdout.write(heads.public_key())
            return
        broken = [f"{chain} #{number}" for chain, number in trail.broken_links()]
        if options["heads"] or options["heads_in"]:
            broken += _contradictions(options["heads_in"], options["public_key"] or heads.public_key())
        if broken:
            raise CommandError(f"The audit trail is broken at: {', '.join(broken)}")
        self.stdout.write(f"{AuditEvent.objects.count()} audit events, every chain intact.")


def _contradictions(folder: Path | None, public: str) -> list[str]:
    if not public:
        raise CommandError("Set AUDIT_SIGNING_KEY or give --public-key.")
    try:
        if folder is None:  # those of a backup are as old as it is
            heads.require_recent_head(default_storage)
        return heads.verify_heads(FileSystemStorage(folder) if folder else default_storage, public)
    except heads.HeadsBroken as error:
        raise CommandError(str(error)) from error
