"""Who may act for whom: an agent acts for a creator while a mandate of the creator for their agency runs."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.people.models import Mandate, User
from portal.people.roles import Permission

_listeners: list[Callable[[Mandate], None]] = []


def register_mandate_listener(on_change: Callable[[Mandate], None]) -> None:
    """Have `on_change` called, in the transaction of the change, with every mandate that is given or ended."""
    _listeners.append(on_change)


def announce_mandate_change(mandate: Mandate) -> None:
    """Call every registered listener; called by the actions."""
    for listener in _listeners:
        listener(mandate)


def running_mandates(at: datetime) -> QuerySet[Mandate]:
    """The mandates in force at a moment."""
    return Mandate.objects.filter(starts_at__lte=at, ends_at__gt=at)


def may_act_for(agent: User, creator: User, at: datetime) -> bool:
    """Whether the agent may act for the creator at that moment."""
    if not agent.may(Permission.APPLY_FOR_OTHERS) or agent.agency_id is None:
        return False
    return running_mandates(at).filter(agency=agent.agency_id, creator=creator).exists()


def running_mandates_of_agent(agent: User, at: datetime) -> QuerySet[Mandate]:
    """The running mandates under which the agent acts, the newest first, with the creators."""
    if not agent.may(Permission.APPLY_FOR_OTHERS) or agent.agency_id is None:
        return Mandate.objects.none()
    mine = running_mandates(at).filter(agency=agent.agency_id, creator__is_active=True)
    return mine.select_related("creator").order_by("-starts_at", "-pk")


def own_circle(person: User, at: datetime) -> QuerySet[User]:
    """Whose affairs are the person's own: themselves; of an agency, also its people and the creators it acts for.

    Nobody who works on cases is shown, or decides, anything about them.
    """
    if person.agency_id is None:
        return User.objects.filter(pk=person.pk)
    clients = running_mandates(at).filter(agency=person.agency_id).values("creator")
    return User.objects.filter(Q(pk=person.pk) | Q(agency=person.agency_id) | Q(pk__in=clients))


def refuse_granting_mandate(creator: User) -> str | Promise | None:
    """Why this person may not give mandates; None if they may."""
    if not creator.may(Permission.APPLY):
        return _("Only creators can give mandates.")
    return None
