"""Whether both sides of a complaint share a device or a payee, as far as the platform tells: a flag for whoever decides.

Follower moves could be bought: an account that copies on purpose, and an "author" who complains. The platform says which keyed hashes
belong to an account; they are compared here, and nothing of them is kept.
"""

from complaints.actions import casework
from complaints.models import Complaint
from complaints.policies import screening
from complaints.restitution import attribution
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.platforms import AccountSignals, NotServed, Unknown, registry

COMPARE_ACCOUNTS = "complaints.compare_accounts"
COMPARE_ATTEMPTS = 8
_MOST_ACCOUNTS = 5


def enqueue_account_comparison(complaint: Complaint) -> None:
    """Have the accounts of both sides compared, in the caller's transaction; once for each round of the complaint."""
    key = f"{COMPARE_ACCOUNTS}:{complaint.pk}:{complaint.round}"
    enqueue_job(COMPARE_ACCOUNTS, {"complaint": complaint.pk}, key=key)


def enqueue_late_comparison(complaint: Complaint, account_id: str) -> None:
    """The same, once, with an account that became the author's, or was chosen, after the decision: nobody has seen it then."""
    key = f"{COMPARE_ACCOUNTS}:{complaint.pk}:account:{account_id}"
    enqueue_job(COMPARE_ACCOUNTS, {"complaint": complaint.pk}, key=key)


def compare_accounts(run: JobAttempt) -> None:
    """Job: ask the platform about both sides, and flag what they share."""
    complaint = Complaint.objects.with_parties().get(pk=run.payload["complaint"])
    found = _shared_signals(complaint)
    with run.finish():
        if not found:
            return
        casework.lock_complaint(complaint)
        complaint.write(flags=sorted({*complaint.flags, *found}))


def _shared_signals(complaint: Complaint) -> set[str]:
    accounts = _accounts_of_complainant(complaint)
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


def _accounts_of_complainant(complaint: Complaint) -> list[str]:
    """The account of the original if it is on the same platform, and those that are proven to be the complainant's."""
    proven = [link.external_id for link in attribution.target_accounts(complaint)]
    original = complaint.original
    if original is not None and original.platform == complaint.platform and original.account_id:
        proven.insert(0, original.account_id)
    others = [account for account in dict.fromkeys(proven) if account != complaint.account_id]
    return others[:_MOST_ACCOUNTS]
