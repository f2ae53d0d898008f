"""Cases and reviewers for tests, made by the real actions."""

import itertools
from datetime import timedelta
from typing import Any

from django.http import Http404

from portal import clock
from portal.people.models import Agency, User
from portal.people.roles import Role
from portal.reviews import case_kinds
from portal.reviews.actions import cases
from portal.reviews.actions.cases import Party
from portal.reviews.casepage.subjects import CaseSubject
from portal.reviews.models import ReasonCode, ReviewCase, ReviewerSkill

KIND = "test.case"
SKILL = "farming"
_numbers = itertools.count(1)


def _no_subject(case: ReviewCase) -> CaseSubject:
    """Cases of this kind are about nothing; their pages are tried with the products."""
    raise Http404(case.number)


if KIND not in case_kinds.CASE_KINDS:
    case_kinds.register_case_kind(
        KIND,
        "Test case",
        _no_subject,
        areas=lambda: {SKILL: "Farming", "law": "Law"},
        reasons=lambda: {"failed:form": "Wrong form", "two_people": "Two people decide"},
    )


def person(role: str = Role.CREATOR, **fields: Any) -> User:
    """Somebody with a role."""
    n = next(_numbers)
    return User.objects.create_user(f"person{n}@example.org", display_name=f"Person {n}", role=role, **fields)


def reviewer(role: str = Role.REVIEWER, skill: str = SKILL, **fields: Any) -> User:
    """A reviewer who may take cases of a skill."""
    user = person(role, **fields)
    ReviewerSkill.objects.create(user=user, skill=skill)
    return user


def senior(skill: str = SKILL, **fields: Any) -> User:
    """A senior reviewer of a skill."""
    return reviewer(Role.SENIOR_REVIEWER, skill, **fields)


def agency() -> Agency:
    """An agency."""
    n = next(_numbers)
    return Agency.objects.create(code=f"agency-{n}", name=f"Agency {n}")


def case(about: User | None = None, **fields: Any) -> ReviewCase:
    """A case that waits."""
    about = about or person()
    defaults: dict[str, Any] = {"skill": SKILL, "titles": {"en": "Case"}, "due_at": clock.now() + timedelta(days=5)}
    return cases.open_case(KIND, parties=[Party(about, "applicant")], by=about, **(defaults | fields))


def reason(outcome: str = "rejected", code: str = "unreadable") -> ReasonCode:
    """A reason in use for an outcome."""
    fields = {
        "labels": {"en": "Unreadable", "zh-hans": "无法辨认"},
        "texts": {"en": "We cannot read it.", "zh-hans": "无法辨认。"},
    }
    return ReasonCode.objects.get_or_create(code=code, defaults={"kind": KIND, "outcome": outcome, **fields})[0]


def case_url(case: ReviewCase | None, rest: str = "", *, product: str) -> str:
    """Where the case page is, or sends to: a ruling's verb, the second approval, or an action of the product."""
    assert case is not None
    if not rest:
        return f"/reviews/{case.number}/work/"
    if rest in {"approve/", "reject/"}:
        return f"/reviews/{case.number}/decide/{rest}"
    shared = rest in {"confirm/", "send-back/"} or rest.startswith("decide/")
    return f"/reviews/{case.number}/{rest}" if shared else f"/{product}/review/{case.number}/{rest}"
