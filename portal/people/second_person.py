"""Where two people must agree: who may be the second. Each action has its own reasons why two are needed."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.people.models import User


def refuse_second_person(user: User, *, first: int | None) -> str | Promise | None:
    """Why the user may not agree as the second person; `first` is the primary key of whoever proposed."""
    return _("You proposed this: someone else must approve it.") if user.pk == first else None
