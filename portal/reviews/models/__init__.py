"""The tables of the review queue."""

from portal.reviews.models.calendars import Calendar, CalendarDay
from portal.reviews.models.cases import CaseParty, Claim, Participation, ReviewCase
from portal.reviews.models.decisions import Appeal, Decision, ReasonCode, human_decision_guard
from portal.reviews.models.reviewers import ConflictOfInterest, ReviewerSkill

__all__ = [
    "Appeal",
    "Calendar",
    "CalendarDay",
    "CaseParty",
    "Claim",
    "ConflictOfInterest",
    "Decision",
    "Participation",
    "ReasonCode",
    "ReviewCase",
    "ReviewerSkill",
    "human_decision_guard",
]
