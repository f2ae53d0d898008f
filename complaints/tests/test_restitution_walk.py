"""A whole restitution on a platform behind a network: decided, moved, told, undone by one, taken back by an appeal."""

from datetime import timedelta

import pytest

from complaints.actions import follower_choices, restitutions
from complaints.models import Complaint, Restitution
from complaints.restitution import attribution
from complaints.states import RemedyState as State
from complaints.tests import deciding as do
from complaints.tests import factories as make
from portal import clock
from portal.jobs import runner
from portal.testing.fake_followers import FakeFollow
from portal.testing.fake_platform import FakePlatform

pytestmark = pytest.mark.django_db
FANS, BOT, STRANGER = range(9_001, 9_006), 9_006, 9_007


def followed(platform: FakePlatform) -> Complaint:
    """A complaint of an account that five follow because of the copy, one of them the author's already."""
    complaint = do.in_review(against=make.account(make.person()))
    copy, since = do.post(complaint), clock.now() - timedelta(days=1)
    for follower in (*FANS, BOT, STRANGER):
        platform.traits[follower] = {"bot"} if follower == BOT else set()
        work = None if follower == STRANGER else copy
        platform.follows[complaint.account_id, follower] = FakeFollow(since, work, kind="" if work else "profile")
    platform.follows[author_of(complaint), FANS[0]] = FakeFollow(since, kind="profile")
    return complaint


def author_of(complaint: Complaint) -> str:
    return make.account_of(complaint.complainant).id


def followers_of(platform: FakePlatform, account: str) -> set[int]:
    return {follower for followed, follower in platform.follows if followed == account}


def uphold(complaint: Complaint) -> Restitution:
    do.decide(complaint, remedies=("warn", "restitution"))
    do.confirm(complaint)
    row = Restitution.objects.get()
    assert row.state == "held"
    return row


def check(complaint: Complaint, state: str) -> Restitution:
    row = Restitution.objects.select_related("remedy").get()
    undone = set(row.choices.carried_out().values_list("follower_id", flat=True))
    assert (row.state, attribution.ledger_imbalances(row, row.pages.order_by("number"), undone)) == (state, [])
    return row


def test_followers_return_and_come_back_by_calls_alone(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribution, "next_page_size", lambda batch, _seconds: batch)
    complaint = followed(platform)
    author, before = author_of(complaint), dict(platform.follows)
    row = uphold(complaint)
    Restitution.objects.update(batch=2)
    with clock.freeze_time(row.hold_until):
        assert restitutions.begin_due_restitutions() == 1
        runner.run_due_jobs()
        row = check(complaint, "done")
        assert (row.moved, row.already, row.excluded, row.passed, row.pages.count()) == (4, 1, {"bot": 1}, 1, 4)
        assert followers_of(platform, author) == set(FANS)
        assert followers_of(platform, complaint.account_id) == {BOT, STRANGER}
        assert [len(platform.messages[str(follower)]) for follower in (*FANS, BOT)] == [1, 1, 1, 1, 1, 0]

        follower_choices.undo_follower_return(restitution=row, follower_id=FANS[1])
        assert platform.follows[complaint.account_id, FANS[1]].confirmed

        do.appeal(complaint)
        do.reverse(complaint)
        runner.run_due_jobs()
    row = check(complaint, "partly_reversed")
    assert (row.restored, row.overridden, row.undone) == (4, 1, 1)
    assert do.states(complaint)["restitution"] == State.LIFTED
    assert {edge: (row.created_at, row.work_id) for edge, row in platform.follows.items()} == {
        edge: (row.created_at, row.work_id) for edge, row in before.items()
    }


def test_an_appeal_against_an_earlier_decision_gives_back_who_moved_because_of_it(platform: FakePlatform) -> None:
    first = do.in_review(against=make.account(make.person()))
    do.decide(first, remedies=("warn",))
    account = platform.accounts[first.account_id]
    second = do.in_review(by=first.complainant, against=account)
    since, author = clock.now() - timedelta(days=1), author_of(first)
    for follower in FANS:
        platform.traits[follower] = set()
        copy = do.post(first if follower in FANS[:3] else second)
        platform.follows[account.id, follower] = FakeFollow(since, copy)
    row = uphold(second)
    with clock.freeze_time(row.hold_until):
        assert restitutions.begin_due_restitutions() == 1
        runner.run_due_jobs()
        assert followers_of(platform, author) == set(FANS)
        do.appeal(first)
        do.reverse(first)
        runner.run_due_jobs()
        row = check(second, "done")
        assert (row.restored, followers_of(platform, account.id)) == (3, set(FANS[:3]))
        assert followers_of(platform, author) == set(FANS[3:])
        assert [len(platform.messages[str(follower)]) for follower in FANS] == [2, 2, 2, 1, 1]
        do.appeal(second)
        do.reverse(second)
        runner.run_due_jobs()
    assert (check(second, "reversed").restored, followers_of(platform, account.id)) == (5, set(FANS))
