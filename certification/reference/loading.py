"""Putting the tables of this folder into the database: what is missing is added, what is there stays as it is.

One thing is added to what is there: the interval after which a register is asked again, which older reference data did not have.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from certification.actions import rules
from certification.models import ApplicantCategory, CredentialType, Jurisdiction, KeyArea, Profession, Requirement
from certification.reference import calendars
from portal.reviews.models import Calendar, CalendarDay, ReasonCode

_IN_FORCE_FROM = datetime(2025, 1, 1, tzinfo=UTC)


def load_reference_data() -> dict[str, int]:
    """Add what is missing, in one transaction; how many rows were added, by table."""
    with transaction.atomic():
        return {
            "calendars": _load_calendars(),
            "areas": _load_areas(),
            "categories": _load_categories(),
            "credential types": _load_credential_types(),
            "intervals of credential types": _load_intervals(),
            "requirements": _load_requirements(),
            "professions": _load_professions(),
            "reasons": ReasonCode.objects.add_missing(_read_rows("reasons")),
        }


def _read_rows(name: str, table: str = "") -> list[dict[str, Any]]:
    """The rows of a table in the TOML file of that name in this folder; the table is called like the file by default."""
    with Path(__file__).with_name(f"{name}.toml").open("rb") as file:
        rows: list[dict[str, Any]] = tomllib.load(file)[table or name]
    return rows


def _load_calendars() -> int:
    """Calendars with their days; one that is there gets the days after its last one, and keeps the others as they are."""
    added = 0
    for code, (name, zone) in calendars.CALENDARS.items():
        calendar, new = Calendar.objects.get_or_create(code=code, defaults={"name": name, "zone": zone})
        last = date.min if new else calendar.days.aggregate(last=Max("day"))["last"] or date.max
        days = [*_days(calendar, CalendarDay.Kind.HOLIDAY), *_days(calendar, CalendarDay.Kind.WORKDAY)]
        CalendarDay.objects.bulk_create(row for row in days if row.day > last)
        added += new
    return added


def _days(calendar: Calendar, kind: str) -> Iterator[CalendarDay]:
    table = calendars.HOLIDAYS if kind == CalendarDay.Kind.HOLIDAY else calendars.MADE_UP_WORKDAYS
    for span in table.get(calendar.code, []):
        for day in _span(span):
            yield CalendarDay(calendar=calendar, day=day, kind=kind)


def _span(text: str) -> Iterator[date]:
    first, _separator, last = text.partition("..")
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    while day <= end:
        yield day
        day += timedelta(days=1)


def _load_areas() -> int:
    added = 0
    topics = list(enumerate(_read_rows("areas", "topics"), start=1))
    for place in _read_rows("areas", "jurisdictions"):
        offered = place.pop("topics")
        jurisdiction = Jurisdiction.objects.get_or_create(code=place["code"], defaults=place)[0]
        calendar = Calendar.objects.filter(code=place["code"]).first()
        for number, topic in topics:
            if topic["code"] in offered:
                added += _load_area(jurisdiction, calendar, number, topic)
    return added


def _load_area(jurisdiction: Jurisdiction, calendar: Calendar | None, number: int, topic: Mapping[str, Any]) -> int:
    facts = {name: value for name, value in topic.items() if name != "code"}
    defaults = {
        **facts,
        "jurisdiction": jurisdiction,
        "topic": topic["code"],
        "gate": topic["regulated"],
        "calendar": calendar,
        "position": 10 * number,
    }
    return int(KeyArea.objects.get_or_create(code=f"{jurisdiction.code}-{topic['code']}", defaults=defaults)[1])


def _load_categories() -> int:
    rows = enumerate(_read_rows("areas", "categories"), start=1)
    return sum(
        ApplicantCategory.objects.get_or_create(code=row["code"], defaults={**row, "position": 10 * number})[1]
        for number, row in rows
    )


def _load_credential_types() -> int:
    places = {row.code: row for row in Jurisdiction.objects.all()}
    added = 0
    for row in _read_rows("credential_types"):
        defaults = {**row, "jurisdiction": places.get(row.get("jurisdiction", ""))}
        added += CredentialType.objects.get_or_create(code=row["code"], defaults=defaults)[1]
    return added


def _load_intervals() -> int:
    """For types that an older version of the table has added and nobody has changed since."""
    rows = _read_rows("credential_types")
    return rules.introduce_intervals({row["code"]: row["recheck_every"] for row in rows if "recheck_every" in row})


def _load_professions() -> int:
    rows = _read_rows("professions")
    return sum(Profession.objects.get_or_create(code=row["code"], defaults=row)[1] for row in rows)


def _load_requirements() -> int:
    added = 0
    for row in _read_rows("requirements"):
        area = KeyArea.objects.get(code=row.pop("area"))
        category = ApplicantCategory.objects.get(code=row.pop("category"))
        if Requirement.objects.filter(area=area, category=category).exists():
            continue
        requirement = Requirement(area=area, category=category, in_force_from=_IN_FORCE_FROM, **row)
        requirement.full_clean()
        requirement.save()
        added += 1
    return added
