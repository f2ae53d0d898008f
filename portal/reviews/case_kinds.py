"""The kinds of case there are; products register theirs from AppConfig.ready()."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.errors import Text
from portal.reviews.policies import TWO_PEOPLE

if TYPE_CHECKING:
    from portal.reviews.casepage.subjects import CaseSubject
    from portal.reviews.models import ReviewCase


NamesByCode = Callable[[], Mapping[str, Text]]


@dataclass(frozen=True)
class CaseKind:
    """How the queue names a kind of case and its codes, and what a case of it is about."""

    code: str
    label: Text
    subject_of: "Callable[[ReviewCase], CaseSubject]"
    areas: NamesByCode
    reasons: NamesByCode
    outcomes: type[TextChoices] | None


CASE_KINDS: dict[str, CaseKind] = {}


def register_case_kind(
    code: str,
    label: Text,
    subject_of: "Callable[[ReviewCase], CaseSubject]",
    *,
    areas: NamesByCode = dict,
    reasons: NamesByCode = dict,
    outcomes: type[TextChoices] | None = None,
) -> None:
    """Make a kind known. Registering it twice is a programming error.

    `subject_of` finds what a case is about, for the case page; it raises Http404 if that is gone. `areas` and
    `reasons` give words for codes, each with one query at most: for skills, and for the reasons why a person has to
    look. `outcomes` are those of its decisions.
    """
    if code in CASE_KINDS:
        message = f"case kind {code} is registered twice"
        raise ValueError(message)
    CASE_KINDS[code] = CaseKind(code, label, subject_of, areas, reasons, outcomes)


def url_of_case(case: "ReviewCase") -> str:
    """The page where the case is worked on."""
    return reverse("reviews:case_page", args=[case.number])


def subject_of_case(case: "ReviewCase") -> "CaseSubject":
    """What the case is about. Raises Http404 if that is gone."""
    return CASE_KINDS[case.kind].subject_of(case)


def kind_label_of(case: "ReviewCase") -> Text:
    """What kind of case it is, in words."""
    return CASE_KINDS[case.kind].label


def kind_labels() -> dict[str, Text]:
    """What each kind of case is called, by its code."""
    return {code: kind.label for code, kind in CASE_KINDS.items()}


def area_names() -> dict[str, Text]:
    """The names of all areas that products know, by skill code."""
    return _merged(kind.areas for kind in CASE_KINDS.values())


def review_reason_names() -> dict[str, Text]:
    """The reasons why a person may have to look, by code."""
    return {**_merged(kind.reasons for kind in CASE_KINDS.values()), TWO_PEOPLE: _("Two people decide")}


def outcome_names() -> dict[str, Text]:
    """The outcomes of decisions in words, by code."""
    kinds = [kind.outcomes for kind in CASE_KINDS.values() if kind.outcomes is not None]
    return {outcome.value: outcome.label for outcomes in kinds for outcome in outcomes}


def _merged(functions: Iterable[NamesByCode]) -> dict[str, Text]:
    """The merged names of all kinds; a provider shared by several kinds is called once."""
    named: dict[str, Text] = {}
    for function in dict.fromkeys(functions):
        named |= function()
    return named
