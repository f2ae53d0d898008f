"""Whether both sides of a complaint share an agency, a device or a payee, as far as is known: a flag for whoever decides.

Follower moves could be bought: an account that copies on purpose, and an "author" who complains. The portal knows the agencies; the
platform says which keyed hashes of devices and payees belong to an account, and nothing of these is kept. What is found after the
decision pauses the followers' return until a senior reviewer has looked at it.
"""

from typing import Any

from django.db import transaction

from complaints import events
from complaints.actions import casework, pauses
from complaints.models import Complaint, Restitution
from complaints.policies import screening
from complaints.restitution import attribution
from complaints.states import RestitutionState
from portal import clock
from portal.audit import trail
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.platforms import AccountSignals, NotServed, Unknown, registry

COMPARE_ACCOUNTS = "complaints.compare_accounts"
COMPARE_ATTEMPTS = 8
_MOST_ACCOUNTS = 5
# Nothing of it is moved by the portal now, or it is asked, or over: a senior reviewer is to look at it all the same.
_FLAGGED = (
    RestitutionState.RESERVED,
    RestitutionState.HELD,
    RestitutionState.PAUSED,
    RestitutionState.INVITING,
    RestitutionState.DONE,
)


def enqueue_account_comparison(complaint: Complaint) -> None:
    """Have the accounts of both sides compared, in the caller's transaction; once for each round of the complaint."""
    key = f"{COMPARE_ACCOUNTS}:{complaint.pk}:{complaint.round}"
    enqueue_job(COMPARE_ACCOUNTS, {"complaint": complaint.pk}, key=key)


def enqueue_late_comparison(complaint: Complaint, account_id: str) -> None:
    """The same, once, with an account that became the author's, or was chosen, after the decision: nobody has seen it then."""
    key = f"{COMPARE_ACCOUNTS}:{complaint.pk}:account:{account_id}"
    enqueue_job(COMPARE_ACCOUNTS, {"complaint": complaint.pk, "account": account_id}, key=key)


def look_at_late_account(row: Restitution, account_id: str) -> bool:
    """Have the account compared, and flag at once what is known of it. With the restitution locked; whether something was new."""
    complaint = row.remedy.complaint
    enqueue_late_comparison(complaint, account_id)
    recent = attribution.went_to_account_recently(row, account_id, clock.now())
    return recent and _flag(complaint, {screening.RECENT_RETURN})


def compare_accounts(run: JobAttempt) -> None:
    """Job: compare both sides, and flag what they share; their agencies before the platform is asked, which may be silent."""
    complaint = Complaint.objects.with_parties().get(pk=run.payload["complaint"])
    with transaction.atomic():
        flag_shared_agency(complaint)
    found = _shared_signals(complaint, run.payload.get("account"))
    with run.finish():
        if found:
            _flag(complaint, found)


@transaction.atomic
def note_failed_comparison(payload: dict[str, Any]) -> None:
    """The platform has never answered: whoever decides, or a senior reviewer after the decision, is to know that."""
    _flag(Complaint.objects.get(pk=payload["complaint"]), {screening.ACCOUNTS_NOT_COMPARED})


def flag_shared_agency(complaint: Complaint) -> bool:
    """Flag an agency that stands behind both sides, unless somebody has seen it. In the caller's transaction; whether it was new."""
    return screening.share_agency(complaint) and _flag(complaint, {screening.SAME_AGENCY})


def pause_for_review(row: Restitution) -> None:
    """Pause what moves until a senior reviewer resumes or stops it, with the row locked."""
    pauses.pause(row, reason="", flagged_at=row.flagged_at or clock.now())
    trail.record_event(events.RESTITUTION_PAUSED, row, by=None)


def _flag(complaint: Complaint, found: set[str]) -> bool:
    """Flag what nobody has seen yet. In the caller's transaction; whether there was any."""
    casework.lock_complaint(complaint)
    if found <= set(complaint.flags):
        return False
    complaint.write(flags=sorted({*complaint.flags, *found}))
    _hold_restitutions(complaint)
    return True


def _hold_restitutions(complaint: Complaint) -> None:
    """Pause what moves by this complaint, have what has not begun pause when it does (restitutions.py), and flag the rest.

    Asking does not end before a senior reviewer has answered that; what is over can be stopped and restored by two of them.
    """
    rows = Restitution.objects.select_for_update(of=("self",), no_key=True).select_related("remedy")
    for row in rows.filter(remedy__complaint=complaint, state=RestitutionState.MOVING).order_by("pk"):
        row.remedy.complaint = complaint
        pause_for_review(row)
    waiting = Restitution.objects.filter(remedy__complaint=complaint, state__in=_FLAGGED, flagged_at=None)
    waiting.update(flagged_at=clock.now())


def _shared_signals(complaint: Complaint, late: str | None) -> set[str]:
    accounts = _accounts_of_complainant(complaint, late)
    try:
        connector = registry.get_connector(complaint.platform)
        if connector.signals is None or not accounts or not complaint.account_id:
            return set()
        theirs = connector.signals.account_signals(complaint.account_id)
        own = [connector.signals.account_signals(account) for account in accounts]
    except (Unknown, NotServed):
        return set()
    return {code for code in (screening.SAME_DEVICE, screening.SAME_PAYEE) if _share(code, theirs, own)}


def _share(code: str, theirs: AccountSignals, own: list[AccountSignals]) -> bool:
    name = "devices" if code == screening.SAME_DEVICE else "payees"
    return any(getattr(theirs, name) & getattr(one, name) for one in own)


def _accounts_of_complainant(complaint: Complaint, late: str | None) -> list[str]:
    """The one that is looked at late, the account of the original if it is on the same platform, and those proven to be theirs."""
    proven = [link.external_id for link in attribution.target_accounts(complaint)]
    original = complaint.original
    if original is not None and original.platform == complaint.platform and original.account_id:
        proven.insert(0, original.account_id)
    if late is not None:
        proven.insert(0, late)
    others = [account for account in dict.fromkeys(proven) if account != complaint.account_id]
    return others[:_MOST_ACCOUNTS]
