"""Giving and ending mandates."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.errors import Invalid, NotAllowed, require_allowed
from portal.people import mandates
from portal.people.models import Agency, Mandate, User
from portal.workflow import write_row


def grant_mandate(*, creator: User, agency: Agency, ends_at: datetime, by: User) -> Mandate:
    """The creator lets the agency act for them from now until `ends_at`.

    Raises NotAllowed for anybody but the creator, Invalid when a mandate for the agency runs already.
    """
    if creator.pk != by.pk:
        raise NotAllowed(_("Only the creator can give a mandate."))
    require_allowed(mandates.refuse_granting_mandate(creator))
    try:
        with transaction.atomic():
            mandate = Mandate.objects.create(creator=creator, agency=agency, starts_at=clock.now(), ends_at=ends_at)
            trail.record_event("people.mandate.granted", mandate, by=by)
            mandates.announce_mandate_change(mandate)
    except IntegrityError as error:
        if "one_mandate_at_a_time" not in str(error):
            raise
        raise Invalid.at(
            "agency", _("This agency already has a mandate. End it first to set another end date.")
        ) from error
    return mandate


def end_mandate(*, mandate: Mandate, by: User) -> None:
    """The creator ends the mandate now. Raises NotAllowed for others, Conflict when it has ended already."""
    if mandate.creator_id != by.pk:
        raise NotAllowed(_("Only the creator can end a mandate."))
    now = clock.now()
    with transaction.atomic():
        write_row(mandate, {"ends_at": now}, message=_("This mandate has already ended."), ends_at__gt=now)
        trail.record_event("people.mandate.ended", mandate, by=by)
        mandates.announce_mandate_change(mandate)
