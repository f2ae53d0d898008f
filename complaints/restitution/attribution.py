"""Read only: which followers a copy attracted, the platform request, and the sums that a ledger must meet."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import (
    Complaint,
    GroundFinding,
    Restitution,
    RestitutionGround,
    RestitutionPage,
    RestitutionPolicy,
)
from complaints.models.complaints import ComplaintQuerySet
from complaints.models.restitutions import RestitutionQuerySet
from complaints.policies.terms import PAIR_REST, UPHELD_SHARE, Reason
from complaints.states import OPEN_STATES, ComplaintState, Outcome, RestitutionMode, RestitutionState
from portal.people import links
from portal.people.models import LinkedAccount
from portal.platforms import Ability, MoveOrder, NotServed, Unknown, Work, registry

# Followers a page: it begins in the middle and grows or shrinks towards the time a page shall take.
SMALLEST_PAGE, LARGEST_PAGE = 1_000, 50_000
PAGE_SECONDS = 0.4
# A page over a network: calls are what a platform counts, so a page is as large as its answer surely comes in time.
CALLED_PAGE_SECONDS = 4.0
_STANDING = (ComplaintState.UPHELD, ComplaintState.PARTLY, ComplaintState.AFFIRMED, ComplaintState.REVERSED)
ABILITIES_BY_MODE: Mapping[str, tuple[Ability, ...]] = {
    RestitutionMode.MOVE: ("followers",),
    RestitutionMode.CLEAR: ("followers", "clearing"),
    RestitutionMode.INVITE: ("followers", "previews", "invitations"),
}
_UNSERVED: Mapping[str, Promise] = {
    RestitutionMode.MOVE: _("Followers cannot be returned through the portal on this platform."),
    RestitutionMode.CLEAR: _(
        "In the region of this account, follows gained through a copy are ended and nobody is moved. The platform does "
        "not support that through the portal."
    ),
    RestitutionMode.INVITE: _(
        "In the region of this account, followers are asked before they are moved. The platform does not support that "
        "through the portal."
    ),
}
UPHELD_OUTCOMES = (Outcome.UPHELD, Outcome.PARTLY)


@dataclass(frozen=True)
class Attribution:
    """Which follows of an account its copies attracted.

    Those that came by `work_ids`; and, unless `unknown_from` is None, those of unknown origin at or after
    it and before `until`. Follows by `disputed_work_ids` wait for other cases. `share` in [0, 1] is the
    part that copies are of what the account published in that time. `copies` are the works by the time when they were
    published, those of which the platform says none left out; `shown_at` are the times of everything published.
    """

    work_ids: tuple[str, ...]
    disputed_work_ids: tuple[str, ...]
    until: datetime
    unknown_from: datetime | None
    share: float
    copies: Mapping[str, datetime]
    shown_at: tuple[datetime, ...]


def attributable_follows(
    *, published: Sequence[Work], upheld: Collection[str], disputed: Collection[str], until: datetime
) -> Attribution:
    """What is attributable to the `upheld` works of an account that was restricted at `until`.

    `published` are all its works, those that it deleted too, so that deleting changes nothing. Each counts once.
    """
    published = list({work.id: work for work in published}.values())
    copies = {work.id: work.published_at for work in published if work.id in upheld and work.published_at < until}
    first = min(copies.values(), default=None)
    shown_at = sorted(work.published_at for work in published if work.published_at < until)
    shown = [at for at in shown_at if first is not None and at >= first]
    share = len(copies) / len(shown) if shown else 0.0
    return Attribution(
        work_ids=tuple(sorted(upheld)),
        disputed_work_ids=tuple(sorted(disputed)),
        until=until,
        unknown_from=first if share >= UPHELD_SHARE else None,
        share=share,
        copies=copies,
        shown_at=tuple(shown_at),
    )


def unknown_follows_from(copies: Iterable[datetime], shown_at: Sequence[datetime]) -> datetime | None:
    """From when on follows of unknown origin rest on these copies, or on some of them: the earliest moment.

    None if the copies are nowhere so large a part of what was shown from one of them on. With more copies the moment
    is never later, so that the order in which findings are reversed makes no difference.
    """
    times = sorted(copies)
    for place, first in enumerate(times):
        shown = sum(at >= first for at in shown_at)
        if shown and (len(times) - place) / shown >= UPHELD_SHARE:
            return first
    return None


def fallen_grounds(
    grounds: Iterable[RestitutionGround], findings: Iterable[GroundFinding], shown_at: Sequence[datetime]
) -> list[RestitutionGround]:
    """Those of the `grounds` of a restitution that the `findings` which stand bear no more.

    A work stands while one finding about it does; a time, while the works that stand would attract its follows.
    """
    of_ground: dict[int, dict[str, datetime | None]] = {}
    for finding in findings:
        of_ground.setdefault(finding.ground_id, {})[finding.work_id] = finding.published_at

    def falls(ground: RestitutionGround) -> bool:
        works = of_ground.get(ground.pk, {})
        if ground.work_id or ground.since is None:
            return not works
        since = unknown_follows_from([at for at in works.values() if at], shown_at)
        return since is None or ground.since < since

    return [ground for ground in grounds if falls(ground)]


def move_order(restitution: Restitution, *, stopped: bool = False) -> MoveOrder:
    """The order, known by the same key for every page, with the grounds that stand; a stopped one moves nobody more."""
    grounds = [] if stopped else list(restitution.grounds.standing())
    return MoveOrder(
        key=restitution.key,
        source=restitution.source,
        target=restitution.target,
        work_ids=tuple(sorted(ground.work_id for ground in grounds if ground.work_id)),
        until=restitution.until,
        unknown_since=tuple(sorted(ground.since for ground in grounds if ground.since and not ground.work_id)),
        disputed_work_ids=tuple(restitution.disputed_work_ids),
        effect="clear" if restitution.mode == RestitutionMode.CLEAR else "move",
    )


def upheld_works(complaint: Complaint) -> dict[str, list[int]]:
    """The account's works that were found to be copies of this author's, by this complaint or earlier ones.

    Each with the ids of the complaints that found it.
    """
    assert complaint.copy is not None  # noqa: S101 -- a complaint that was decided names its copy
    earlier = _other_complaints(complaint).filter(
        complainant=complaint.complainant_id, state__in=_STANDING, result__in=UPHELD_OUTCOMES
    )
    works: dict[str, list[int]] = {complaint.copy.external_id: [complaint.pk]}
    for work_id, pk in earlier.order_by("pk").values_list("copy__external_id", "pk"):
        works.setdefault(work_id, []).append(pk)
    works.pop("", None)
    return works


def disputed_works(complaint: Complaint) -> set[str]:
    """The account's works about which another complaint is still open, of which the account was told.

    What nobody has admitted yet holds up nothing, or anybody could keep followers by complaining.
    """
    still_open = _other_complaints(complaint).filter(state__in=OPEN_STATES, told_at__isnull=False)
    return set(still_open.values_list("copy__external_id", flat=True)) - {""}


def target_account(complaint: Complaint) -> LinkedAccount | None:
    """The complainant's proven account on the platform: the one that published the original, else the oldest."""
    return next(iter(target_accounts(complaint)), None)


def target_accounts(complaint: Complaint) -> list[LinkedAccount]:
    """All their proven accounts on the platform, in that order."""
    theirs = links.proven_accounts_of(complaint.complainant).filter(platform=complaint.platform)
    original = complaint.original.account_id if complaint.original else ""
    there = theirs.exclude(external_id=complaint.account_id)
    return sorted(there, key=lambda link: link.external_id != original)


def is_account_closed(platform: str, account_id: str) -> bool:
    """Whether an account is closed or gone; raises PlatformError if the platform does not answer."""
    connector = registry.get_connector(platform)
    try:
        return connector.accounts.account(account_id).state == "closed"
    except Unknown:
        return True


def restitution_policy(complaint: Complaint) -> RestitutionPolicy:
    """The policy of the respondent's region; where there is none, followers do not return."""
    return RestitutionPolicy.objects.filter(region=complaint.region).first() or RestitutionPolicy(
        region=complaint.region
    )


def refuse_restitution(complaint: Complaint) -> Reason:
    """Why the followers of this complaint's account cannot return to its author; None if they can."""
    target, mode = target_account(complaint), restitution_policy(complaint).mode
    return restitution_refusal(
        mode=mode,
        served=serves_mode(complaint.platform, mode),
        running=target is not None and _restitutions_between(complaint, target).running().exists(),
        work=complaint.copy.external_id if complaint.copy else "",
    )


def restitution_refusal(*, mode: str, served: bool, running: bool, work: str) -> Reason:
    """The rules of refuse_restitution(). `served`: the platform does through the portal what the mode asks for."""
    if mode not in ABILITIES_BY_MODE:
        return _("Followers are not returned in the region of this account.")
    if not served:
        return _UNSERVED[mode]
    if not work:
        return _("The copy is not a work of this account, so it brought no followers.")
    if running:
        return _("Followers of this account are already being returned to this author.")
    return None


def can_work_side_by_side(platform: str) -> bool:
    """Whether several workers can change its followers at the same time; not while the portal does not serve it."""
    try:
        followers = registry.get_connector(platform).followers
    except NotServed:
        return False
    return followers is not None and (followers.joins or followers.ranges_at_once() > 1)


def serves_mode(platform: str, mode: str) -> bool:
    """Whether the platform does through the portal what a restitution of this mode asks for."""
    try:
        connector = registry.get_connector(platform)
    except NotServed:
        return False
    return all(connector.serves(ability) for ability in ABILITIES_BY_MODE.get(mode, ()))


def had_recent_restitution(complaint: Complaint, now: datetime) -> bool:
    """Whether followers of this account were returned, or their follows ended, for this author within a year.

    Then a senior person has to look, in every mode. The author is known by their account, or where they have none there, by themselves.
    """
    target = target_account(complaint)
    same = Q(remedy__complaint__complainant=complaint.complainant_id)
    if target is not None:
        same |= Q(target=target.external_id)
    rows = Restitution.objects.filter(same, platform=complaint.platform, source=complaint.account_id)
    return rows.exclude(state=RestitutionState.CANCELLED).filter(planned_at__gt=now - PAIR_REST).exists()


def went_to_account_recently(row: Restitution, target: str, now: datetime) -> bool:
    """Whether followers of the same account have gone to this account of the author's within a year, when it was somebody else's.

    What went to the same author was known to whoever decided.
    """
    others = Restitution.objects.of_pair(row.platform, row.source, target)
    others = others.exclude(remedy__complaint__complainant=row.remedy.complaint.complainant_id)
    return others.filter(planned_at__gt=now - PAIR_REST).exists()


def next_page_size(batch: int, seconds: float) -> int:
    """The size of the next page after one of `batch` took so long; at most doubled, at most halved."""
    aimed = batch * PAGE_SECONDS / max(seconds, 1e-6)
    return round(min(max(aimed, batch / 2, SMALLEST_PAGE), batch * 2, LARGEST_PAGE))


def next_called_page_size(batch: int, seconds: float) -> int:
    """The same for a page that a platform has moved over a network; `seconds` hold the wait for the call's turn."""
    return next_page_size(batch, seconds * PAGE_SECONDS / CALLED_PAGE_SECONDS)


def ledger_imbalances(
    restitution: Restitution, pages: Iterable[RestitutionPage], choices: Collection[int]
) -> list[str]:
    """Imbalances between a restitution, its pages and the undone moves; empty if the ledger balances.

    Every follower stands in the ledger once, who was asked and has accepted also as asked; the counts are those of the pages; of a page that was taken
    back, everybody was restored, or chose otherwise, or is gone; nobody takes back what was not done.
    """
    sums: Counter[str] = Counter()
    ended: set[int] = set()
    invited: set[int] = set()
    found = []
    for page in pages:
        written = [*page.moved, *page.already]
        everybody = [*written, *(one for some in page.excluded.values() for one in some)]
        sums.update(_page_counts(page), everybody=len(everybody))
        if page.restored_at is not None and page.restored + len(page.overridden) + len(page.missing) != len(written):
            found.append(f"page {page.number} was not taken back whole")
        if not ended.isdisjoint(everybody) or len(set(everybody)) != len(everybody):
            found.append(f"a follower of page {page.number} stands in the ledger twice")
        found += _invitation_imbalances(restitution, page, invited=invited, written=written)
        ended.update(everybody)
        invited.update(page.invited)
    counted = ("invited", "moved", "already", "passed", "restored", "overridden", "missing")
    found += [
        f"{name}: {getattr(restitution, name)} is not {sums[name]}"
        for name in counted
        if getattr(restitution, name) != sums[name]
    ]
    accepted = sums["moved"] + sums["already"] if restitution.mode == RestitutionMode.INVITE else 0
    attributable = sums["everybody"] + sums["invited"] - accepted
    if restitution.attributable != attributable:
        found.append(f"attributable: {restitution.attributable} is not {attributable}")
    if restitution.unanswered < 0:
        found.append(f"{-restitution.unanswered} more have answered than were asked")
    if restitution.undone != len(choices) or not ended.issuperset(choices):
        found.append("those who took their move back are not those who were moved")
    return found


def _invitation_imbalances(
    restitution: Restitution, page: RestitutionPage, *, invited: Collection[int], written: Collection[int]
) -> list[str]:
    """The same for who was asked: `invited` stand on earlier pages, `written` have moved by this one."""
    found = []
    if not set(page.invited).isdisjoint(invited):
        found.append(f"a follower of page {page.number} was asked twice")
    if restitution.mode == RestitutionMode.INVITE and not set(written) <= set(invited):
        found.append(f"a follower of page {page.number} has moved without being asked")
    return found


def _page_counts(page: RestitutionPage) -> dict[str, int]:
    lists = {name: len(getattr(page, name)) for name in ("invited", "moved", "already", "overridden", "missing")}
    return lists | {"passed": page.passed, "restored": page.restored}


def _restitutions_between(complaint: Complaint, target: LinkedAccount) -> RestitutionQuerySet:
    return Restitution.objects.of_pair(complaint.platform, complaint.account_id, target.external_id)


def _other_complaints(complaint: Complaint) -> ComplaintQuerySet:
    same = Complaint.objects.filter(platform=complaint.platform, account_id=complaint.account_id)
    return same.exclude(pk=complaint.pk).exclude(copy=None)
