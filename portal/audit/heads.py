"""Signed daily heads of the audit trail, kept outside the database.

The chains show a change of one event, but whoever owns the database can rewrite or remove a whole chain. A head
fixes how far each chain reached, once a day, signed with a key that the database does not hold:

* `audit-heads/2026-11-28.json`: when it was made, SHA-256 of the chains and of the head before, an Ed25519 signature;
* `audit-heads/<SHA-256>.chains`: a line `chain number digest` (hex) for the last event of each chain that got
  events since the head before.

Both lie in the storage of files, and so in every backup; the head is also mailed to AUDIT_HEADS_TO, where nobody
who holds the servers can change it. `verify_heads()` compares the trail with all heads.
"""

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils.translation import gettext as _

from portal import clock
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.outbound.mail import send_once

FOLDER = "audit-heads"
FORMAT = 1
MAIL_KIND = "audit.mail_head"
# An event is committed at most this long after its own time: no transaction takes longer.
OVERLAP = timedelta(days=1)
# One is written each day; an older newest one says that writing them has stopped, or that newer ones were removed.
NEWEST_WITHIN = timedelta(hours=26)
_BATCH = 10_000

_CHAINS = """
    SELECT DISTINCT ON (chain) chain, number, encode(digest, 'hex') FROM audit_auditevent
    WHERE chain IN (SELECT chain FROM audit_auditevent WHERE at >= %s) ORDER BY chain, number DESC"""


class HeadsBroken(Exception):
    """A head is missing, changed or not signed by the key; the message names it."""


@dataclass(frozen=True)
class Head:
    """One day's head: what was signed, and the bytes of its file."""

    name: str
    content: bytes

    @property
    def signed(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.content)
        return found

    @property
    def made_at(self) -> datetime:
        return datetime.fromisoformat(self.signed["made_at"])


def signing_key() -> Ed25519PrivateKey | None:
    """The key of AUDIT_SIGNING_KEY; a demo makes one in DATA_DIR. None: no heads are written."""
    if settings.AUDIT_SIGNING_KEY:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.AUDIT_SIGNING_KEY))
    if not settings.DEMO:
        return None
    return Ed25519PrivateKey.from_private_bytes(_demo_key(Path(settings.DATA_DIR) / "audit.key"))


def public_key() -> str:
    """What heads are verified with, as base64; "" without a key."""
    key = signing_key()
    return base64.b64encode(key.public_key().public_bytes_raw()).decode() if key else ""


def write_due_head() -> None:
    """Write today's head and have it mailed, unless it is there. Safe to run twice, and at once."""
    key, today = signing_key(), clock.now().date().isoformat()
    if key is None:
        return
    if default_storage.exists(f"{FOLDER}/{today}.json"):
        _enqueue_mail(today)  # again, should whoever wrote it have died before; the key makes it once
        return
    before = newest_head(default_storage)
    since = before.made_at - OVERLAP if before else datetime.min.replace(tzinfo=clock.now().tzinfo)
    now = clock.now()
    chains = _chains_since(since)
    signed = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "chains": chains.count(b"\n"),
        "chains_sha256": hashlib.sha256(chains).hexdigest(),
        "previous": before.name if before else "",
        "previous_sha256": hashlib.sha256(before.content).hexdigest() if before else "",
    }
    signature = base64.b64encode(key.sign(_canonical(signed))).decode()
    _save(_chains_name(signed), chains)
    if _save(f"{today}.json", _canonical(signed | {"signature": signature})):
        _enqueue_mail(today)


def _enqueue_mail(day: str) -> None:
    if settings.AUDIT_HEADS_TO:
        enqueue_job(MAIL_KIND, {"head": day}, key=f"{MAIL_KIND}:{day}")


def mail_head(run: JobAttempt) -> None:
    """Mail one head to AUDIT_HEADS_TO, for keeping."""
    with default_storage.open(f"{FOLDER}/{run.payload['head']}.json") as file:
        content = file.read().decode()
    subject = _("Audit head of %(day)s: %(portal)s") % {"day": run.payload["head"], "portal": settings.BASE_URL}
    send_once(EmailMessage(subject, content, to=settings.AUDIT_HEADS_TO))
    with run.finish():
        pass


def newest_head(storage: Storage) -> Head | None:
    """The last head in a storage."""
    *_earlier, last = [None, *_names(storage)]
    return _read(storage, last) if last else None


def require_recent_head(storage: Storage) -> None:
    """Raise HeadsBroken where the newest head is older than NEWEST_WITHIN: what happened since is signed nowhere."""
    newest = newest_head(storage)
    if newest is not None and newest.made_at < clock.now() - NEWEST_WITHIN:
        hours = NEWEST_WITHIN // timedelta(hours=1)
        raise HeadsBroken(
            f"The newest head is of {newest.made_at.isoformat()}: none was written in the last {hours} hours."
        )


def verify_heads(storage: Storage, public: str) -> list[str]:
    """Compare the trail with the heads in a storage; returns a line for each event that they contradict.

    `public` is the key as base64. Raises HeadsBroken if the heads themselves do not hold.
    """
    heads = list(_verified_heads(storage, public))
    if not heads:
        raise HeadsBroken("There are no heads.")
    # In one transaction, so that behind a pooler the table is there for all statements and for nobody else.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE head_chain (chain text, number bigint, digest text) ON COMMIT DROP")
        for head in heads:
            _load_chains(storage, head)
        cursor.execute("CREATE INDEX ON head_chain (chain)")
        cursor.execute("ANALYZE head_chain")
        contradicted = _changed() + _inserted(heads[-1].made_at - OVERLAP)
        cursor.execute("DROP TABLE head_chain")
    return contradicted


def _changed() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT h.chain, h.number FROM head_chain h LEFT JOIN audit_auditevent e USING (chain, number)
            WHERE encode(e.digest, 'hex') IS DISTINCT FROM h.digest ORDER BY 1, 2 LIMIT 20""")
        return [f"{chain} #{number} was changed or removed" for chain, number in cursor.fetchall()]


def _inserted(till: datetime) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.chain, e.number FROM audit_auditevent e
            LEFT JOIN (SELECT chain, max(number) AS number FROM head_chain GROUP BY chain) h USING (chain)
            WHERE e.at < %s AND e.number > coalesce(h.number, 0) ORDER BY 1, 2 LIMIT 20""",
            [till],
        )
        return [f"{chain} #{number} was put in later" for chain, number in cursor.fetchall()]


def _chains_since(since: datetime) -> bytes:
    lines = []
    with connection.cursor() as cursor:
        cursor.execute(_CHAINS, [since])
        while rows := cursor.fetchmany(_BATCH):
            lines.append("".join(f"{chain} {number} {digest}\n" for chain, number, digest in rows))
    return "".join(lines).encode()


def _load_chains(storage: Storage, head: Head) -> None:
    content = _content(storage, _chains_name(head.signed))
    if hashlib.sha256(content).hexdigest() != head.signed["chains_sha256"]:
        raise HeadsBroken(f"The chains of {head.name} were changed.")
    with connection.cursor() as cursor, cursor.copy("COPY head_chain FROM STDIN") as copy:
        for line in content.decode().splitlines():
            copy.write_row(line.rsplit(" ", 2))


def _verified_heads(storage: Storage, public: str) -> Iterator[Head]:
    key, before = Ed25519PublicKey.from_public_bytes(base64.b64decode(public)), None
    for name in _names(storage):
        head = _read(storage, name)
        signed = head.signed
        signature = base64.b64decode(signed.pop("signature"))
        try:
            key.verify(signature, _canonical(signed))
        except InvalidSignature:
            raise HeadsBroken(f"{name} is not signed by the key.") from None
        if signed["previous_sha256"] != (hashlib.sha256(before.content).hexdigest() if before else ""):
            raise HeadsBroken(f"The head before {name} ({signed['previous'] or 'none'}) is missing or was changed.")
        yield head
        before = head


def _names(storage: Storage) -> list[str]:
    with suppress(FileNotFoundError):
        return sorted(name for name in storage.listdir(FOLDER)[1] if name.endswith(".json"))
    return []


def _read(storage: Storage, name: str) -> Head:
    return Head(name, _content(storage, name))


def _content(storage: Storage, name: str) -> bytes:
    try:
        with storage.open(f"{FOLDER}/{name}") as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise HeadsBroken(f"{name} is missing.") from None


def _save(name: str, content: bytes) -> bool:
    """Save under exactly this name; False if there is such a file already, from whoever was faster."""
    path = f"{FOLDER}/{name}"
    saved = default_storage.save(path, ContentFile(content))
    if saved != path:
        default_storage.delete(saved)
    return saved == path


def _chains_name(signed: dict[str, Any]) -> str:
    return f"{signed['chains_sha256']}.chains"


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _demo_key(path: Path) -> bytes:
    """The key of a demo, made at first need; of two processes or threads that come first together, one wins for both."""
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix="audit.")
        with os.fdopen(handle, "wb") as file:  # mkstemp opens with mode 0600
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
        with suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_bytes()
