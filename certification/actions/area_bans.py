"""Areas closed to a person after forged documents, and opened again when an appeal was right."""

from datetime import timedelta

from certification import events, policies
from certification.models import AreaBan, KeyArea
from portal import clock
from portal.audit import trail
from portal.people.models import User
from portal.reviews.models import Decision


def impose_area_ban(person: User, area: KeyArea, decision: Decision, length: timedelta) -> AreaBan | None:
    """Close the area, if the decision names forged documents; in the caller's transaction."""
    if not policies.FORGED_REASONS.intersection(decision.reasons):
        return None
    now = clock.now()
    ban = AreaBan.objects.create(person=person, area=area, decision=decision, starts_at=now, ends_at=now + length)
    trail.record_event(
        events.AREA_CLOSED, ban, by=decision.by, area=area.code, person=person.public_id, until=ban.ends_at.isoformat()
    )
    return ban


def lift_area_bans(decision: Decision | None, *, by: User) -> None:
    """Lift the ban because the decision behind it was reversed. Bans from other cases stay."""
    if decision is None:
        return
    for ban in AreaBan.objects.filter(decision=decision, lifted_at=None).select_related("area", "person"):
        ban.lifted_at = clock.now()
        ban.save(update_fields=["lifted_at"])
        trail.record_event(events.AREA_REOPENED, ban, by=by, area=ban.area.code, person=ban.person.public_id)
