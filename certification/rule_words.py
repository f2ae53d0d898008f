"""What versions of rules say, how two of them differ, and why a certificate would fail, in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from certification import requirement_trees
from certification.identifiers import CHECKSUM_NAMES
from certification.models import CredentialType, CredentialTypeVersion, DocumentKind, Requirement, RuleDraft
from certification.number_forms import describe_number_form
from portal.errors import Text
from portal.languages import text_in_language
from portal.people.guarded_rows import field_label, row_values, shown_value

Values = Mapping[str, Any]
REQUIREMENT_FIELDS = ("expression", "labels", "max_validity")
# What a version of a credential type says. Its code stays, and whether it is in use is decided apart.
TYPE_FIELDS = (
    "names",
    "jurisdiction",
    "licence",
    "issuers",
    "issuer_presets",
    "help_texts",
    "identifier_labels",
    "identifier_pattern",
    "identifier_hints",
    "checksum",
    "personal",
    "registry",
    "register_code",
    "registry_name",
    "registry_url",
    "recheck_every",
    "evidence_kinds",
    "max_age_of_proof",
    "needs_expiry",
    "max_validity",
    "unconfirmed",
    "source",
)
_DAYS = ("max_age_of_proof", "max_validity", "recheck_every")


@dataclass(frozen=True)
class Difference:
    """One thing that a version says otherwise than the one before."""

    label: Text
    before: Text
    after: Text


def type_names() -> dict[str, str]:
    """The name of every credential type in the reader's language, by code. One query."""
    return {code: text_in_language(names) for code, names in CredentialType.objects.values_list("code", "names")}


def usable_types() -> frozenset[str]:
    """The codes of the credential types that are in use. One query."""
    return frozenset(CredentialType.objects.filter(active=True).values_list("code", flat=True))


def requirement_values(requirement: Requirement | None) -> dict[str, Any]:
    """What a version of a requirement says; nothing for none."""
    return row_values(requirement, REQUIREMENT_FIELDS) if requirement is not None else {}


def type_values(row: CredentialType) -> dict[str, Any]:
    """What a credential type says now."""
    return row_values(row, TYPE_FIELDS)


def draft_differences(draft: RuleDraft, before: Values, after: Values) -> list[Difference]:
    """How what a draft says differs from what is in force or published before it."""
    if draft.type_id is not None:
        return type_differences(before, after)
    return requirement_differences(before, after, type_names())


def type_differences(before: Values, after: Values) -> list[Difference]:
    """How two versions of a credential type differ."""
    return [_type_difference(name, before, after) for name in TYPE_FIELDS if before.get(name) != after.get(name)]


def type_row_differences(before: Values, after: Values) -> list[Difference]:
    """The same for a row that is new, or that is taken out of use; a new one is shown without what it leaves open."""
    apart = [
        Difference(
            field_label(CredentialType, name), *(shown_value(CredentialType, name, part) for part in (before, after))
        )
        for name in ("code", "number_space", "active")
        if before.get(name) != after.get(name)
    ]
    return [row for row in [*apart, *type_differences(before, after)] if str(row.before) != str(row.after)]


def type_facts(values: Values) -> list[tuple[Text, Text]]:
    """What a credential type says, without what it leaves open."""
    rows = [(field_label(CredentialType, name), _type_value(name, values)) for name in TYPE_FIELDS if name != "names"]
    return [(label, text) for label, text in rows if text != "–"]


def names_of_number_spaces() -> dict[str, str]:
    """The credential types with a number that names one person, by the space of their numbers. One query."""
    spaces: dict[str, list[str]] = {}
    for row in CredentialType.objects.filter(personal=True).exclude(identifier_pattern="").order_by("code"):
        spaces.setdefault(row.space_of_numbers, []).append(row.name)
    return {space: _(", ").join(names) for space, names in spaces.items()}


def number_space_facts(row: CredentialType) -> list[tuple[Text, Text]]:
    """With which other types one shares its number space; nothing for none. One query."""
    shared = CredentialType.objects.filter(number_space=row.space_of_numbers).exclude(pk=row.pk).order_by("code")
    names = _(", ").join(other.name for other in shared)
    return [(_("Shares its numbers with"), names)] if names else []


def requirement_differences(before: Values, after: Values, names: Mapping[str, str]) -> list[Difference]:
    """How two versions of a requirement differ; `before` is empty for the first one."""
    found = []
    old, new = (
        [requirement_trees.requirement_words(part, names) for part in requirement_trees.top_parts(values["expression"])]
        if values.get("expression")
        else []
        for values in (before, after)
    )
    gone, come = [text for text in old if text not in new], [text for text in new if text not in old]
    if come:
        found.append(
            Difference(_("Required in addition") if old else _("What must be shown"), _lines([]), _lines(come))
        )
    if gone:
        found.append(Difference(_("No longer required"), _lines(gone), _lines([])))
    if before.get("labels") != after.get("labels"):
        label = field_label(Requirement, "labels")
        found.append(Difference(label, *(shown_value(Requirement, "labels", values) for values in (before, after))))
    if before.get("max_validity") != after.get("max_validity"):
        texts = (days_words(values.get("max_validity")) for values in (before, after))
        found.append(Difference(_("Longest validity of a certificate"), *texts))
    return found


def change_sentences(before: Values, after: Values, names: Mapping[str, str]) -> list[str]:
    """The same of two versions of a requirement, as sentences for applicants."""
    sentences = []
    for difference in requirement_differences(before, after, names):
        if difference.label in {_("Required in addition"), _("What must be shown")}:
            come = str(difference.after).splitlines()
            sentences += [_("Required in addition: %(what)s.") % {"what": text} for text in come]
        elif difference.label == _("No longer required"):
            gone = str(difference.before).splitlines()
            sentences += [_("No longer required: %(what)s.") % {"what": text} for text in gone]
        elif difference.label == _("Longest validity of a certificate"):
            sentences.append(_("Certificates are valid for at most %(days)s.") % {"days": difference.after})
        else:
            label = text_in_language(after.get("labels") or {})
            sentences.append(_("The label is “%(label)s”.") % {"label": label})
    return sentences


# What an applicant notices of a new version of a credential type.
_NOTICED = (
    "names",
    "issuers",
    "identifier_hints",
    "evidence_kinds",
    "max_age_of_proof",
    "needs_expiry",
    "max_validity",
)


def type_change_sentences(version: CredentialTypeVersion) -> list[str]:
    """What a version of a credential type that is not in force yet will change, as sentences for applicants."""
    before, kind = type_values(version.type), version.type.name
    changed = [name for name in _NOTICED if before.get(name) != version.values.get(name)]
    return [
        _("%(type)s: %(field)s: %(value)s.")
        % {"type": kind, "field": field_label(CredentialType, name), "value": _reader_value(name, version.values)}
        for name in changed
    ]


def _reader_value(name: str, values: Values) -> Text:
    """A value on one line, texts in the reader's language."""
    value = values.get(name)
    if isinstance(value, dict):
        return text_in_language(value) or "–"
    return _(", ").join(str(_type_value(name, values)).splitlines())


def days_words(days: int | None) -> str:
    """A number of days; a dash for none."""
    return "–" if days is None else ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


_REASONS: dict[str, Text] = {
    "missing": gettext_lazy("Not shown so far: %(types)s."),
    "validity": gettext_lazy("It would have ended after %(days)s."),
    "number_form": gettext_lazy("%(type)s: the number does not have the new format."),
    "check_digit": gettext_lazy("%(type)s: the check digit of the number is wrong."),
    "number_missing": gettext_lazy("%(type)s: no number was declared."),
    "number_gone": gettext_lazy("%(type)s: the number has been deleted since and cannot be compared."),
    "document": gettext_lazy("%(type)s: the document “%(paper)s” was not submitted."),
    "no_end": gettext_lazy("%(type)s: no end date was declared."),
    "no_date": gettext_lazy("%(type)s: the date of the document was not declared."),
    "proof_old": gettext_lazy("%(type)s: the document was %(days)s old; at most %(most)s are accepted."),
}


def reason_words(reason: Values, names: Mapping[str, str]) -> str:
    """Why a certificate would not pass as it is."""
    figures = {
        "type": names.get(reason.get("type", ""), ""),
        "types": _(" or ").join(names.get(code, code) for code in reason.get("types", ())),
        "days": days_words(reason.get("days")),
        "most": days_words(reason.get("most")),
        "paper": DocumentKind(reason["kind"]).label if "kind" in reason else "",
    }
    return str(_REASONS[reason["code"]]) % figures


def reasons_words(reasons: Iterable[Values], names: Mapping[str, str]) -> list[str]:
    """Several of them."""
    return [reason_words(reason, names) for reason in reasons]


def _type_difference(name: str, before: Values, after: Values) -> Difference:
    shown = [_type_value(name, values) for values in (before, after)]
    return Difference(field_label(CredentialType, name), *shown)


def _type_value(name: str, values: Values) -> Text:
    value = values.get(name)
    if name == "identifier_pattern" and value:
        return f"{describe_number_form(value)}\n{value}"
    if name == "checksum" and value:
        return CHECKSUM_NAMES.get(str(value), str(value))
    if name == "evidence_kinds":
        return _lines(str(DocumentKind(kind).label) for kind in value or [])
    if name in _DAYS:
        return days_words(value)
    return shown_value(CredentialType, name, values)


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(texts) or "–"
