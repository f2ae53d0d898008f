"""manage.py reference_platform: a platform over HTTP to connect to, in a process of its own (portal/platforms/reference)."""

import json
import os
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.platforms import signing
from portal.platforms.reference import demo
from portal.platforms.reference.server import ABILITIES, LIMITS, ReferenceServer
from portal.platforms.reference.store import Store
from portal.sandbox.drawing.editing import edit_video
from portal.sandbox.drawing.videos import draw_video


class Command(BaseCommand):
    help = "Serve the reference platform on this machine, until it is ended; says how to connect the portal to it."
    requires_system_checks: list[str] = []  # noqa: RUF012 -- as Django declares it

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--file", type=Path, default=settings.DATA_DIR / "reference.sqlite3", help="its SQLite file"
        )
        parser.add_argument("--port", type=int, default=8900)
        parser.add_argument("--serves", default=",".join(ABILITIES), help="what it declares, comma separated")
        parser.add_argument(
            "--portal", default="", help="address of a portal that is asked at once to read what is served"
        )
        parser.add_argument("--code", default="reference", help="the code by which that portal knows the platform")
        parser.add_argument(
            "--rate", type=float, default=0, help="answer 429 to more calls a second than that; 0: to none"
        )
        parser.add_argument("--followers-per-page", type=int, default=LIMITS["followers_per_page"])
        parser.add_argument(
            "--demo", action="store_true", help="fill it, if it is empty, with two accounts, a copy and followers"
        )
        parser.add_argument("--faults", action="store_true", help="inject faults on request, at POST /_faults")

    def handle(self, *, file: Path, port: int, serves: str, faults: bool, **options: Any) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        secret = os.environ.get("REFERENCE_SECRETS") or _kept_secret(file.with_suffix(".secret"))
        served = [one for one in serves.split(",") if one]
        limits = {name: options[name] for name in ("rate", "followers_per_page")}
        store = Store(file)
        if options["demo"]:
            video = draw_video("potter")
            demo.seed(store, original=video, copy=edit_video(video, mirror=True))
        server_class = demo.DemoServer if options["demo"] else ReferenceServer
        server = server_class(store, port, signing.read_secrets(secret), served, takes_faults=faults, **limits)
        entry = {"code": options["code"], "name": "Reference platform", "kind": "http", "base_url": server.site}
        entry |= {"credentials": {"secrets": secret, "incoming_secrets": secret}}
        if "REFERENCE_SECRETS" not in os.environ:
            self.stdout.write(f"An entry for PLATFORMS: {json.dumps(entry)}")
        self.stdout.write(f"Listening at {server.site}/")
        self.stdout.flush()
        if options["portal"]:
            address = f"{options['portal'].rstrip('/')}/api/platform/events/{options['code']}/"
            # The portal asks at once, so the server has to answer by then.
            Thread(target=self._tell, args=(address, server.keys), daemon=True).start()
        server.serve_forever()

    def _tell(self, address: str, keys: tuple[bytes, ...]) -> None:
        """Send the event that what is served has changed, signed."""
        body = json.dumps({"type": "capabilities.changed"}).encode()
        signed = signing.sign_request(keys, signing.Request("POST", urlsplit(address).path, body), datetime.now(UTC))
        headers = {"Content-Type": "application/json", **signed}
        request = Request(address, body, headers, method="POST")  # noqa: S310 -- the operator's own address
        try:
            with urlopen(request, timeout=10) as answer:  # noqa: S310 -- as above
                self.stdout.write(f"The portal has answered {answer.status}")
        except OSError as error:
            self.stdout.write(f"The portal was not told: {error}")
        self.stdout.flush()


def _kept_secret(file: Path) -> str:
    """The secret of an earlier start, or a new one."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(signing.new_secret())
    return file.read_text()
