"""manage.py reference_platform: a platform over HTTP to connect to, in a process of its own (portal/platforms/reference)."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.platforms import signing
from portal.platforms.reference.server import ABILITIES, ReferenceServer
from portal.platforms.reference.store import Store


class Command(BaseCommand):
    help = "Serve the reference platform on this machine, until it is ended; says how the portal is told of it."
    requires_system_checks: list[str] = []  # noqa: RUF012 -- as Django declares it

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--file", type=Path, default=settings.DATA_DIR / "reference.sqlite3", help="its SQLite file"
        )
        parser.add_argument("--port", type=int, default=8900)
        parser.add_argument("--serves", default=",".join(ABILITIES), help="what it declares, comma separated")
        parser.add_argument("--faults", action="store_true", help="inject faults on request, at POST /_faults")

    def handle(self, *, file: Path, port: int, serves: str, faults: bool, **_options: Any) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        secret = os.environ.get("REFERENCE_SECRETS") or _kept_secret(file.with_suffix(".secret"))
        served = [one for one in serves.split(",") if one]
        server = ReferenceServer(Store(file), port, signing.read_secrets(secret), served, faults=faults)
        entry = {"code": "reference", "name": "Reference platform", "kind": "http", "base_url": server.site}
        entry |= {"credentials": {"secrets": secret, "incoming_secrets": secret}}  # type: ignore[dict-item]
        if "REFERENCE_SECRETS" not in os.environ:
            self.stdout.write(f"An entry for PLATFORMS: {json.dumps(entry)}")
        self.stdout.write(f"Listening at {server.site}/")
        self.stdout.flush()
        server.serve_forever()


def _kept_secret(file: Path) -> str:
    """The secret of an earlier start, or a new one."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(signing.new_secret())
    return file.read_text()
