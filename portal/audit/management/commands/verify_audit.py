"""`manage.py verify_audit`: recompute every digest of the audit trail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit import trail
from portal.audit.models import AuditEvent


class Command(BaseCommand):
    help = "Recompute the hash chains of the audit trail; exit 1 and name the place where one is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = trail.broken_links()
        if broken:
            places = ", ".join(f"{chain} #{number}" for chain, number in broken)
            message = f"The audit trail is broken at: {places}"
            raise CommandError(message)
        self.stdout.write(f"{AuditEvent.objects.count()} audit events, every chain intact.")
