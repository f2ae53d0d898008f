"""On which findings the moves of a restitution rest: written when it begins, and kept up with later decisions.

Everything here is done under the lock of the account (casework.lock_account), which every decision on a complaint
and every beginning of a restitution takes first, so that a finding cannot be reversed while it is being linked.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Q

from complaints import events
from complaints.models import Complaint, GroundFinding, Restitution, RestitutionGround
from complaints.restitution import attribution
from complaints.restitution.attribution import Attribution
from portal import clock
from portal.audit import trail
from portal.people.models import User


def write_grounds(row: Restitution, found: Attribution, findings: Mapping[str, Collection[int]]) -> None:
    """A ground for each work, and one for each time at which follows of unknown origin may come to rest on other copies.

    These are the times at which the account published anything since the first copy: any of it may be found a copy later.
    `findings` are ids of complaints by work. A work rests on its own, a time on those of all works together.
    """
    works = [RestitutionGround(restitution=row, work_id=one, since=found.copies.get(one)) for one in found.work_ids]
    first = found.unknown_from
    moments = sorted({at for at in found.shown_at if first is not None and at >= first})
    times = [RestitutionGround(restitution=row, since=at) for at in moments]
    RestitutionGround.objects.bulk_create([*works, *times])
    for work in works:
        for pk in findings[work.work_id]:
            _link([work, *times], complaint=pk, work_id=work.work_id, published_at=work.since)


def link_finding(complaint: Complaint) -> None:
    """Have moves from the account to its author rest on this finding, too, now that it is in force.

    Those for the same work, and those in times for which the share of copies counts.
    """
    copy = complaint.copy
    if copy is None or not copy.external_id:
        return
    standing = RestitutionGround.objects.standing().filter(
        restitution__platform=complaint.platform,
        restitution__source=complaint.account_id,
        restitution__remedy__complaint__complainant=complaint.complainant_id,
    )
    published_at = copy.published_at
    counts = Q(work_id="", restitution__until__gt=published_at) if published_at else Q(pk=None)
    rows = standing.filter(Q(work_id=copy.external_id) | counts)
    _link(list(rows), complaint=complaint.pk, work_id=copy.external_id, published_at=published_at)


def restitutions_resting_on(complaint: Complaint) -> list[int]:
    """Ids of the restitutions of which something rests on the finding, in their order."""
    links = GroundFinding.objects.filter(complaint=complaint, reversed_at=None)
    return sorted(set(links.values_list("ground__restitution", flat=True)))


def unlink_finding(row: Restitution, complaint: Complaint) -> None:
    """Note that a finding on which a locked restitution rests was reversed."""
    links = GroundFinding.objects.filter(ground__restitution=row, complaint=complaint, reversed_at=None)
    links.update(reversed_at=clock.now())


def drop_grounds(row: Restitution, reversed_one: Complaint, *, by: User | None) -> bool:
    """Note which grounds of a locked restitution nothing bears any more; whether there are any that did before."""
    findings = GroundFinding.objects.filter(ground__restitution=row, reversed_at=None)
    fallen = attribution.fallen_grounds(list(row.grounds.standing()), list(findings), row.shown_at)
    if not fallen:
        return False
    RestitutionGround.objects.filter(pk__in=[ground.pk for ground in fallen]).update(fallen_at=clock.now())
    works = sum(bool(ground.work_id) for ground in fallen)
    counts = {"works": works, "times": len(fallen) - works}
    trail.record_event(events.GROUNDS_FALLEN, row, by=by, complaint=reversed_one.number, **counts)
    return True


def drop_all_grounds(row: Restitution) -> dict[str, int]:
    """Let every ground of a locked restitution fall that stands, though findings bear it. How many, as works and times."""
    standing = row.grounds.standing()
    works = standing.exclude(work_id="").count()
    return {"works": works, "times": standing.update(fallen_at=clock.now()) - works}


def _link(grounds: Iterable[RestitutionGround], *, complaint: int, **finding: Any) -> None:
    rows = [GroundFinding(ground=ground, complaint_id=complaint, **finding) for ground in grounds]
    GroundFinding.objects.bulk_create(rows, ignore_conflicts=True)
