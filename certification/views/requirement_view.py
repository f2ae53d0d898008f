"""A requirement as people read it: a list of documents, some of which are a choice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.utils.translation import gettext as _

from certification import expressions, requirement_trees, rule_words
from certification.models import ApplicantCategory, CredentialType, CredentialTypeVersion, KeyArea, Requirement
from portal import clock


@dataclass(frozen=True)
class RequirementPart:
    """Credential types of which all, or if `choice` any one combination, is needed."""

    kinds: Sequence[CredentialType]
    choice: bool
    node: requirement_trees.TreeNode


@dataclass(frozen=True)
class Announcement:
    """What will be different from a day on, in sentences."""

    at: datetime
    sentences: Sequence[str]


@dataclass(frozen=True)
class CategoryOffer:
    """A category for which an area takes applications, with what will be needed."""

    requirement: Requirement
    parts: Sequence[RequirementPart]

    @property
    def category(self) -> ApplicantCategory:
        """The category."""
        return self.requirement.category

    @property
    def minutes(self) -> int:
        """About how long the form takes somebody who has everything ready: a guess from what it asks for, rounded up.

        Name and category take two minutes, reading it all again one, a number half a minute and a photo one.
        """
        needed = [kind for part in self.parts for kind in (part.kinds[:1] if part.choice else part.kinds)]
        return ceil(3 + sum(kind.has_number / 2 + len(kind.evidence_kinds) for kind in needed))

    @property
    def asked_again(self) -> list[tuple[int, str]]:
        """How often registers are asked again while a certificate is valid: days, and the names of what is looked up."""
        found: dict[int, dict[str, str]] = defaultdict(dict)
        for kind in (kind for part in self.parts for kind in part.kinds):
            if (days := kind.asked_again_after) is not None:
                found[days][kind.code] = kind.name
        return [(days, _(", ").join(names.values())) for days, names in sorted(found.items())]


def areas_by_jurisdiction(areas: list[KeyArea]) -> list[dict[str, Any]]:
    """Areas in groups of one jurisdiction, in their order."""
    groups: dict[str, list[KeyArea]] = defaultdict(list)
    for area in areas:
        groups[area.jurisdiction.code].append(area)
    return [{"code": code, "name": rows[0].jurisdiction.name, "areas": rows} for code, rows in groups.items()]


def area_grounds() -> dict[str, set[int]]:
    """The areas for which one can apply now, by primary key: where only practice is verified, and all others. One query."""
    rows = Requirement.objects.in_force(clock.now()).values_list("area", "category__practice_only")
    found: dict[bool, set[int]] = {True: set(), False: set()}
    for area, practice_only in rows:
        found[practice_only].add(area)
    return {"practice_areas": found[True] - found[False], "document_areas": found[False]}


def chosen_place(places: list[dict[str, Any]], code: str) -> dict[str, Any] | None:
    """The group of areas with a jurisdiction's code; where there is only one jurisdiction, nothing is to be chosen."""
    if len(places) == 1:
        return places[0]
    return next((place for place in places if place["code"] == code), None)


def area_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The open areas for a choice: name of a jurisdiction, and code and name of its areas. One query."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for code, name, place in KeyArea.objects.open().names():
        groups[place].append((code, name))
    return list(groups.items())


def offers_in_area(area: KeyArea) -> list[CategoryOffer]:
    """What can be applied for in an area now, in the order of the categories. Two queries."""
    rows = Requirement.objects.filter(area=area).in_force(clock.now()).select_related("category")
    found = sorted(rows, key=lambda row: (row.category.position, row.category.pk))
    kinds = credential_types_by_code(code for row in found for code in row.codes)
    return [CategoryOffer(row, parts_from_types(row, kinds)) for row in found]


def announcements_in_area(area: KeyArea, offers: Sequence[CategoryOffer]) -> dict[int, list[Announcement]]:
    """By category, what published versions will change that are not in force yet. At most four queries."""
    now = clock.now()
    rows = Requirement.objects.filter(area=area, in_force_from__gt=now).select_related("category")
    coming = list(rows.order_by("in_force_from", "version"))
    codes = {code for offer in offers for code in offer.requirement.codes}
    versions = CredentialTypeVersion.objects.upcoming(now).filter(type__code__in=codes).select_related("type")
    found: dict[int, list[Announcement]] = defaultdict(list)
    said = {offer.category.pk: rule_words.requirement_values(offer.requirement) for offer in offers}
    names = rule_words.type_names() if coming else {}
    for row in coming:
        after = rule_words.requirement_values(row)
        sentences = rule_words.change_sentences(said.get(row.category_id, {}), after, names)
        found[row.category_id].append(Announcement(row.in_force_from, sentences))
        said[row.category_id] = after
    for version in versions:
        sentences = rule_words.type_change_sentences(version)
        for offer in offers:
            if sentences and version.type.code in offer.requirement.codes:
                found[offer.category.pk].append(Announcement(version.in_force_from, sentences))
    return {key: sorted(rows, key=lambda row: row.at) for key, rows in found.items()}


def new_categories(area: KeyArea, offers: Sequence[CategoryOffer]) -> list[Requirement]:
    """The first version of each category that cannot be applied for yet. One query."""
    rows = Requirement.objects.filter(area=area, in_force_from__gt=clock.now()).select_related("category")
    offered = {offer.category.pk for offer in offers}
    first = {row.category_id: row for row in rows.order_by("-in_force_from") if row.category_id not in offered}
    return sorted(first.values(), key=lambda row: (row.category.position, row.category.pk))


def requirement_parts(requirement: Requirement) -> list[RequirementPart]:
    """The parts of one requirement. One query."""
    return parts_from_types(requirement, credential_types_by_code(requirement.codes))


def credential_types_by_code(codes: Iterable[str]) -> dict[str, CredentialType]:
    """Credential types by code."""
    return {kind.code: kind for kind in CredentialType.objects.filter(code__in=set(codes))}


def parts_from_types(requirement: Requirement, kinds: Mapping[str, CredentialType]) -> list[RequirementPart]:
    """The expression's first level as parts; a code that no type has any more is left out."""
    expression = requirement.expression
    return [_part(part, kinds) for part in expression.get("all", [expression])]


def _part(expression: expressions.Expression, kinds: Mapping[str, CredentialType]) -> RequirementPart:
    found = [kinds[code] for code in expressions.credential_codes(expression) if code in kinds]
    node = requirement_trees.tree_nodes(expression, {code: kind.name for code, kind in kinds.items()}, frozenset(kinds))
    return RequirementPart(found, choice="any" in expression and len(found) > 1, node=node)
