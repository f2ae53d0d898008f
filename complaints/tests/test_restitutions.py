"""A restitution before its pages: planned, held, reserved, begun, called off."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from complaints import events
from complaints.actions import account_signals, follower_choices, restitution_pages, restitutions, reversals
from complaints.models import Complaint, Restitution, RestitutionPolicy
from complaints.policies import screening, terms
from complaints.restitution import attribution
from complaints.states import RestitutionMode
from complaints.templatetags import restitutions as cards
from complaints.tests import restitutions as make
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, NotAllowed
from portal.jobs import runner
from portal.notifications.models import Notification
from portal.people.models import LinkedAccount
from portal.platforms import AccountSignals, Unknown, registry
from portal.reviews.tests import factories as reviews
from portal.sandbox.models import Account
from portal.testing.sandbox_inboxes import delivered_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


def card(row: Restitution) -> str:
    """Its card as both sides see it."""
    return render_to_string("complaints/_restitution.html", cards.restitution(row))


def names(row: Restitution) -> list[str]:
    return [event.event for event in trail.events_of(row.chain) if event.event.startswith("complaints.restitution")]


def test_a_restitution_is_planned_with_what_it_will_ask() -> None:
    stage = make.stage(hold=7)
    make.follow(stage.source, make.viewers(3), post=stage.copy)
    make.complaint(stage, copy=make.post(stage.source), state="in_review", by=reviews.person())
    row = make.held(stage)
    assert row.state == "held"
    assert (row.source, row.target) == (str(stage.source.pk), str(stage.target.pk))
    assert (row.source_handle, row.target_handle) == (stage.source.handle, stage.target.handle)
    assert (row.work_ids, row.expected, len(row.disputed_work_ids)) == ([str(stage.copy.pk)], 3, 1)
    assert row.hold_until - row.planned_at == terms.hold_duration(7)
    assert names(row) == [events.RESTITUTION_PLANNED]
    order = attribution.move_order(row)
    assert (order.key, order.until, order.unknown_since) == (row.key, row.until, ())


def test_earlier_upheld_copies_of_the_same_author_count_too_and_nobody_elses() -> None:
    stage = make.stage(other_at=make.PUBLISHED - timedelta(days=1))
    mine, dismissed, theirs, reversed_, elsewhere = (make.post(stage.source) for _ in range(5))
    make.complaint(stage, copy=mine, state="partly")
    make.complaint(stage, copy=dismissed, state="dismissed")
    make.complaint(stage, copy=theirs, by=reviews.person())
    make.complaint(stage, copy=reversed_, state="reversed")
    other = make.stage(region="eu")
    make.complaint(other, copy=elsewhere, by=stage.author)
    row = make.held(stage)
    assert set(row.work_ids) == {str(stage.copy.pk), str(mine.pk)}
    assert row.unknown_from is None  # two of its six films in that time


def test_where_followers_do_not_return_nothing_is_planned() -> None:
    with pytest.raises(NotAllowed, match="are not returned"):
        make.held(make.stage(mode=RestitutionMode.OFF))


def test_a_region_without_a_policy_returns_nobody() -> None:
    stage = make.stage()
    RestitutionPolicy.objects.all().delete()
    with pytest.raises(NotAllowed, match="are not returned"):
        make.held(stage)


def test_a_platform_that_does_not_serve_followers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = make.stage()
    poorer = replace(registry.get_connector("sandbox"), followers=None)
    monkeypatch.setattr(registry, "_connectors", {"sandbox": poorer})
    with pytest.raises(NotAllowed, match="through the portal"):
        make.held(stage)


def test_one_restitution_of_a_pair_runs_at_a_time() -> None:
    stage = make.stage()
    row = make.begun(stage)
    with pytest.raises(NotAllowed, match="already"):
        make.held(stage, copy=stage.other)
    runner.run_due_jobs()
    assert make.fresh(row).state == "done"
    assert attribution.had_recent_restitution(row.remedy.complaint, clock.now())
    assert not attribution.had_recent_restitution(row.remedy.complaint, clock.now() + timedelta(days=366))
    make.held(stage, copy=stage.other)


def test_the_database_itself_keeps_a_pair_to_one() -> None:
    stage = make.stage()
    row = make.held(stage)
    second = make.remedy(stage, copy=stage.other)
    twin = {field: getattr(row, field) for field in ("platform", "source", "target", "until", "hold_until", "state")}
    with pytest.raises(IntegrityError, match="restitution_one_running"), transaction.atomic():
        Restitution.objects.create(remedy=second, **twin)


def test_nothing_moves_before_the_hold_is_over_or_while_an_appeal_is_open() -> None:
    stage = make.stage(hold=7)
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.held(stage)
    assert restitutions.begin_due_restitutions() == 0
    complaint = row.remedy.complaint
    with clock.freeze_time(row.hold_until + timedelta(seconds=1)):
        complaint.move("appeal")
        assert restitutions.begin_due_restitutions() == 0
        assert make.fresh(row).state == "held"
        complaint.decision = make.decision(complaint.complainant)
        complaint.move("affirm", decision=complaint.decision)
        assert restitutions.begin_due_restitutions() == 1
        assert restitutions.begin_due_restitutions() == 0
        runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved, row.remedy.state) == ("done", 2, "active")
    assert row.undo_until is not None
    assert row.ended_at == row.undo_until - timedelta(days=30)
    assert names(row) == [
        events.RESTITUTION_PLANNED,
        events.RESTITUTION_BEGUN,
        events.PAGE_MOVED,
        events.RESTITUTION_DONE,
    ]
    assert trail.broken_links() == []


def test_the_trail_counts_and_names_nobody() -> None:
    stage = make.stage()
    followers = make.viewers(3)
    make.follow(stage.source, followers, post=stage.copy)
    row = make.begun(stage)
    runner.run_due_jobs()
    (moved,) = (event for event in trail.events_of(row.chain) if event.event == events.PAGE_MOVED)
    assert moved.data == {"page": 0, "moved": 3, "already": 0, "passed": 0, "excluded": {}}


def test_it_waits_while_a_person_has_to_decide_on_the_same_video_and_says_so() -> None:
    stage = make.stage(hold=7)
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.held(stage)
    other = make.complaint(stage, state="in_review", by=reviews.person())
    with clock.freeze_time(row.hold_until):
        assert restitutions.begin_due_restitutions() == 0
        row = make.fresh(row)
        assert (row.state, row.remedy.problem) == ("held", "disputed")
        assert "another complaint about the same work is open" in card(row)
        Complaint.objects.filter(pk=other.pk).update(told_at=None)
        assert restitutions.begin_due_restitutions() == 1
        runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved, row.remedy.problem) == ("done", 2, "")


def test_nobody_can_make_it_wait_for_ever() -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.held(stage)
    make.complaint(stage, state="in_review", by=reviews.person())
    make.complaint(stage, copy=stage.other, state="in_review", by=reviews.person())
    with clock.freeze_time(row.hold_until + timedelta(days=60) - timedelta(seconds=1)):
        assert restitutions.begin_due_restitutions() == 0
    with clock.freeze_time(row.hold_until + timedelta(days=60)):
        assert restitutions.begin_due_restitutions() == 1
        runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.moved, row.disputed_work_ids) == (2, [str(stage.other.pk)])


@pytest.mark.parametrize("state", ["received", "incomplete", "screening"])
def test_a_complaint_that_nobody_has_admitted_holds_up_nothing(state: str) -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.held(stage)
    make.complaint(stage, state=state, by=reviews.person())
    assert restitutions.begin_due_restitutions() == 1
    runner.run_due_jobs()
    assert make.fresh(row).moved == 2


@pytest.mark.parametrize("moves", [["appeal"], ["appeal", "reverse"]])
def test_what_does_not_stand_any_more_when_it_begins_moves_nobody(moves: list[str]) -> None:
    stage = make.stage(hold=7)
    earlier = make.complaint(stage, copy=stage.other)
    own, others, unknown = make.viewers(2), make.viewers(3), make.viewers(4)
    make.follow(stage.source, own, post=stage.copy)
    make.follow(stage.source, others, post=stage.other)
    make.follow(stage.source, unknown)
    row = make.held(stage)
    assert len(row.work_ids) == 2
    for move in moves:
        earlier.move(move, result="dismissed" if move == "reverse" else earlier.result)
    with clock.freeze_time(row.hold_until):
        assert restitutions.begin_due_restitutions() == 1
        runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.work_ids, row.unknown_from) == ([str(stage.copy.pk)], None)
    assert (row.moved, row.passed) == (2, 7)


def test_what_was_upheld_during_the_hold_waits_for_a_hold_of_its_own() -> None:
    stage = make.stage(hold=7)
    row = make.held(stage)
    make.complaint(stage, copy=stage.other)
    with clock.freeze_time(row.hold_until):
        assert restitutions.begin_due_restitutions() == 1
    assert make.fresh(row).work_ids == [str(stage.copy.pk)]


def test_an_account_that_is_not_the_authors_any_more_gets_nobody() -> None:
    row = make.held(make.stage())
    LinkedAccount.objects.all().delete()
    assert restitutions.begin_due_restitutions() == 0
    row.remedy.refresh_from_db()
    assert row.remedy.problem == "target_not_proven"


def test_a_closed_account_gets_nobody_until_it_is_open_again() -> None:
    stage = make.stage()
    row = make.held(stage)
    Account.objects.filter(pk=stage.target.pk).update(closed_at=clock.now())
    assert restitutions.begin_due_restitutions() == 0
    row.remedy.refresh_from_db()
    assert row.remedy.problem == "target_closed"
    Account.objects.filter(pk=stage.target.pk).update(closed_at=None)
    assert restitutions.begin_due_restitutions() == 1
    row.remedy.refresh_from_db()
    assert (row.remedy.problem, row.remedy.state) == ("", "applying")


@pytest.mark.parametrize(("seconds", "note"), [(86_400, ""), (10, "hold period lasts 10 seconds."), (1, "1 second.")])
def test_a_demo_says_how_long_its_days_of_hold_are(settings: Any, client: Client, seconds: int, note: str) -> None:
    settings.HOLD_DAY_SECONDS = seconds
    stage = make.stage(hold=7)
    pages = [card(make.held(stage)), client.get(reverse("complaints:home")).content.decode()]
    for page in pages:
        assert note in page
        assert ("In this demo" in page) == bool(note)


def test_another_open_account_of_the_author_takes_the_place_of_a_closed_one() -> None:
    stage = make.stage()
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.held(stage)
    second = stage._replace(target=make.account("author-too"))
    make.link(second)
    Account.objects.filter(pk=stage.target.pk).update(closed_at=clock.now())
    assert restitutions.begin_due_restitutions() == 1
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.target, row.target_handle, row.moved) == ("done", str(second.target.pk), "author-too", 2)


def test_an_author_without_an_open_account_is_waited_for_as_long_as_for_one_who_never_had_any() -> None:
    stage = make.stage()
    row = make.held(stage)
    Account.objects.filter(pk=stage.target.pk).update(closed_at=clock.now())
    RestitutionPolicy.objects.update(mode=RestitutionMode.OFF)
    with clock.freeze_time(row.hold_until + terms.RESERVE_TIME - timedelta(seconds=1)):
        restitutions.begin_due_restitutions()
        assert make.fresh(row).state == "held"
    with clock.freeze_time(row.hold_until + terms.RESERVE_TIME):
        assert restitutions.begin_due_restitutions() == 0
    row = make.fresh(row)
    assert (row.state, row.remedy.state) == ("cancelled", "cancelled")
    assert "no verified, open account" in card(row)
    assert Notification.objects.filter(user=stage.author, kind="complaints.followers_lapsed").exists()


def test_a_move_ends_where_it_stands_when_the_author_closes_their_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribution, "next_page_size", lambda batch, _seconds: batch)
    stage = make.stage()
    followers = make.viewers(5)
    make.follow(stage.source, followers, post=stage.copy)
    row = make.begun(stage, batch=2)
    restitution_pages.move_page(row.pk)
    Account.objects.filter(pk=stage.target.pk).update(closed_at=clock.now())
    runner.run_due_jobs()
    row = make.fresh(row)
    assert (row.state, row.moved, row.remedy.state) == ("done", 2, "active")
    assert "closed their account" in card(row)
    assert set(delivered_notices().values_list("account_id", flat=True)) == {one.pk for one in followers[:2]}
    follower_choices.undo_follower_return(restitution=row, follower_id=followers[0].pk)
    assert make.fresh(row).undone == 1


def test_one_that_a_platform_fails_does_not_keep_others_from_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = make.held(make.stage()), make.held(make.stage())
    connector = registry._connectors["sandbox"].works
    works_of = connector.works_of

    def failing(account_id: str, **times: Any) -> Any:
        if account_id == broken.source:
            raise Unknown(account_id)
        return works_of(account_id, **times)

    monkeypatch.setattr(connector, "works_of", failing)
    assert restitutions.begin_due_restitutions() == 1
    broken, sound = make.fresh(broken), make.fresh(sound)
    assert (broken.state, broken.remedy.problem, sound.state) == ("held", "platform_silent", "moving")


def test_followers_of_an_author_who_is_no_member_are_reserved_until_they_are() -> None:
    stage = make.stage(linked=False)
    row = make.held(stage)
    assert (row.state, row.target) == ("reserved", "")
    assert row.reserved_until == row.planned_at + timedelta(days=180)
    assert restitutions.release_reserved_restitutions() == 0
    make.link(stage)
    assert restitutions.release_reserved_restitutions() == 1
    row = make.fresh(row)
    assert (row.state, row.target) == ("held", str(stage.target.pk))
    assert names(row) == [events.RESTITUTION_RESERVED, events.RESTITUTION_RELEASED]
    assert restitutions.begin_due_restitutions() == 1


def test_the_account_of_an_author_who_joins_later_is_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Signals:
        def account_signals(self, account_id: str) -> AccountSignals:
            return AccountSignals(frozenset({"a", account_id}), frozenset({account_id}))

    served = replace(registry._connectors["sandbox"], signals=Signals())
    monkeypatch.setitem(registry._connectors, "sandbox", served)
    stage = make.stage(linked=False)
    row = make.held(stage)
    make.link(stage)
    assert restitutions.release_reserved_restitutions() == 1
    runner.run_due_jobs([account_signals.COMPARE_ACCOUNTS])
    assert Complaint.objects.get(remedies__restitution=row).flags == [screening.SAME_DEVICE]


def test_an_author_who_joins_during_the_hold_waits_for_its_end() -> None:
    stage = make.stage(linked=False, hold=7)
    row = make.held(stage)
    make.link(stage)
    assert restitutions.release_reserved_restitutions() == 1
    assert make.fresh(row).hold_until == row.hold_until
    assert restitutions.begin_due_restitutions() == 0
    with clock.freeze_time(row.hold_until):
        assert restitutions.begin_due_restitutions() == 1


@pytest.mark.parametrize("what", ["an appeal", "another owner"])
def test_what_happens_while_the_platform_is_asked_keeps_it_from_beginning(
    monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    row = make.held(make.stage())
    ask = restitutions._ask_platform

    def meanwhile(pk: int) -> Any:
        answer = ask(pk)
        if what == "an appeal":
            Complaint.objects.get(remedies__restitution=pk).move("appeal")
        else:
            LinkedAccount.objects.update(person=reviews.person("creator"))
        return answer

    monkeypatch.setattr(restitutions, "_ask_platform", meanwhile)
    assert restitutions.begin_due_restitutions() == 0
    assert make.fresh(row).state == "held"


def test_the_account_of_another_author_who_had_followers_of_the_same_within_a_year_is_seen() -> None:
    """It went from one person to another; nobody who decided could know that."""
    stage, later = make.stage(), reviews.person("creator")
    make.begun(stage)
    runner.run_due_jobs()
    row = make.held(stage, copy=stage.other, by=later)
    assert attribution.had_recent_restitution(make.complaint(stage, by=stage.author), clock.now())
    LinkedAccount.objects.update(person=later)
    assert attribution.had_recent_restitution(make.complaint(stage, by=later), clock.now())
    assert restitutions.release_reserved_restitutions() == 1
    row = make.fresh(row)
    assert row.remedy.complaint.flags == [screening.RECENT_RETURN]
    assert restitutions.begin_due_restitutions() == 1
    assert make.fresh(row).state == "paused"


def test_a_reserve_that_runs_out_where_nothing_returns_any_more_is_called_off() -> None:
    row = make.held(make.stage(linked=False))
    RestitutionPolicy.objects.update(mode=RestitutionMode.OFF)
    with clock.freeze_time(row.planned_at + timedelta(days=180)):
        assert restitutions.release_reserved_restitutions() == 1
    row = make.fresh(row)
    assert (row.state, row.remedy.state) == ("cancelled", "cancelled")


def test_of_two_that_are_reserved_for_one_author_the_second_waits() -> None:
    stage = make.stage(linked=False)
    first, second = make.held(stage), make.held(stage, copy=stage.other)
    make.link(stage)
    assert restitutions.release_reserved_restitutions() == 1
    assert (make.fresh(first).state, make.fresh(second).state) == ("held", "reserved")
    restitutions.begin_due_restitutions()
    runner.run_due_jobs()
    assert restitutions.release_reserved_restitutions() == 1
    assert make.fresh(second).state == "held"


@pytest.mark.parametrize("linked", [True, False])
def test_a_reversal_before_the_first_move_calls_it_off(*, linked: bool) -> None:
    row = make.held(make.stage(linked=linked))
    judge = reviews.senior()
    reversals.reverse_restitution(row, by=judge)
    row = make.fresh(row)
    assert (row.state, row.remedy.state) == ("cancelled", "cancelled")
    assert names(row)[-1] == events.RESTITUTION_CANCELLED
    reversals.reverse_restitution(row, by=judge)
    with pytest.raises(Conflict):
        restitutions.cancel_restitution(row, by=judge)
