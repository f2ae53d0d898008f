"""Clocks, limits and purposes of originality complaints."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.functional import Promise

from portal.reviews.clocks import APPEAL_WINDOW

Reason = str | Promise | None

EVIDENCE_PURPOSE = "complaints.evidence"  # documents and pictures of either side
VIDEO_PURPOSE = "complaints.video"  # works, and the portal's own copies of what is complained of
SKILL = "originality"
COMPLETE_TIME = timedelta(days=10)
REACH_TIME = timedelta(days=14)  # how long a decision waits until the first message reaches the respondent
DRAFT_KEPT = timedelta(days=30)
DECISION_DAYS = 10  # working days
APPEAL_DAYS = 10
SCREENING_DAYS = 2
RESERVE_TIME = timedelta(days=180)
RESERVE_REMINDERS = (timedelta(days=30), timedelta(days=7))  # before its end the author is reminded to join
INVITE_TIME = timedelta(days=30)  # in which followers can answer; whoever says nothing stays
INVITE_REMINDER = timedelta(days=7)  # before its end, to those who have not answered
DISPUTE_WAIT = timedelta(days=60)  # for other complaints about the same videos, before followers return all the same
RESTRICTION_DELAY = timedelta(days=7)  # before an account is closed
PAIR_REST = timedelta(days=365)  # one restitution of a pair of accounts in a year; who decides on a second one is told
UPHELD_SHARE = 0.8  # of an account's works, for follows of unknown origin to count (rules of restitution)
FILES_KEPT = APPEAL_WINDOW + timedelta(days=1)  # after the end of the case: longer than an appeal may come
MAX_EXHIBITS = 12


def appeal_until(decided_at: datetime) -> datetime:
    """Until when a decision can be appealed: six months, the floor of DSA Art. 20."""
    return decided_at + APPEAL_WINDOW


def hold_duration(days: int) -> timedelta:
    """How long so many days of hold are. A demo's day is shorter, and its pages say so."""
    return timedelta(seconds=days * settings.HOLD_DAY_SECONDS)
