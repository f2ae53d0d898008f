"""How a certificate stood on a day in the past: at its start, and at each moment of it at which that changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certification import history
from certification.models import Certificate
from certification.views.certificate_states import state_name
from portal import clock

_MOST = 20  # changes of one day


class PastDayForm(forms.Form):
    """The day that is asked about."""

    on = forms.DateField(
        label=_("Date"),
        widget=forms.DateInput(attrs={"type": "date", "min": "1970-01-01"}, format="%Y-%m-%d"),
        error_messages={"required": _("Please enter a date."), "invalid": _("Please enter a date such as 2026-01-31.")},
    )

    def clean_on(self) -> date:
        """Refuse days that have not begun: nobody knows them."""
        day: date = self.cleaned_data["on"]
        if day > timezone.localdate(clock.now()):
            raise forms.ValidationError(_("Please choose today or a day in the past."))
        if day.year < 1970:
            raise forms.ValidationError(_("Please choose a day after 1969."))
        return day


@dataclass(frozen=True)
class StateThen:
    """From this moment on the certificate was in this state."""

    at: datetime
    state: str | Promise
    valid: bool


@dataclass(frozen=True)
class PastDay:
    """The form, and for a day that it accepts, how the certificate stood: first at its start."""

    form: PastDayForm
    day: date | None
    states: Sequence[StateThen]


def past_day(certificate: Certificate, asked: str) -> PastDay:
    """The answer about a day in the reader's time zone. A query for each change of the day, at most twenty, and one."""
    form = PastDayForm({"on": asked[:20]} if asked else None, auto_id="past_%s")
    if not asked or not form.is_valid():
        return PastDay(form, None, ())
    day: date = form.cleaned_data["on"]
    begins, ends = _start_of(day), min(_start_of(day + timedelta(days=1)), clock.now())
    told: list[StateThen] = []
    before = ""
    for moment in [begins, *_changes_between(certificate, begins, ends)]:
        state = history.state_at(certificate, moment)
        if state != before:
            told.append(StateThen(moment, state_name(state), state == "active"))
        before = state
    return PastDay(form, day, told)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _changes_between(certificate: Certificate, begins: datetime, ends: datetime) -> list[datetime]:
    """Every moment after `begins` and up to `ends` at which the state may have changed."""
    spans: Any = certificate.interruptions.values_list("begins_at", "ends_at")
    known = {moment for span in spans for moment in span if moment is not None}
    known |= {certificate.issued_at, certificate.valid_from, certificate.valid_to}
    return sorted(moment for moment in known if begins < moment <= ends)[:_MOST]
