"""Putting the tables of this folder into the database: what is missing is added, what is there stays as it is."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from certification.models import ApplicantCategory, CredentialType, Jurisdiction, KeyArea, Requirement
from certification.reference import areas, calendars, requirements
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
            "requirements": _load_requirements(),
            "reasons": ReasonCode.objects.add_missing(_read_rows("reasons")),
        }


def _read_rows(table: str) -> list[dict[str, Any]]:
    """The rows of the TOML file of that name in this folder."""
    with Path(__file__).with_name(f"{table}.toml").open("rb") as file:
        rows: list[dict[str, Any]] = tomllib.load(file)[table]
    return rows


def _load_calendars() -> int:
    added = 0
    for code, (name, zone) in calendars.CALENDARS.items():
        calendar, new = Calendar.objects.get_or_create(code=code, defaults={"name": name, "zone": zone})
        if new:
            days = [*_days(calendar, CalendarDay.Kind.HOLIDAY), *_days(calendar, CalendarDay.Kind.WORKDAY)]
            CalendarDay.objects.bulk_create(days)
            added += 1
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
    for row in areas.JURISDICTIONS:
        Jurisdiction.objects.get_or_create(code=row["code"], defaults=row)
    for place, topics in areas.OFFERED.items():
        jurisdiction = Jurisdiction.objects.get(code=place)
        calendar = Calendar.objects.filter(code=place).first()
        for number, topic in enumerate(areas.TOPICS):
            if topic[0] in topics:
                added += _load_area(jurisdiction, calendar, number, topic)
    return added


def _load_area(jurisdiction: Jurisdiction, calendar: Calendar | None, number: int, topic: areas.Topic) -> int:
    code, names, summaries, regulated, two = topic
    defaults = {
        "jurisdiction": jurisdiction,
        "topic": code,
        "names": names,
        "summaries": summaries,
        "regulated": regulated,
        "gate": regulated,
        "second_approval_always": two,
        "calendar": calendar,
        "position": 10 * (number + 1),
    }
    return int(KeyArea.objects.get_or_create(code=f"{jurisdiction.code}-{code}", defaults=defaults)[1])


def _load_categories() -> int:
    rows = enumerate(areas.CATEGORIES)
    return sum(
        ApplicantCategory.objects.get_or_create(code=row["code"], defaults={**row, "position": 10 * (number + 1)})[1]
        for number, row in rows
    )


def _load_credential_types() -> int:
    places = {row.code: row for row in Jurisdiction.objects.all()}
    added = 0
    for row in _read_rows("credential_types"):
        defaults = {**row, "jurisdiction": places.get(row.get("jurisdiction", ""))}
        added += CredentialType.objects.get_or_create(code=row["code"], defaults=defaults)[1]
    return added


def _load_requirements() -> int:
    added = 0
    for area, category, expression, texts, max_validity in requirements.REQUIREMENTS:
        keys = {"area": KeyArea.objects.get(code=area), "category": ApplicantCategory.objects.get(code=category)}
        if Requirement.objects.filter(**keys).exists():
            continue
        row = Requirement(**keys, expression=expression, labels=texts)
        row.max_validity, row.in_force_from = max_validity, _IN_FORCE_FROM
        row.full_clean()
        row.save()
        added += 1
    return added
