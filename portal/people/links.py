"""Queries of proven accounts, and registration of listeners to their changes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Upper
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.people.models import LinkedAccount, User
from portal.people.roles import Permission
from portal.people.states import LinkState

_listeners: list[Callable[[LinkedAccount], None]] = []


def register_link_listener(on_change: Callable[[LinkedAccount], None]) -> None:
    """Have `on_change` called, in the transaction of the change, with every link that is proven or ends thereafter."""
    _listeners.append(on_change)


def announce_link_change(link: LinkedAccount) -> None:
    """Call every registered listener; called by the actions."""
    for listener in _listeners:
        listener(link)


def proven_links() -> QuerySet[LinkedAccount]:
    """All links that are proven now."""
    return LinkedAccount.objects.filter(state=LinkState.PROVEN)


def proven_accounts_of(user: User) -> QuerySet[LinkedAccount]:
    """The accounts that are proven to be theirs, oldest first."""
    return proven_links().filter(person=user).order_by("proven_at", "pk")


def ever_proven_accounts_of(user: User | int) -> QuerySet[LinkedAccount]:
    """The accounts that are or were proven to be a person's (or primary key's); one that was proven twice stands twice."""
    return LinkedAccount.objects.filter(person=user).exclude(proven_at=None).order_by("proven_at", "pk")


def proven_accounts_by_person(users: Iterable[User | int]) -> dict[int, list[LinkedAccount]]:
    """For many people, or their primary keys, at once: primary key to proven accounts, oldest first. One query."""
    found: dict[int, list[LinkedAccount]] = defaultdict(list)
    for link in proven_links().filter(person__in=list(users)).order_by("proven_at", "pk"):
        found[link.person_id].append(link)
    return dict(found)


def holder_of_account(platform: str, external_id: str) -> User | None:
    """The person who has proven that this account is theirs, if anybody has."""
    link = proven_links().filter(platform=platform, external_id=external_id).select_related("person").first()
    return link.person if link else None


def links_proven_at(moment: datetime) -> QuerySet[LinkedAccount]:
    """All links that were proven at a moment, whatever became of them since."""
    begun = LinkedAccount.objects.filter(proven_at__lte=moment)
    return begun.filter(Q(ended_at=None) | Q(ended_at__gt=moment))


def people_of_platform(platform: str, at: datetime | None = None) -> QuerySet[LinkedAccount, int]:
    """The primary keys of everybody with a proven account of this platform, now or at a moment, for a subquery."""
    rows = proven_links() if at is None else links_proven_at(at)
    return rows.filter(platform=platform).order_by().values_list("person_id", flat=True)


def holder_by_name(platform: str, text: str, at: datetime | None = None) -> User | None:
    """The same by id or by handle, now or at a moment. A handle is as it was when the account was proven.

    An id counts before a handle. Two accounts that bore the same handle name nobody, nor does a handle of which the
    weekly reading of profiles had found by then that it changed.
    """
    named = Q(external_id=text) | _handles_borne(at) & Q(handle__iexact=bare_handle(text))
    rows = proven_links() if at is None else links_proven_at(at)
    found = list(rows.filter(named, platform=platform).select_related("person")[:3])
    exact = [link for link in found if link.external_id == text]
    chosen = exact or found
    return chosen[0].person if len(chosen) == 1 else None


def holders_by_names(platform: str, texts: Sequence[str], at: datetime | None = None) -> dict[str, str]:
    """The same for many ids and handles at once: to public id, without those that name nobody. One query."""
    bare = {text: bare_handle(text).upper() for text in texts}
    rows = proven_links() if at is None else links_proven_at(at)
    borne = _handles_borne(at)
    named = Q(external_id__in=list(texts)) | borne & Q(upper_handle__in=set(bare.values()))
    found = rows.annotate(upper_handle=Upper("handle"), is_borne=borne).filter(named, platform=platform)
    by_id: dict[str, set[str]] = defaultdict(set)
    by_handle: dict[str, set[tuple[str, str]]] = defaultdict(set)
    columns = ("external_id", "upper_handle", "is_borne", "person__public_id")
    for external, handle, is_borne, person in found.values_list(*columns):
        by_id[external].add(person)
        if is_borne:
            by_handle[handle].add((external, person))
    chosen = {text: [*by_id[text]] or [person for _external, person in by_handle[bare[text]]] for text in texts}
    return {text: people[0] for text, people in chosen.items() if len(people) == 1}


def _handles_borne(at: datetime | None) -> Q:
    return Q(handle_changed_at=None) | Q(handle_changed_at__gt=at or clock.now())


def bare_handle(text: str) -> str:
    """A handle as it is kept: without the sign before it."""
    return text.strip().removeprefix("@")


def refuse_linking_account(person: User, *, by: User) -> str | Promise | None:
    """Why `by` may not link accounts to a person; None if they may."""
    if person.pk != by.pk:
        return _("You can only link your own accounts.")
    if not by.may(Permission.COMPLAIN):
        return _("Linked accounts are for creators and guests; your role does not need them.")
    return None


def refuse_ending_link(link: LinkedAccount, *, by: User) -> str | Promise | None:
    """Why `by` may not take a link back; None if it is theirs, whatever their role is by now."""
    return None if link.person_id == by.pk else _("You can only link your own accounts.")
