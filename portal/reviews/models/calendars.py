"""Which days are worked, as data; `portal.clock.WorkCalendar` computes with them."""

from datetime import date, timedelta
from typing import ClassVar, Self
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.clock import WorkCalendar


def validate_time_zone(name: str) -> None:
    """Refuse a time zone that does not exist."""
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone of this name."))


# Due dates reach that far ahead, so that long before its end a calendar needs its next year.
LOOK_AHEAD = timedelta(days=60)


class CalendarQuerySet(models.QuerySet["Calendar"]):
    """Calendars by how far their days off are known."""

    def running_out(self, today: date) -> Self:
        """Those that have days off, but none for the year in which a due date of the next 60 days may fall."""
        newest = self.annotate(last_day=models.Max("days__day"))
        return newest.filter(last_day__lt=date((today + LOOK_AHEAD).year, 1, 1)).order_by("code")


class Calendar(models.Model):
    """A calendar of working days, by which due dates are counted."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    zone = models.CharField(_("time zone"), max_length=50, default="UTC", validators=[validate_time_zone])

    objects = CalendarQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    @property
    def known_until(self) -> date | None:
        """The end of the last year that has days off; None for a calendar that only knows weekends. One query."""
        last = self.days.aggregate(last=models.Max("day"))["last"]
        return date(last.year, 12, 31) if last is not None else None

    def working_days(self) -> WorkCalendar:
        """The calendar as a value to count with; one query."""
        days = list(self.days.values_list("day", "kind"))
        return WorkCalendar(
            self.zone,
            holidays=frozenset(day for day, kind in days if kind == CalendarDay.Kind.HOLIDAY),
            workdays=frozenset(day for day, kind in days if kind == CalendarDay.Kind.WORKDAY),
        )


class CalendarDay(models.Model):
    """A day that differs from the week: a holiday, or a weekend day that is worked."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("holiday")
        WORKDAY = "workday", _("make-up workday")

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="days", verbose_name=_("calendar"))
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ("day",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["calendar", "day"], name="calendar_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
