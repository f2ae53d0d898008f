"""An inspection of the demo: drawn nine days ago from its full register; one holder did not answer, the others were asked yesterday."""

from datetime import timedelta

from certification.actions import inspections
from certification.models import Inspection, InspectionRound
from portal import clock

_DRAWN, _MISSED, _ASKED = (timedelta(days=days) for days in (9, 2, 1))  # ago


def inspect_certificates() -> None:
    """Once: a demo that has drawn inspections draws those of later months as every site does."""
    if InspectionRound.objects.exists():
        return
    now = clock.now()
    with clock.freeze_time(now - _DRAWN):
        inspections.draw_inspections()
        while Inspection.objects.filter(asked_at=None, ended_at=None).exists() and not inspections.ask_inspected(1):
            pass
    with clock.freeze_time(now - _MISSED + timedelta(minutes=1)):
        inspections.close_missed_inspections()
    with clock.freeze_time(now - _ASKED):
        inspections.ask_inspected()
