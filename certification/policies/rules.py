"""What a draft of a rule lacks before it can be published, and who may write, ask for and withdraw it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import expressions, requirement_trees
from certification.models import (
    AUTOMATIC_REGISTERS,
    ApplicantCategory,
    CredentialType,
    KeyArea,
    RegistryKind,
    Requirement,
    RuleDraft,
    RulePreview,
)
from certification.policies.terms import Reason
from certification.rule_words import draft_differences, requirement_values, type_values
from certification.states import RuleDraftState
from portal import clock
from portal.errors import Text
from portal.languages import language_choices
from portal.people.guarded_rows import set_values
from portal.people.models import User
from portal.people.roles import Permission

LONGEST_VALIDITY = 3653  # days: ten years
_FURTHEST = timedelta(days=731)  # a version is announced at most two years ahead


def refuse_leading(user: User) -> Reason:
    """Why the user may not write rules."""
    return None if user.may(Permission.LEAD_AREA) else _("Only area leads and administrators can change these rules.")


def refuse_writing_draft(draft: RuleDraft, user: User) -> Reason:
    """Why the user may not change or discard a draft."""
    if draft.state != RuleDraftState.DRAFT:
        return _("This draft is closed.")
    if draft.is_waiting:
        return _("This draft is waiting for a second person. Withdraw the request to change it.")
    return refuse_leading(user)


def refuse_asking_publication(draft: RuleDraft, user: User) -> Reason:
    """Why the user may not ask a second person to publish a draft.

    Whoever changed it last asks, so that nobody can publish what they have written themselves.
    """
    if refusal := refuse_writing_draft(draft, user):
        return refusal
    if draft.edited_by_id != user.pk:
        return _(
            "Someone else changed this draft last. They can ask, or you save it yourself; then someone else publishes it."
        )
    if problems := draft_problems(draft):
        return problems[0]
    if finished_preview(draft) is None:
        return _("Please check first which certificates would fail.")
    return None


def finished_preview(draft: RuleDraft) -> RulePreview | None:
    """The preview of what the draft says now, once all certificates were examined."""
    return draft.previews.filter(revision=draft.revision, finished_at__isnull=False).first()


def newest_requirement(area: KeyArea | int, category: ApplicantCategory | int) -> Requirement | None:
    """The newest published version, in force or not."""
    return Requirement.objects.filter(area=area, category=category).order_by("-version").first()


def newest_version(draft: RuleDraft) -> int:
    """The number of the newest published version of what a draft is about; 0 for none."""
    if draft.type is not None:
        published = draft.type.versions.order_by("-version").first()
        return published.version if published else draft.type.version
    newest = _newest(draft)
    return newest.version if newest else 0


def published_values(draft: RuleDraft) -> dict[str, Any]:
    """What the newest published version says; nothing if there is none."""
    if draft.type is None:
        return requirement_values(_newest(draft))
    published = draft.type.versions.order_by("-version").first()
    return dict(published.values) if published is not None and published.applied_at is None else type_values(draft.type)


def published_from(draft: RuleDraft) -> datetime | None:
    """From when the newest published version is in force; None where that is not known or there is none."""
    if draft.type is not None:
        published = draft.type.versions.order_by("-version").first()
        return published.in_force_from if published else None
    newest = _newest(draft)
    return newest.in_force_from if newest else None


def zone_of(draft: RuleDraft) -> ZoneInfo:
    """The time zone in which the day of a draft begins: that of the area, or of an area of its jurisdiction."""
    area = draft.area
    if area is None and draft.type is not None and draft.type.jurisdiction_id is not None:
        areas = KeyArea.objects.filter(jurisdiction=draft.type.jurisdiction_id, calendar__isnull=False)
        area = areas.select_related("calendar").order_by("position", "pk").first()
    return ZoneInfo(area.calendar.zone if area is not None and area.calendar else "UTC")


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day in a time zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def draft_problems(draft: RuleDraft) -> list[str]:
    """What is wrong with a draft before it can be published, as sentences; empty if nothing is."""
    if draft.type is not None:
        problems = [*_type_problems(draft.values), *_use_problems(draft.type, draft.values)]
    else:
        assert draft.area is not None  # noqa: S101 -- the database sees to it
        assert draft.category is not None  # noqa: S101 -- as above
        problems = list(_requirement_problems(draft.values, draft.area, draft.category))
    problems += _date_problems(draft)
    if draft.base_version != newest_version(draft):
        problems.append(
            _now(
                "A newer version was published while this draft was written. Compare the two and save the draft again."
            )
        )
    elif not problems and not draft_differences(draft, published_values(draft), draft.values):
        problems.append(_now("Nothing differs from the published version."))
    return problems


def _newest(draft: RuleDraft) -> Requirement | None:
    assert draft.area_id is not None  # noqa: S101 -- the database sees to it
    assert draft.category_id is not None  # noqa: S101 -- as above
    return newest_requirement(draft.area_id, draft.category_id)


def _date_problems(draft: RuleDraft) -> Iterator[str]:
    begins, now = draft.in_force_from, clock.now()
    if begins is None:
        yield _now("Please enter the day from which it applies.")
        return
    if begins <= now:
        yield _now("The day from which it applies must be in the future.")
    elif begins > now + _FURTHEST:
        yield _now("The day from which it applies must be within the next two years.")
    earlier = published_from(draft)
    if earlier is not None and begins < earlier:
        yield _now("The version before it applies from a later day. Please choose that day or a later one.")


def _requirement_problems(values: Mapping[str, Any], area: KeyArea, category: ApplicantCategory) -> Iterator[str]:
    expression = values.get("expression") or {"all": []}
    codes = list(expressions.credential_codes(expression))
    kinds = {row.code: row for row in CredentialType.objects.filter(code__in=codes).select_related("jurisdiction")}
    if not codes:
        yield _now("Please add at least one credential type: nobody could meet an empty requirement.")
    elif next(requirement_trees.empty_groups(expression), None) is not None:
        yield _now("A group is empty: nobody could meet it. Add a credential type to it or remove it.")
    else:
        yield from expressions.expression_problems(expression, kinds.keys())
    for code in requirement_trees.repeated_codes(expression):
        yield _now("“%(type)s” stands twice in the same group.") % {"type": kinds[code].name if code in kinds else code}
    for kind in kinds.values():
        yield from _kind_problems(kind, area, category)
        for version in kind.versions.filter(applied_at=None).order_by("version"):
            set_values(
                kind, {name: version.values[name] for name in ("licence", "jurisdiction") if name in version.values}
            )
            yield from _kind_problems(kind, area, category)
    yield from _missing_texts(values.get("labels"), _now("label"))
    days = values.get("max_validity")
    if not days or not 1 <= days <= LONGEST_VALIDITY:
        yield _now("Please enter the longest validity of a certificate, from 1 to %(days)d days.") % {
            "days": LONGEST_VALIDITY
        }


def _kind_problems(kind: CredentialType, area: KeyArea, category: ApplicantCategory) -> Iterator[str]:
    figures = {"type": kind.name}
    if not kind.active:
        yield _now("“%(type)s” is no longer in use. Please remove it.") % figures
    if kind.jurisdiction is not None and kind.jurisdiction_id != area.jurisdiction_id:
        yield _now("“%(type)s” belongs to another jurisdiction: %(place)s.") % {
            **figures, "place": kind.jurisdiction.name
        }  # fmt: skip
    if category.practice_only and kind.licence:
        yield _now("“%(type)s” is a licence. “Practice verified” must not be based on a licence.") % figures
    if kind.max_age_of_proof == 0 or kind.max_validity == 0:
        yield _now("“%(type)s” accepts no document at all: its longest time is 0 days.") % figures


def type_value_problems(values: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    """What makes a credential type prove nothing, or impossible to meet: fields with sentences."""
    if not values.get("identifier_pattern") and not values.get("evidence_kinds"):
        yield "evidence_kinds", _("Without a number and without a document there is nothing to check.")
    if not values.get("identifier_pattern") and values.get("registry") in AUTOMATIC_REGISTERS:
        yield "identifier_pattern", _("A register that is asked automatically needs a number. Please enter its format.")
    for name in ("max_age_of_proof", "max_validity", "recheck_every"):
        if values.get(name) == 0:
            yield name, _("With 0 days nobody could meet it. Leave it empty for no limit.")
    if values.get("recheck_every") and values.get("registry") == RegistryKind.NONE:
        yield "recheck_every", _("There is no register that could be asked again.")


def _type_problems(values: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(sentence) for _field, sentence in type_value_problems(values))
    yield from _missing_texts(values.get("names"), _now("name"))
    if values.get("identifier_pattern"):
        yield from _missing_texts(values.get("identifier_labels"), _now("name of its number"))
        yield from _missing_texts(values.get("identifier_hints"), _now("format in words"))


def _use_problems(kind: CredentialType, values: Mapping[str, Any]) -> Iterator[str]:
    """Where a type is named by requirements that what it is to be would not fit."""
    place, figures = values.get("jurisdiction"), {"type": kind.name}
    for row in requirements_naming(kind.code):
        where = {**figures, "requirement": f"{row.area.full_name} · {row.category.name}"}
        if place is not None and place != row.area.jurisdiction_id:
            yield _now("“%(type)s” is named by a requirement of another jurisdiction: %(requirement)s.") % where
        if row.category.practice_only and values.get("licence"):
            yield _now("“Practice verified” must not be based on a licence: %(requirement)s.") % where


def requirements_naming(code: str) -> list[Requirement]:
    """The requirements in force now or later that name a credential type. Two queries."""
    rows = Requirement.objects.select_related("area__jurisdiction", "category")
    now = clock.now()
    found = [*rows.in_force(now), *rows.filter(in_force_from__gt=now).order_by("area_id", "category_id", "version")]
    return [row for row in found if code in row.codes]


def _missing_texts(texts: Any, what: str) -> Iterable[str]:
    for code, language in language_choices():
        if not (texts or {}).get(code):
            yield _now("Text missing in %(name)s: %(what)s.") % {"name": _now(language), "what": what}


def number_space_of_new(kind: CredentialType) -> str:
    """The number space of the type with the same register or issuer whose numbers have the same form; else its own.

    A register may number several things. Where none has this form, the space is that of all of them or its own.
    """
    if not kind.personal or not kind.has_number:
        return kind.code
    numbered = CredentialType.objects.filter(personal=True).exclude(identifier_pattern="").order_by("code")
    same = [row for row in numbered if row.pk != kind.pk and _source_of(row) & _source_of(kind)]
    alike = [row for row in same if row.identifier_pattern == kind.identifier_pattern]
    if alike:
        return alike[0].space_of_numbers
    spaces = {row.space_of_numbers for row in same}
    return spaces.pop() if len(spaces) == 1 else kind.code


def _source_of(kind: CredentialType) -> set[tuple[str, str]]:
    """Where the numbers of a type come from: its register, its issuers, within its jurisdiction."""
    register: object = kind.register_code  # in a new row an expression of the database
    found = [
        ("code", register if isinstance(register, str) else ""),
        ("address", kind.registry_url.rstrip("/")),
        ("name", kind.registry_name),
    ]
    found += [("issuer", issuer) for issuer in kind.issuers.values()]
    return {(f"{kind.jurisdiction_id}:{name}", value.strip().casefold()) for name, value in found if value.strip()}
