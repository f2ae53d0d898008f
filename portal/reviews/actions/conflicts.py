"""Conflicts of interest that reviewers declare themselves, before a case asks."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from portal import clock
from portal.audit import trail
from portal.errors import Invalid, require_allowed
from portal.people.models import User
from portal.reviews import events, policies
from portal.reviews.models import ConflictOfInterest


@transaction.atomic
def declare_conflict(person: str, *, by: User, kind: str, until: datetime | None = None) -> ConflictOfInterest:
    """Note that a reviewer is tied to the person of that e-mail address or public id. Declaring it again changes it.

    An unknown person gives the same answer as a known one would to everybody else: Invalid, beside the field.
    """
    require_allowed(policies.refuse_reviewing(by))
    found = User.objects.filter(Q(public_id=person.strip()) | Q(email__iexact=person.strip())).first()
    if found is None or found.pk == by.pk:
        raise Invalid.at("person", _("No other person with that address or ID was found here."))
    if until is not None and until <= clock.now():
        raise Invalid(_("The end date is in the past."), fields={"until": [_("Choose a later date.")]})
    values = {"kind": kind, "until": until, "declared_at": clock.now()}
    conflict, _new = ConflictOfInterest.objects.update_or_create(reviewer=by, user=found, defaults=values)
    trail.record_event(events.CONFLICT_DECLARED, conflict, by=by, kind=kind, to=found.public_id)
    return conflict
