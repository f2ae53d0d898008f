"""Load the tables of this folder into the database: add what is missing, change nothing."""

import tomllib
from pathlib import Path

from django.db import transaction

from complaints.models import RestitutionPolicy
from complaints.policies.terms import SKILL
from complaints.reference import restitution
from portal.people.models import User
from portal.people.roles import Role
from portal.reviews.models import ReasonCode, ReviewerSkill


def load_complaint_reference() -> dict[str, int]:
    """Add what is missing, in one transaction; how many rows were added, by table."""
    with Path(__file__).with_name("reasons.toml").open("rb") as file:
        reasons = tomllib.load(file)["reasons"]
    with transaction.atomic():
        return {
            "restitution policies": _policies(),
            "complaint reasons": ReasonCode.objects.add_missing(reasons),
        }


def _policies() -> int:
    added = 0
    for region, mode, hold_days, undo_days in restitution.POLICIES:
        defaults = {"mode": mode, "hold_days": hold_days, "undo_days": undo_days}
        added += RestitutionPolicy.objects.get_or_create(region=region, defaults=defaults)[1]
    return added


def give_originality_skill() -> int:
    """Let the demo's reviewers take cases of originality; how many did not have them yet."""
    people = User.objects.filter(is_demo=True, role__in=(Role.REVIEWER, Role.SENIOR_REVIEWER)).order_by("pk")
    return sum(ReviewerSkill.objects.get_or_create(user=person, skill=SKILL)[1] for person in people)
