"""How long something lasts, and how far a moment is from now, in words: rounded to the nearest, in one unit.

729 days are "2 years", not "1 year"; what is due in 7 days less a second is due "in 7 days". The exact time
stands in the attributes of the `<time>` element (`portal/web/templatetags/ui.py`).
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils.html import avoid_wrapping
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from portal import clock

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_YEAR = 365.2425 * _DAY
_MONTH = _YEAR / 12
# Django's own words; they stand here because our Chinese for them is another, and our catalogue goes first.
_WORDS: dict[float, Any] = {
    _MINUTE: ngettext_lazy("%(num)d minute", "%(num)d minutes", "num"),
    _HOUR: ngettext_lazy("%(num)d hour", "%(num)d hours", "num"),
    _DAY: ngettext_lazy("%(num)d day", "%(num)d days", "num"),
    _MONTH: ngettext_lazy("%(num)d month", "%(num)d months", "num"),
    _YEAR: ngettext_lazy("%(num)d year", "%(num)d years", "num"),
}
# Each unit with the count from which the next one is used: a limit of 14 or 90 days is said in days. The third is how
# many make one of the next: 24 hours are "1 day".
_STEPS = ((_MINUTE, 90, 60), (_HOUR, 36, 24), (_DAY, 100, None), (_MONTH, 24, 12))


def duration_text(length: timedelta) -> str:
    """A length of time (>= 0) in words, rounded to the nearest unit; less than a minute is one."""
    seconds = length.total_seconds()
    for index, (unit, limit, whole) in enumerate(_STEPS):
        count = max(1, int(seconds / unit + 0.5))
        if count == whole:
            return _in_words(_STEPS[index + 1][0] if index + 1 < len(_STEPS) else _YEAR, 1)
        if count < limit:
            return _in_words(unit, count)
    return _in_words(_YEAR, int(seconds / _YEAR + 0.5))


def distance_text(at: datetime) -> str:
    """How far a moment is from now: "in 7 days", "2 years ago"; within a minute "just now" or "now"."""
    now = clock.now()
    if abs(now - at) < timedelta(minutes=1):
        return _("just now") if at <= now else _("now")
    length = duration_text(abs(now - at))
    return (_("%(time)s ago") if at < now else _("in %(time)s")) % {"time": length}


def _in_words(unit: float, count: int) -> str:
    return avoid_wrapping(_WORDS[unit] % {"num": count})
