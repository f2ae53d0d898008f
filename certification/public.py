"""What everybody may know: the publishing gate, the register, one certificate, counts."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import connection
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certification import search_ngrams
from certification.models import Certificate, Interruption, KeyArea
from certification.models.certificates import CertificateQuerySet
from certification.proof import status_lists
from certification.states import CertificateState
from portal import clock
from portal.people import links
from portal.web.pagination import rows_after

REGISTER_PAGE_SIZE = 20
# More matches than this are not ranked: the reader is asked to type more.
MAX_MATCHES = 500
_NEWEST_FIRST = ("-valid_from", "-pk")
# What the register and its API show of a certificate. Its names are its own, as they were when it was issued.
_LISTED = (
    *("serial", "state", "holder_id", "public_name", "claims", "affiliation", "agency_name", "labels"),
    *("area_names", "place_names", "valid_from", "valid_to", "area__code", "category__code"),
)
# Certificate.objects.valid_now() of one account in one area, written out: the gate is asked at every publish, and the ORM takes
# longer to compose this than PostgreSQL to answer it. Account and area are looked up apart, which is planned faster than joins.
_OPENING = """
    SELECT c.serial, c.valid_to FROM certification_certificate c
    WHERE c.holder_id = (SELECT id FROM people_user WHERE public_id = %(account)s)
      AND c.area_id = (SELECT id FROM certification_keyarea WHERE code = %(area)s)
      AND c.state = 'active' AND c.valid_from <= %(now)s AND c.valid_to > %(now)s"""
_OF_PLATFORM = """
      AND EXISTS (SELECT 1 FROM people_linkedaccount l
        WHERE l.person_id = c.holder_id AND l.platform = %(platform)s AND l.state = 'proven')"""
_NEWEST_OPENING = " ORDER BY c.valid_from DESC, c.id DESC LIMIT 1"
_SERIAL = re.compile(r"(CT)([A-Z0-9]{4})([A-Z0-9]{4})([A-Z0-9]{4})")
_COUNTS, _COUNTS_KEPT = "certification.counts", 60  # seconds


@dataclass(frozen=True)
class GateAnswer:
    """Whether an account may publish in an area at a moment, and why."""

    open: bool
    code: str  # one of the keys of _REASONS
    reason: Promise
    serial: str = ""
    valid_to: datetime | None = None


@dataclass(frozen=True)
class RegisterPage:
    """One page of the register. `after` continues it; None at the end. `more` if too many rows fit to rank them."""

    certificates: Sequence[Certificate]
    after: str | None
    more: bool = False


_REASONS: dict[str, Promise] = {
    "certified": _("The account holds a valid certificate in this area."),
    "not_gated": _("Publishing in this area does not require a certificate."),
    "no_certificate": _("The account does not hold a certificate in this area."),
    "suspended": _("The account's certificate in this area is suspended."),
    "revoked": _("The account's certificate in this area is revoked."),
    "expired": _("The account's certificate in this area has expired."),
    "surrendered": _("The account has surrendered its certificate in this area."),
    "lapsed": _("The account's certificate in this area has lapsed, because what it certified was abolished."),
    "not_yet": _("The account's certificate in this area is not valid yet."),
    "unknown_area": _("This area does not exist."),
    "no_person": _("This account has not been verified by anyone."),
}


def check_gate(account: str, area: str, at: datetime | None = None, *, platform: str = "") -> GateAnswer:
    """May the account (public id) publish in the area (code) now, or: might it at a moment? One query; for "no" up to four.

    Open only if the area needs no certificate, or one has valid_from <= at < valid_to and was neither suspended,
    revoked nor given up at that moment. What happened later changes no answer about a moment before it. With `platform`,
    only people count who had proven an account there.
    """
    if at is None and (valid := _opening(account, area, platform)):
        return gate_answer("certified", *valid)
    rows = Certificate.objects.filter(holder__public_id=account, area__code=area)
    people = links.people_of_platform(platform, at) if platform else None
    if people is not None:
        rows = rows.filter(holder__in=people)
    if at is not None and (valid := rows.valid_at(at).values_list("serial", "valid_to").first()):
        return gate_answer("certified", *valid)
    code = code_of_area(area, at)
    if not code and people is not None and not people.filter(person__public_id=account).exists():
        code = "no_person"
    return gate_answer(code or _why_closed(rows, at))


def _opening(account: str, area: str, platform: str) -> tuple[str, datetime] | None:
    """Serial and end of the certificate that opens the gate now."""
    statement = f"{_OPENING}{_OF_PLATFORM if platform else ''}{_NEWEST_OPENING}"
    with connection.cursor() as cursor:
        cursor.execute(statement, {"account": account, "area": area, "platform": platform, "now": clock.now()})
        found: tuple[str, datetime] | None = cursor.fetchone()
    return found


def check_platform_gate(
    platform: str, text: str, area: str, at: datetime | None = None
) -> tuple[str | None, GateAnswer]:
    """The same for an account of a platform (id or handle): the public id of who had proven it, and the answer for them.

    One query more. Where nobody has, the area decides: one that needs no certificate is open to all.
    """
    person = links.holder_by_name(platform, text, at)
    if person is not None:
        return person.public_id, check_gate(person.public_id, area, at)
    return None, gate_answer(code_of_area(area, at) or "no_person")


def gate_answer(code: str, serial: str = "", valid_to: datetime | None = None) -> GateAnswer:
    """The answer of a code, with the certificate on which it rests."""
    return GateAnswer(code in {"certified", "not_gated"}, code, _REASONS[code], serial, valid_to)


def code_of_area(area: str, at: datetime | None) -> str:
    """What the area alone says; empty when it asks for a certificate."""
    row = KeyArea.objects.filter(code=area).first()
    if row is None:
        return "unknown_area"
    return "" if (row.gate if at is None else row.gate_at(at)) else "not_gated"


def _why_closed(rows: CertificateQuerySet, at: datetime | None) -> str:
    """How the newest certificate stands of those that had begun; where none had, of those to come."""
    begun = ExpressionWrapper(Q(valid_from__lte=at or clock.now()), output_field=BooleanField())
    newest = rows.order_by(begun.desc(), "-valid_from").first()
    if newest is None:
        return "no_certificate"
    state = newest.effective_state if at is None else newest.state_at(at)
    return "not_yet" if state == CertificateState.ACTIVE else str(state)


def serial_in(text: str) -> str:
    """The serial that a text spells, in whatever case, width and grouping: `ct bnch 2345 6789`; empty where it is none."""
    letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).upper()))
    found = _SERIAL.fullmatch(letters)
    return "-".join(found.groups()) if found else ""


def find_certificate(serial: str) -> Certificate | None:
    """The certificate with a serial, whatever its state, with what its page shows."""
    written = serial_in(serial)
    rows = Certificate.objects.select_related("area__jurisdiction", "category", "holder", "requirement")
    return rows.filter(serial=written).first() if written else None


def is_status_list(number: int) -> bool:
    """Whether a status list of this number has, or may soon have, certificates: up to the one of the newest."""
    newest = Certificate.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return number <= newest // status_lists.SIZE


def search_register(
    query: str = "",
    *,
    area: str = "",
    after: str = "",
    size: int = REGISTER_PAGE_SIZE,
    since: datetime | None = None,
) -> RegisterPage:
    """Valid certificates, newest first; `query` finds names, specialities, workplaces and serials.

    Pages by key: `after` is what the page before gave. Suspended, revoked and expired ones are never listed. `since`
    narrows to those that have begun, or were restored after an interruption, at that moment or later.
    """
    text = query.strip()
    rows = _listed(_changed_since(since))
    if not text:
        rows = rows.valid_now().filter(area__code=area) if area else rows.valid_now()
        return RegisterPage(*rows_after(rows, after, order=_NEWEST_FIRST, size=size))
    exact = find_certificate(text)
    if exact is not None:
        return RegisterPage([exact] if exact.is_valid and rows.filter(pk=exact.pk).exists() else [], None)
    return _matching_page(rows, text, area, after, size)


def count_valid_certificates(at: datetime | None = None) -> dict[str, int]:
    """How many certificates are valid, by area code; areas without one are not in it.

    Exact for a moment `at`; without one, as counted within the last minute, since counting a million
    takes over half a second.
    """
    if at is None:
        return cache.get_or_set(_COUNTS, lambda: _count_by_area(Certificate.objects.valid_now()), _COUNTS_KEPT) or {}
    return _count_by_area(Certificate.objects.valid_at(at))


def _count_by_area(rows: CertificateQuerySet) -> dict[str, int]:
    valid = rows.order_by()
    return dict(valid.values("area__code").annotate(count=Count("pk")).values_list("area__code", "count"))


def _changed_since(since: datetime | None) -> CertificateQuerySet:
    rows = Certificate.objects.all()
    if since is None:
        return rows
    restored = Interruption.objects.filter(certificate=OuterRef("pk"), ends_at__gte=since)
    return rows.filter(Q(valid_from__gte=since) | Exists(restored))


def _listed(rows: CertificateQuerySet) -> CertificateQuerySet:
    return rows.select_related("area", "category").only(*_LISTED)


def _matching_page(rows: CertificateQuerySet, text: str, area: str, after: str, size: int) -> RegisterPage:
    """Two steps: at most MATCHES ids by the index, then these alone are ordered and read."""
    asked = search_ngrams.ngrams_of_query(text)
    if not asked:
        return RegisterPage([], None)
    ids = _matching_ids(asked, area)
    found = rows.filter(pk__in=ids[:MAX_MATCHES])
    return RegisterPage(*rows_after(found, after, order=_NEWEST_FIRST, size=size), more=len(ids) > MAX_MATCHES)


def _matching_ids(asked: list[str], area: str) -> list[int]:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.id FROM certification_certificate c
               WHERE c.search_ngrams @> %(asked)s::varchar[] AND c.state = 'active'
                 AND c.valid_from <= %(now)s AND c.valid_to > %(now)s
                 AND (%(area)s = '' OR c.area_id = (SELECT id FROM certification_keyarea WHERE code = %(area)s))
               LIMIT %(limit)s""",
            {"asked": asked, "now": now, "area": area, "limit": MAX_MATCHES + 1},
        )
        return [row[0] for row in cursor.fetchall()]
