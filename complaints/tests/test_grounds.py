"""A finding that is reversed takes with it exactly the moves that rest on it alone, in whichever restitution they are."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from complaints import events
from complaints.actions import follower_choices, grounds, restitution_pages, restitutions
from complaints.models import Complaint, GroundFinding, Restitution, RestitutionGround
from complaints.restitution import attribution
from complaints.states import ComplaintState
from complaints.tests import restitutions as make
from complaints.tests.findings import overturn, restitute, uphold
from complaints.tests.restitutions import PUBLISHED, Stage
from portal import clock
from portal.audit import trail
from portal.errors import Conflict
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.notifications.models import Notification
from portal.sandbox.actions import follows
from portal.sandbox.models import Account, Follow, Post
from portal.testing.sandbox_inboxes import delivered_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
HOUR = timedelta(hours=1)


@pytest.fixture
def stage() -> Stage:
    return make.stage(other_at=PUBLISHED - HOUR)


@pytest.fixture(autouse=True)
def _pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribution, "next_page_size", lambda batch, _seconds: batch)


def work() -> None:
    runner.run_due_jobs()
    assert not Job.objects.filter(state=JobState.FAILED).exists()


def came_by(stage: Stage, copy: Post | None, count: int = 3, **fields: Any) -> list[Account]:
    rows = make.viewers(count)
    make.follow(stage.source, rows, post=copy, source_kind="post" if copy else "", **fields)
    return rows


def followers(account: Account) -> set[int]:
    return set(Follow.objects.filter(account=account).values_list("follower_id", flat=True))


def ids(*groups: list[Account]) -> set[int]:
    return {one.pk for group in groups for one in group}


def check(row: Restitution) -> Restitution:
    row = make.fresh(row)
    undone = set(row.choices.carried_out().values_list("follower_id", flat=True))
    assert attribution.ledger_imbalances(row, row.pages.order_by("number"), undone) == []
    return row


@pytest.mark.parametrize("midway", [False, True])
def test_who_moved_because_of_an_earlier_finding_goes_back_with_it(stage: Stage, *, midway: bool) -> None:
    early, own = came_by(stage, stage.other), came_by(stage, stage.copy)
    more = [*came_by(stage, stage.other, 1), *came_by(stage, stage.copy, 1)]
    before = make.edges()
    first, second = uphold(stage, stage.other), uphold(stage, stage.copy)
    row = restitute(second, batch=6)
    restitution_pages.move_page(row.pk)
    assert followers(stage.target) == ids(early, own)
    if not midway:
        work()
        assert followers(stage.target) == ids(early, own, more)
    overturn(first)
    work()
    row = check(row)
    assert row.state == "done"
    assert followers(stage.target) == ids(own) | {more[1].pk}
    assert {edge for edge in make.edges() if edge.follower_id in ids(early)} <= before
    assert row.remedy.state == "active"
    overturn(second)
    work()
    assert (check(row).state, make.edges()) == ("reversed", before)


def test_before_the_first_move_it_moves_nobody_by_what_was_reversed(stage: Stage) -> None:
    early, own = came_by(stage, stage.other), came_by(stage, stage.copy)
    first, second = uphold(stage, stage.other), uphold(stage, stage.copy)
    overturn(first)
    row = restitute(second)
    work()
    assert followers(stage.target) == ids(own)
    assert followers(stage.source) == ids(early)
    assert not check(row).grounds.filter(work_id=str(stage.other.pk)).exists()


def test_what_rests_on_two_findings_stays_while_one_of_them_stands(stage: Stage) -> None:
    own = came_by(stage, stage.copy)
    before = make.edges()
    first, second = uphold(stage, stage.copy), uphold(stage, stage.copy)
    row = restitute(second)
    work()
    ground = row.grounds.get(work_id=str(stage.copy.pk))
    assert set(ground.findings.values_list("complaint", flat=True)) == {first.pk, second.pk}
    overturn(second)
    work()
    row = check(row)
    assert (row.state, row.kept, row.remedy.state) == ("partly_reversed", 3, "lifted")
    assert followers(stage.target) == ids(own)
    overturn(first)
    work()
    assert (check(row).state, make.edges()) == ("reversed", before)


def test_who_stays_after_a_reversal_midway_is_told_and_can_take_it_back(stage: Stage) -> None:
    early, own = came_by(stage, stage.other), came_by(stage, stage.copy)
    later = came_by(stage, stage.other)
    uphold(stage, stage.other)
    row = restitute(uphold(stage, stage.copy), batch=6)
    restitution_pages.move_page(row.pk)
    overturn(row.remedy.complaint)
    work()
    row = check(row)
    assert (row.state, row.moved, row.restored, row.kept) == ("partly_reversed", 6, 3, 3)
    assert followers(stage.target) == ids(early)
    assert followers(stage.source) == ids(own, later), "nobody moves after the reversal"
    assert set(delivered_notices().values_list("account_id", flat=True)) == ids(early)
    follower_choices.undo_follower_return(restitution=row, follower_id=early[0].pk)
    assert check(row).undone == 1
    with pytest.raises(Conflict, match="reversed on appeal"):
        follower_choices.undo_follower_return(restitution=row, follower_id=own[0].pk)


def test_a_later_finding_bears_what_moved_before(stage: Stage) -> None:
    own = came_by(stage, stage.copy)
    row = restitute(uphold(stage, stage.copy))
    work()
    later = uphold(stage, stage.copy)
    overturn(row.remedy.complaint)
    work()
    assert followers(stage.target) == ids(own)
    overturn(later)
    work()
    assert (check(row).state, followers(stage.source)) == ("reversed", ids(own))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_restitutions_of_a_pair_end_the_same_whichever_finding_is_reversed_first(
    stage: Stage, order: tuple[int, int]
) -> None:
    early = came_by(stage, stage.other)
    before = make.edges()
    complaints = [uphold(stage, stage.other)]
    rows = [restitute(complaints[0])]
    work()
    late = came_by(stage, stage.other, 2)
    own = came_by(stage, stage.copy)
    before |= make.edges(of=ids(late, own))
    complaints.append(uphold(stage, stage.copy))
    rows.append(restitute(complaints[1]))
    work()
    assert followers(stage.target) == ids(early, late, own)
    overturn(complaints[order[0]])
    work()
    assert followers(stage.target) == (ids(own) if order[0] == 0 else ids(early, late))
    overturn(complaints[order[1]])
    work()
    assert make.edges() == before
    assert [check(row).state for row in rows] == ["reversed", "reversed"]


def test_follows_of_unknown_origin_rest_on_all_copies_together(stage: Stage) -> None:
    """Two copies and nothing else: each alone would attract whoever came after it, and the first one more."""
    between = came_by(stage, None, created_at=PUBLISHED - HOUR / 2)
    after = came_by(stage, None, created_at=PUBLISHED + HOUR)
    first, second = uphold(stage, stage.other), uphold(stage, stage.copy)
    row = restitute(second)
    work()
    assert followers(stage.target) == ids(between, after)
    overturn(first)
    work()
    assert followers(stage.target) == ids(after)
    assert followers(stage.source) == ids(between)
    assert check(row).restored == 3


def test_a_follow_of_unknown_origin_rests_on_a_copy_that_is_found_later(stage: Stage) -> None:
    """Of five videos four were found copies, then the fifth was, then the first two were not: its followers stay."""
    posts = [stage.other, *(make.post(stage.source, at=PUBLISHED + HOUR * number) for number in range(1, 5))]
    stage.copy.delete()
    after = {number: came_by(stage, None, 1, created_at=PUBLISHED + HOUR * number + HOUR / 2) for number in (1, 2, 3)}
    complaints = [uphold(stage, posts[number]) for number in (0, 1, 3, 4)]
    row = restitute(complaints[-1])
    work()
    assert followers(stage.target) == ids(*after.values())
    uphold(stage, posts[2])
    for complaint in complaints[:2]:
        overturn(complaint)
    work()
    assert followers(stage.source) == ids(after[1])
    assert followers(stage.target) == ids(after[2], after[3])
    assert check(row).kept == 2


def test_a_finding_for_somebody_else_bears_no_move_to_this_author(stage: Stage) -> None:
    own = came_by(stage, stage.copy)
    finding = uphold(stage, stage.copy)
    row = restitute(finding)
    work()
    other = make.complaint(stage, copy=stage.copy, by=make.stage().author)
    grounds.link_finding(other)
    overturn(finding)
    work()
    assert (check(row).state, followers(stage.source)) == ("reversed", ids(own))


def test_everybody_concerned_is_told(stage: Stage) -> None:
    early = came_by(stage, stage.other)
    own = came_by(stage, stage.copy)
    first, second = uphold(stage, stage.other), uphold(stage, stage.copy)
    Complaint.objects.update(told_at=clock.now())
    row = restitute(second)
    work()
    overturn(first)
    work()
    again = delivered_notices().filter(key__endswith="-returned")
    assert set(again.values_list("account_id", flat=True)) == ids(early)
    told = Notification.objects.get(user=stage.author, kind="complaints.followers_given_back")
    assert f"reversed on appeal: {first.number}. " in told.body
    assert "Of these, restored: 3. " in told.body
    accused = Job.objects.filter(kind="complaints.message", payload__kind="complaints.followers_given_back")
    assert [job.payload["side"] for job in accused] == ["respondent"]
    names = list(trail.events_of(row.chain).values_list("event", flat=True))
    assert names.count(events.GROUNDS_FALLEN) == names.count(events.GROUNDS_SETTLED) == 1
    assert followers(stage.target) == ids(own)


def test_own_choices_since_then_stand(stage: Stage) -> None:
    left, came_back, quiet = early = came_by(stage, stage.other)
    first = uphold(stage, stage.other)
    row = restitute(uphold(stage, stage.copy))
    work()
    follows.unfollow_account(account=stage.target, by=left)
    follower_choices.undo_follower_return(restitution=make.fresh(row), follower_id=came_back.pk)
    overturn(first)
    work()
    row = check(row)
    assert (row.restored, row.overridden, row.undone) == (1, 2, 1)
    assert followers(stage.source) == {came_back.pk, quiet.pk}
    assert not followers(stage.target) & ids(early)


def test_the_next_restitution_waits_until_all_is_given_back(stage: Stage) -> None:
    came_by(stage, stage.other)
    first = uphold(stage, stage.other)
    restitute(uphold(stage, stage.copy))
    work()
    overturn(first)
    row = restitute(uphold(stage, stage.copy))
    assert row.state == "held"
    work()
    assert restitutions.begin_due_restitutions() == 1


def test_giving_back_that_was_given_up_is_taken_up_again(stage: Stage) -> None:
    early = came_by(stage, stage.other)
    first = uphold(stage, stage.other)
    restitute(uphold(stage, stage.copy))
    work()
    overturn(first)
    Job.objects.filter(kind=restitutions.RESTORE_FOLLOWERS).update(state=JobState.FAILED)
    assert restitution_pages.resume_abandoned_jobs() == 1
    runner.run_due_jobs()
    assert followers(stage.source) == ids(early)
    assert restitution_pages.resume_abandoned_jobs() == 0


def test_grounds_and_their_findings_are_kept(stage: Stage) -> None:
    row = restitute(uphold(stage, stage.copy))
    ground, finding = row.grounds.filter(work_id=str(stage.copy.pk)), GroundFinding.objects.all()
    for change in (ground.delete, finding.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    for rows, fields in ((ground, {"work_id": "7"}), (finding, {"work_id": "7"})):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**fields)


def test_a_dismissed_complaint_bears_nothing(stage: Stage) -> None:
    complaint = uphold(stage, stage.copy)
    row = restitute(complaint)
    work()
    overturn(complaint)
    complaint.refresh_from_db()
    assert complaint.state == ComplaintState.REVERSED
    assert not RestitutionGround.objects.standing().exists()
    assert not row.grounds.filter(findings__reversed_at=None).exists()
