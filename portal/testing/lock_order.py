"""Which rows a transaction locks, in which order, compared with the order that docs/architecture.md tells.

Every connection of a test has a wrapper that reads the statements as they run. A row counts as locked from the first
SELECT ... FOR UPDATE, UPDATE or DELETE that met it. A row of PARTS needs no place in the order, because it is locked only
by whoever holds the row that it is a part of; so is a chain of the audit trail, unless nobody holds its row. What a
transaction inserts itself nobody else can wait for, and SKIP LOCKED waits for nobody. A demo's
entries are made in one transaction each, of rows that nobody else knows yet.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import Model

from portal.testing.stack import place_in_our_code

ADVISORY: Final = "name"
ACCOUNT: Final = "name of an account"
CHAIN: Final = "audit chain"
# First to last: whoever holds a row of one line may lock rows of later lines only, and of its own line by key.
ORDER: Final = (
    "jobs.Job",
    "people.ChangeRequest",
    "people.User",
    "account.EmailAddress",
    "people.Recovery",
    "mfa.Authenticator",
    "people.LinkedAccount",
    ACCOUNT,
    "complaints.Complaint",
    "certification.Application",
    "certification.Certificate",
    "reviews.ReviewCase",
    ADVISORY,
    "webhooks.CollectionMark",
    "webhooks.CollectedEvent",
    "complaints.Work",
    "media.MediaFile",
    "complaints.ComparisonEvidence",
    "evidence.EvidenceFile",
    "evidence.OrphanBlob",
    "sandbox.Account",
    "certification.RuleDraft",
    "certification.RulePreview",
    "certification.ApplicantCategory",
    "certification.CredentialType",
    "certification.KeyArea",
    "certification.Profession",
    "certification.Requirement",
    "certification.Abolition",
    "certification.Batch",
    "certification.BatchItem",
    "complaints.RestitutionPolicy",
    "reviews.ConflictOfInterest",
    "reviews.Calendar",
    "reviews.ReasonCode",
    "reviews.ReviewerSkill",
    "allauth_idp_oidc.Client",
    "webhooks.Endpoint",
    "webhooks.Attempt",
    "webhooks.Delivery",
    "webhooks.Event",
    "certification.Jurisdiction",
    "people.Agency",
    CHAIN,
)
# A part, and the way from it to the row that is locked before it.
PARTS: Final = {
    "certification.AreaBan": "decision.case",
    "certification.Credential": "application",
    "certification.CredentialTypeVersion": "type",
    "certification.Document": "application",
    "certification.HeldNumber": "certificate",
    "certification.InfoRequest": "application",
    "certification.Inquiry": "certificate",
    "certification.Inspection": "certificate",
    "certification.Interruption": "certificate",
    "certification.ProfileClaim": "link",
    "certification.RecheckTrigger": "certificate",
    "complaints.Exhibit": "complaint",
    "complaints.FollowerChoice": "restitution.remedy.complaint",
    "complaints.InvitationAnswer": "restitution.remedy.complaint",
    "complaints.Remedy": "complaint",
    "complaints.Restitution": "remedy.complaint",
    "complaints.GroundFinding": "ground.restitution.remedy.complaint",
    "complaints.RestitutionControl": "restitution.remedy.complaint",
    "complaints.RestitutionGround": "restitution.remedy.complaint",
    "complaints.RestitutionPage": "restitution.remedy.complaint",
    "evidence.MarkedCopy": "file",
    "evidence.MarkedPage": "copy.file",
    "privacy.Erasure": "person",
    "reviews.Appeal": "decision.case",
    "reviews.CalendarDay": "calendar",
    "reviews.Claim": "case",
    "reviews.Decision": "case",
}
# How the audit trail names chains that several rows share (their `chain`).
_CHAINS: Final = {
    "application": "certification.Application",
    "certificate": "certification.Certificate",
    "complaint": "complaints.Complaint",
    "case": "reviews.ReviewCase",
}
_SELECT = re.compile(r'^SELECT\b.* FROM "(?P<table>\w+)".* FOR (?:NO KEY )?UPDATE(?: OF "(?P<of>\w+)")?', re.DOTALL)
_WRITE = re.compile(r'^\s*(?:UPDATE|DELETE FROM) "(?P<table>\w+)" ')
_INSERT = re.compile(r'^\s*INSERT INTO "?(?P<table>\w+)"? ')

_TEST = re.compile(r"(?:\w+/)*tests/\w+\.py:")

_inversions: list[str] = []

Lock = tuple[str, str]  # the label of a model, CHAIN, ADVISORY or ACCOUNT; and which one


@dataclass
class _Transaction:
    held: dict[Lock, str] = field(default_factory=dict)  # in order, each with the place in our code
    own: set[Lock] = field(default_factory=set)  # inserted by itself

    def __contains__(self, lock: Lock) -> bool:
        return lock in self.held or lock in self.own


class LockRecorder:
    """The wrapper of one connection. Inversions are added to the list that all connections share."""

    def __init__(self, connection: BaseDatabaseWrapper, inversions: list[str]) -> None:
        self.connection, self.inversions = connection, inversions
        self.now = _Transaction()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001 -- Django's signature
        if many or not is_in_transaction(self.connection):
            return execute(sql, params, many, context)
        if params and sql.startswith("SELECT pg_advisory_xact_lock("):
            self._take([(ACCOUNT if params[0].startswith("complaints.account:") else ADVISORY, params[0])])
        elif sql.lstrip().startswith("INSERT INTO audit_auditevent"):
            # Many events at once come with a list of chains (trail.record_events).
            for chain in params["chains"] if isinstance(params, dict) else params[:1]:
                self._take_chain(chain)
        elif (found := _WRITE.match(sql)) and "RETURNING" not in sql and (model := _model_of(found["table"])):
            sql = f'{sql} RETURNING "{found["table"]}"."{model._meta.pk.column}"'
        result = execute(sql, params, many, context)
        self._read(sql, context["cursor"])
        return result

    def end(self) -> None:
        """The transaction is over, and all locks with it."""
        self.now = _Transaction()

    def _read(self, sql: str, cursor: Any) -> None:
        if found := _INSERT.match(sql):
            self.now.own.update(_locks(found["table"], cursor) if "RETURNING" in sql else [])
        elif found := _WRITE.match(sql):
            locks = _locks(found["table"], cursor)
            # One statement locks its rows in the order in which they are stored. Actions must not; a test may.
            self._take(sorted(locks, key=_by_key) if _TEST.match(place_in_our_code()) else locks)
        elif found := _SELECT.match(sql):
            locks = _locks(found["of"] or found["table"], cursor)
            waits = "SKIP LOCKED" not in sql
            if waits and locks and self.now.held and locks[0][0] not in {*ORDER, *PARTS}:
                self.inversions.append(f"{locks[0][0]} has no place in the order, at {place_in_our_code()}")
            self._take(locks, waits=waits)

    def _take_chain(self, chain: str) -> None:
        label, _colon, pk = chain.rpartition(":")
        if (_CHAINS.get(label, _label(label)), pk) not in self.now:
            self._take([(CHAIN, chain)])

    def _take(self, locks: Iterable[Lock], *, waits: bool = True) -> None:
        for lock in locks:
            if lock not in self.now:
                if waits and (reason := self._inversion(lock)) and "/demo/" not in reason:
                    self.inversions.append(reason)
                self.now.held[lock] = place_in_our_code()

    def _inversion(self, lock: Lock) -> str:
        """A sentence if the lock comes too late, else "". Rows without a place are written beside one that has."""
        if lock[0] in PARTS:
            root = _root_of(self.connection, lock)
            if root is None or root in self.now:
                return ""
            return f"{_name(lock)} is locked without {_name(root)}, at {place_in_our_code()}"
        for before, place in self.now.held.items():
            if {before[0], lock[0]} <= set(ORDER) and _rank(before) > _rank(lock):
                return f"{_name(before)} is locked at {place}, and after it {_name(lock)} at {place_in_our_code()}"
        return ""


def pytest_sessionstart() -> None:
    """Record every connection of the tests, those of their threads too."""
    record_lock_order(_inversions)


@pytest.fixture(autouse=True)
def lock_inversions() -> Iterator[list[str]]:
    """Fails a test in which a transaction locked rows against the order; a test may empty the list itself."""
    _inversions.clear()
    yield _inversions
    if _inversions:
        pytest.fail("Locked against the order of docs/architecture.md:\n" + "\n".join(dict.fromkeys(_inversions)))


def is_in_transaction(connection: BaseDatabaseWrapper) -> bool:
    """Whether a transaction is open, other than the one that surrounds a test."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def record_lock_order(inversions: list[str]) -> None:
    """Have every connection that is opened from now on recorded; inversions are appended to the list."""

    def add(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
        if not any(_recorders(connection)):
            connection.execute_wrappers.append(LockRecorder(connection, inversions))

    leave = transaction.Atomic.__exit__

    def leave_and_end(self: transaction.Atomic, *details: Any) -> None:
        try:
            leave(self, *details)
        finally:
            connection = connections[self.using or DEFAULT_DB_ALIAS]
            if not is_in_transaction(connection):
                for recorder in _recorders(connection):
                    recorder.end()

    connection_created.connect(add, weak=False)
    transaction.Atomic.__exit__ = leave_and_end  # type: ignore[method-assign]


def _recorders(connection: BaseDatabaseWrapper) -> Iterator[LockRecorder]:
    return (wrapper for wrapper in connection.execute_wrappers if isinstance(wrapper, LockRecorder))


def _look_at_rows(cursor: Any) -> Sequence[Any]:
    """All rows of an answer, which stays to be read."""
    if cursor.description is None:
        return []
    rows: list[Any] = cursor.fetchall()
    if rows:
        cursor.cursor.scroll(0, mode="absolute")
    return rows


def _locks(table: str, cursor: Any) -> list[Lock]:
    """The locks of the rows of an answer, by the first column called as the key of the table is, or else by the first."""
    model, rows = _model_of(table), _look_at_rows(cursor)
    if model is None or not rows:
        return []
    names = [column.name for column in cursor.description]
    at = names.index(model._meta.pk.column) if model._meta.pk.column in names else 0
    return [(model._meta.label, str(row[at])) for row in rows]


@cache
def _model_of(table: str) -> type[Model] | None:
    """The model of a table whose rows have a key of one column."""
    models = (model for model in apps.get_models() if model._meta.pk.column)
    return next((model for model in models if model._meta.db_table == table), None)


@cache
def _label(lower: str) -> str:
    """The label of a model, from how the audit trail names it."""
    return next((model._meta.label for model in apps.get_models() if model._meta.label_lower == lower), lower)


def _root_of(connection: BaseDatabaseWrapper, lock: Lock) -> Lock | None:
    """The row that a part is a part of; None if the part is gone. Asked beside Django, which counts queries."""
    model, pk = apps.get_model(lock[0]), lock[1]
    for step in PARTS[lock[0]].split("."):
        relation = model._meta.get_field(step)
        sql = f'SELECT "{relation.column}" FROM "{model._meta.db_table}" WHERE "{model._meta.pk.column}" = %s'  # noqa: S608 -- our own names
        with connection.connection.cursor() as cursor:
            row = cursor.execute(sql, [pk]).fetchone()
        if row is None:
            return None
        model, pk = relation.related_model, str(row[0])
    return model._meta.label, pk


def _rank(lock: Lock) -> tuple[int, int, str]:
    """The line of ORDER, then the key, numbers as numbers."""
    return ORDER.index(lock[0]), *_by_key(lock)


def _by_key(lock: Lock) -> tuple[int, str]:
    return int(lock[1]) if lock[1].isdigit() else 0, lock[1]


def _name(lock: Lock) -> str:
    return f"{lock[0]} {lock[1]}"
