"""The card of a restitution says how it stands in every state, without asking the database or the platform."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

from complaints.models import Complaint, Remedy, Restitution
from complaints.states import RestitutionState
from complaints.templatetags import restitutions
from portal import clock
from portal.platforms.orders import EXCLUSIONS

SAID = {
    RestitutionState.RESERVED: "reserved for the author",
    RestitutionState.HELD: "unless there is an appeal",
    RestitutionState.MOVING: "Followers processed",
    RestitutionState.INVITING: "can answer until",
    RestitutionState.PAUSED: "until it is resumed or stopped",
    RestitutionState.DONE: "can undo it until",
    RestitutionState.REVERSING: "Followers processed",
    RestitutionState.REVERSED: "Restored because a decision was reversed",
    RestitutionState.PARTLY_REVERSED: "changed by the follower",
    RestitutionState.CANCELLED: "Not carried out",
}
STOPPED = datetime(2026, 3, 1, tzinfo=UTC)


def card(state: str, **fields: object) -> str:
    now = clock.now()
    begun = now if state not in {"reserved", "held", "cancelled"} else None
    times = {
        "begun_at": begun,
        "hold_until": now + timedelta(days=1),
        "reserved_until": now,
        "undo_until": now + timedelta(days=30),
    }
    times |= {"invite_until": now + timedelta(days=30), "paused_at": now}
    row = Restitution(
        remedy=Remedy(
            problem=str(fields.pop("problem", "")),
            complaint=Complaint(state=str(fields.pop("complaint_state", "upheld"))),
        ),
        state=state,
        source_handle="copier",
        target_handle="author",
        target="" if state == "reserved" else "2",
        **(times | fields),
    )
    return Template("{% load restitutions %}{% restitution row %}").render(Context({"row": row}))


@pytest.mark.parametrize("state", RestitutionState)
def test_every_state_says_what_happens(state: RestitutionState) -> None:
    text = card(state)
    assert str(state.label) in text
    assert SAID[state] in text
    assert "@copier" in text


@pytest.mark.parametrize(
    ("state", "fields", "label"),
    [
        ("done", {"mode": "clear"}, "Follows were ended"),
        ("moving", {"mode": "clear"}, "Follows are being ended"),
        ("reversed", {"stopped_at": STOPPED}, "Stopped and restored"),
        ("partly_reversed", {"stopped_at": STOPPED, "mode": "clear"}, "Stopped and partly restored"),
    ],
    ids=["cleared", "clearing", "stopped", "stopped partly"],
)
def test_the_label_is_that_of_the_mode_and_of_a_stop(state: str, fields: dict[str, object], label: str) -> None:
    text = card(state, **fields)
    assert label in text
    assert str(RestitutionState(state).label) not in text
    assert ("nobody: the follows end" in text) == ("mode" in fields)


def test_who_has_not_answered_yet_did_not_stay() -> None:
    counts = {"invited": 6, "moved": 1, "declined": 2, "passed": 3, "expected": 9}
    asked = " ".join(re.sub("<[^>]*>", " ", card("inviting", mode="invite", **counts)).split())
    assert "Stayed 5" in asked
    assert "No answer yet 3" in asked


def test_a_hold_says_what_it_waits_for() -> None:
    past = clock.now() - timedelta(days=1)
    assert "An appeal is being decided" in card("held", complaint_state="appealed")
    late = card("held", complaint_state="appeal_second", hold_until=past)
    assert "An appeal is being decided" in late
    assert "does not start before" not in late
    late = card("held", hold_until=past)
    assert "The hold period ended" in late
    assert "Starts" not in late


def test_only_the_two_sides_are_pointed_to_the_contact() -> None:
    row = Restitution(remedy=Remedy(problem="", complaint=Complaint()), state="paused", paused_at=clock.now())
    for part, expected in (("row", True), ("row for_staff=True", False)):
        text = Template("{% load restitutions %}{% restitution " + part + " %}").render(Context({"row": row}))
        assert ("If you disagree" in text) == expected


def test_the_time_to_undo_is_told_as_past_when_it_is_over() -> None:
    text = card("done", undo_until=clock.now() - timedelta(days=1))
    assert "could undo it until" in text
    assert "can undo it until" not in text


def test_numbers_are_those_of_the_ledger() -> None:
    counts = {"moved": 1234, "already": 56, "passed": 7, "expected": 2000, "excluded": {"bot": 3, "minor": 0}}
    text = re.sub(r"\s*([<>])\s*", r"\1", card("moving", **counts))
    for shown in ("1,234", ">56<", ">7<", "known to be bots", 'max="2000"', 'value="1300"'):
        assert shown in text
    assert "minors" not in text
    assert "1,300 / 2,000" in text
    back = card("reversing", **counts, restored=1000, overridden=20, missing=4)
    assert 'max="1290"' in back
    assert 'value="1024"' in back


def test_every_reason_to_stay_and_every_problem_has_its_words() -> None:
    assert set(restitutions._REASONS) == set(EXCLUSIONS)
    for code, words in restitutions._PROBLEMS.items():
        assert str(words)[:30] in card("held", problem=code).replace("&#x27;", "'")


def test_one_bar_shows_what_became_of_the_followers_before_the_numbers() -> None:
    text = card("moving", moved=300, already=100, passed=80, excluded={"bot": 20}, expected=500)
    bar, numbers = text.index('class="stacked-bar"'), text.index('class="facts"')
    assert bar < numbers
    legend = " ".join(re.sub("<[^>]*>", " ", text[bar:numbers]).split())
    assert "Moved to the author 300 (60%)" in legend
    assert "Followed both, follow ended 100 (20%)" in legend
    assert "Stayed 100 (20%)" in legend
    assert "stacked-bar" not in card("moving", expected=500)


def test_the_pace_and_the_expected_end_are_told_while_followers_move() -> None:
    since = clock.now() - timedelta(seconds=100)
    text = " ".join(re.sub("<[^>]*>", " ", card("moving", moved=1000, expected=3000, begun_at=since)).split())
    assert "10 followers a second." in text
    assert "At this pace it ends" in text
    everybody = card("moving", moved=3000, expected=3000, begun_at=since)
    assert "30 followers a second." in everybody
    assert "At this pace" not in everybody
    for state, moved in (("moving", 0), ("done", 1000), ("reversing", 1000)):
        assert "a second" not in card(state, moved=moved, expected=3000, begun_at=since)


def test_the_expected_end_is_as_far_away_as_the_followers_left_take() -> None:
    row = Restitution(state="moving", moved=1000, expected=3000, begun_at=clock.now() - timedelta(seconds=100))
    ends_at = restitutions._pace(row)["ends_at"]
    assert isinstance(ends_at, datetime)
    assert timedelta(seconds=195) < ends_at - clock.now() < timedelta(seconds=205)
