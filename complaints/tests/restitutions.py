"""Restitutions for tests, on the sandbox: an account with a copy, its followers, and an upheld complaint."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from complaints import remedies
from complaints.actions import restitutions
from complaints.models import Complaint, Remedy, Restitution, RestitutionPolicy, Work
from complaints.states import UNTOLD_STATES, RestitutionMode
from portal import clock
from portal.people.models import LinkedAccount, User
from portal.people.roles import Role
from portal.reviews.actions import cases
from portal.reviews.actions.cases import Party
from portal.reviews.models import Decision
from portal.reviews.tests import factories as reviews
from portal.sandbox.models import Account, Follow, Post

PUBLISHED = datetime(2026, 3, 1, 8, 30, 15, 250_000, tzinfo=UTC)
_numbers = itertools.count(1)


class Edge(NamedTuple):
    """One follow as the sandbox has it, but for whose doing it is."""

    account_id: int
    follower_id: int
    created_at: datetime
    post_id: int | None
    confirmed_at: datetime | None
    source_kind: str


class Stage(NamedTuple):
    """An account that copied, with its copy and another video, and the author with their own account."""

    source: Account
    target: Account
    copy: Post
    other: Post
    author: User


def stage(
    *,
    region: str = "us",
    mode: str = RestitutionMode.MOVE,
    linked: bool = True,
    hold: int = 0,
    other_at: datetime = PUBLISHED,
) -> Stage:
    """Two accounts of the sandbox, and a policy for their region."""
    n = next(_numbers)
    source, target = account(f"copier-{n}", region=region), account(f"author-{n}", region=region)
    policy = RestitutionPolicy(region=region, mode=mode, hold_days=hold, undo_days=30)
    RestitutionPolicy.objects.bulk_create(
        [policy], update_conflicts=True, unique_fields=["region"], update_fields=["mode", "hold_days", "undo_days"]
    )
    made = Stage(source, target, post(source), post(source, at=other_at), reviews.person(Role.CREATOR))
    if linked:
        link(made)
    return made


def account(handle: str, **fields: Any) -> Account:
    return Account.objects.create(handle=handle, name=handle.title(), **fields)


def post(source: Account, *, at: datetime = PUBLISHED) -> Post:
    return Post.objects.create(account=source, title="Demo film", published_at=at)


def link(made: Stage) -> LinkedAccount:
    """The author proves their account."""
    return LinkedAccount.objects.create(
        person=made.author,
        platform="sandbox",
        external_id=str(made.target.pk),
        handle=made.target.handle,
        state="proven",
        proven_at=clock.now(),
    )


def viewers(count: int, **fields: Any) -> list[Account]:
    first = next(_numbers)
    rows = [Account(handle=f"viewer-{first}-{n}", name="Demo viewer", **fields) for n in range(count)]
    return Account.objects.bulk_create(rows)


def follow(source: Account, followers: Iterable[Account], **fields: Any) -> None:
    rows = [Follow(account=source, follower=follower, **{"created_at": PUBLISHED, **fields}) for follower in followers]
    Follow.objects.bulk_create(rows)


def complaint(made: Stage, *, state: str = "upheld", copy: Post | None = None, by: User | None = None) -> Complaint:
    """A complaint about a copy, decided by a person unless its state is an open one."""
    author = by or made.author
    work = Work.objects.create(
        title="Copy", platform="sandbox", external_id=str((copy or made.copy).pk), account_id=str(made.source.pk)
    )
    original = Work.objects.create(title="Original", owner=author, account_id=str(made.target.pk))
    judged = state in {"upheld", "partly", "dismissed", "affirmed", "reversed"}
    return Complaint.objects.create(
        number=f"V-{next(_numbers):06d}",
        complainant=author,
        original=original,
        copy=work,
        platform="sandbox",
        account_id=str(made.source.pk),
        account_handle=made.source.handle,
        region=made.source.region,
        state=state,
        result=state if state in {"upheld", "partly", "dismissed"} else "",
        decision=decision(author) if judged else None,
        submitted_at=clock.now(),
        told_at=None if judged or state in UNTOLD_STATES else clock.now(),
        regime_code="terms",
        ticks=["right", "accurate"],
    )


def decision(about: User) -> Decision:
    due = clock.now() + timedelta(days=5)
    case = cases.open_case(
        reviews.KIND,
        skill=reviews.SKILL,
        titles={"en": "Copy"},
        parties=[Party(about, "complainant")],
        due_at=due,
        by=about,
    )
    return Decision.objects.create(
        case=case,
        case_version=case.version,
        stage="first",
        outcome="upheld",
        adverse=True,
        reasons=["copied"],
        explanation="The two videos are the same.",
        by=reviews.senior(),
        state="final",
    )


def remedy(made: Stage, **fields: Any) -> Remedy:
    about = complaint(made, **fields)
    assert about.decision is not None
    return Remedy.objects.create(complaint=about, decision=about.decision, kind="restitution")


def plan(row: Remedy) -> Restitution:
    """Plan it with what the platform says of the account."""
    answer = remedies.ask_account(row.complaint.platform, row.complaint.account_id)
    assert answer.account is not None
    return restitutions.plan_restitution(row, answer.account)


def held(made: Stage, *, batch: int = 5000, **fields: Any) -> Restitution:
    """A restitution whose hold runs."""
    row = plan(remedy(made, **fields))
    Restitution.objects.filter(pk=row.pk).update(batch=batch)
    return fresh(row)


def begun(made: Stage, **fields: Any) -> Restitution:
    """One whose hold is over; its job waits."""
    row = held(made, **fields)
    assert restitutions.begin_due_restitutions() == 1
    return fresh(row)


def fresh(row: Restitution) -> Restitution:
    return Restitution.objects.select_related("remedy__complaint").get(pk=row.pk)


def edges(*, of: Iterable[int] | None = None) -> set[Edge]:
    """All follows there are, or those of some followers."""
    rows = Follow.objects.all() if of is None else Follow.objects.filter(follower_id__in=of)
    return {Edge(*row) for row in rows.values_list(*Edge._fields)}
