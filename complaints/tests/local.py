"""Complaints in a state, made by hand; tests/factories.py replaces this."""

import itertools
from datetime import timedelta
from typing import Any

from complaints.actions import casework
from complaints.models import Complaint, Statement, Work
from complaints.policies.terms import SKILL
from complaints.reference import loading
from portal import clock
from portal.accounts.models import Agency, User
from portal.accounts.roles import Role
from portal.platforms import registry
from portal.platforms.fake import FakePlatform
from portal.platforms.protocol import Work as Post
from portal.reviews.actions import queue
from portal.reviews.models import ReviewCase, ReviewerSkill

_numbers = itertools.count(1)
PLATFORM = "fake"


def platform() -> FakePlatform:
    """A fresh platform under the code "fake"."""
    fake = FakePlatform(PLATFORM)
    registry._connectors[PLATFORM] = fake
    return fake


def reference() -> None:
    loading.load()


def person(role: str = Role.CREATOR, **fields: Any) -> User:
    n = next(_numbers)
    name = fields.pop("display_name", f"Person {n}")
    email = fields.pop("email", f"somebody{n}@example.org")
    return User.objects.create_user(email, display_name=name, role=role, **fields)


def reviewer(role: str = Role.REVIEWER, **fields: Any) -> User:
    user = person(role, **fields)
    ReviewerSkill.objects.create(user=user, skill=SKILL)
    return user


def senior(**fields: Any) -> User:
    return reviewer(Role.SENIOR_REVIEWER, **fields)


def received(fake: FakePlatform, **fields: Any) -> Complaint:
    """Handed in; the account "thief" of the platform is complained of."""
    n = next(_numbers)
    account, post = f"thief-{n}", f"post-{n}"
    author = fields.pop("complainant", None) or person()
    region = fields.pop("region", "us")
    fake.open_account(account, f"thief{n}", region=region, followers=1000)
    fake.publish(Post(post, account, "Copy", f"https://fake.example/works/{post}", clock.now()))
    original = Work.objects.create(owner=author, title="Original", published_at=clock.now() - timedelta(days=30))
    copy = Work.objects.create(title="Copy", platform=PLATFORM, external_id=post, account_id=account)
    complaint = Complaint.objects.create(
        number=f"V-{n:06d}",
        regime_code="us_dmca",
        complainant=author,
        respondent=fields.pop("respondent", None) or person(),
        original=original,
        copy=copy,
        platform=PLATFORM,
        account_id=account,
        account_handle=f"thief{n}",
        region=region,
        text="It is mine.",
        ticks=["good_faith", "perjury"],
        **fields,
    )
    complaint.move("submit", submitted_at=clock.now())
    return complaint


def screening(fake: FakePlatform, **fields: Any) -> Complaint:
    complaint = received(fake, **fields)
    case = casework.open_screening(complaint, ["authorised"])
    complaint.move("screen", screening=case, flags=["authorised"])
    return complaint


def in_review(fake: FakePlatform, **fields: Any) -> Complaint:
    complaint = received(fake, **fields)
    complaint.move("notify", told_at=clock.now(), answer_by=clock.now() + timedelta(days=7))
    answer(complaint)
    return complaint


def answer(complaint: Complaint) -> None:
    Statement.objects.create(
        complaint=complaint, side="respondent", kind="answer", text="I made it myself.", by=complaint.respondent
    )
    case = casework.open_case(complaint)
    complaint.move("answer", case=case)


def fresh(complaint: Complaint) -> Complaint:
    rows = Complaint.objects.select_related(
        "complainant", "respondent", "original", "copy", "case", "screening", "decision__case"
    )
    return rows.get(pk=complaint.pk)


def claim(case: ReviewCase | None, by: User | None = None) -> tuple[User, ReviewCase]:
    assert case is not None
    case.refresh_from_db()
    user = by or (senior() if case.level > 1 else reviewer())
    held = queue.claim_next(by=user)
    assert held is not None
    assert held.pk == case.pk
    return user, held


def agency() -> Agency:
    n = next(_numbers)
    return Agency.objects.create(code=f"bureau-{n}", name=f"Bureau {n}")
