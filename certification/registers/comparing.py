"""What a register's answer means for a declared credential. A finding is data; what follows from it people decide.

The result passes if the register has the number, in force, under the declared name. It fails on what the register says
otherwise. Whatever it does not say, or says of too long ago, leaves the check open.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from certification.models import CheckResult, Credential
from certification.registers.answers import Record, Reply
from certification.registers.names import is_same_name

_FAILED, _OPEN, _PASSED = CheckResult.FAILED, CheckResult.INCONCLUSIVE, CheckResult.PASSED


@dataclass(frozen=True)
class Finding:
    """The result, the code of its sentence (findings.py), and its figures: no name and no number is among them."""

    result: CheckResult
    code: str
    data: dict[str, Any] = field(default_factory=dict)


def judge_reply(credential: Credential, reply: Reply, *, today: date, oldest: timedelta) -> Finding:
    """The finding; an answer that speaks for a day longer ago than `oldest` is none."""
    as_of = reply.as_of.isoformat()
    if reply.as_of < today - oldest:
        return Finding(_OPEN, "register.old", {"date": as_of})
    if reply.record is None:
        return Finding(_FAILED, "register.absent", {"as_of": as_of})
    finding = _judge_record(credential, reply.record, today)
    return Finding(finding.result, finding.code, {**finding.data, "as_of": as_of})


def _judge_record(credential: Credential, record: Record, today: date) -> Finding:
    if record.in_force is False:
        ended = record.ended_on
        return (
            Finding(_FAILED, "register.ended_on", {"date": ended.isoformat()})
            if ended
            else Finding(_FAILED, "register.ended")
        )
    if record.expires_on is not None and record.expires_on < today:
        return Finding(_FAILED, "register.over", {"date": record.expires_on.isoformat()})
    known = {"expires_on": record.expires_on.isoformat()} if record.expires_on else {}
    if record.in_force is None:
        return Finding(_OPEN, "register.no_state", known)
    if not record.full_name or not credential.name_on_document.strip():
        return Finding(_OPEN, "register.no_name", known)
    if not is_same_name(credential.name_on_document, record):
        return Finding(_FAILED, "register.other_name", known)
    return Finding(_PASSED, "register.agrees", known)
