"""Rows of rules that change for two people: areas, kinds of applicants, and whether a credential type is in use.

Area leads ask and agree as administrators do. What requirements and credential types say changes by versions (rules.py).
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from certification import rule_words
from certification.actions.rules import change_page
from certification.models import ApplicantCategory, CredentialType, KeyArea, Profession
from certification.policies import rule_rows
from certification.policies import rules as policies
from portal.audit import trail
from portal.errors import Text, require_allowed
from portal.people.guarded_rows import (
    GuardedModel,
    Values,
    ask_for_row,
    guard_model,
    guarded_names,
    row_values,
)
from portal.people.models import ChangeRequest, User
from portal.people.roles import Permission


def _foresee_area(before: Values, after: Values) -> list[Text]:
    """What a change of an area does; a new area changes nothing for who is certified elsewhere."""
    on_off: dict[str, tuple[Text, Text]] = {
        "gate": (
            _(
                "The publishing gate closes: with immediate effect, only holders of a valid "
                "certificate can publish in this area."
            ),
            _(
                "The publishing gate opens: with immediate effect, anyone can publish in this area "
                "without a certificate."
            ),
        ),
        "second_approval_always": (
            _("Each approval in this area needs a second person."),
            _("One person alone can approve in this area."),
        ),
        "active": (
            _("New applications are accepted in this area."),
            _("New applications are not accepted in this area."),
        ),
    }
    if not before:
        return [texts[0] for name, texts in on_off.items() if after.get(name)]
    return [
        texts[not after[name]] for name, texts in on_off.items() if name in after and before.get(name) != after[name]
    ]


def _foresee_type(before: Values, after: Values) -> list[Text]:
    """What taking a credential type out of use does, or adding it."""
    if not before:
        return [_("Requirements can name it. No application or certificate changes before one does.")]
    if after.get("active"):
        return [_("New versions of requirements can name it again.")]
    return [_("No new version of a requirement can name it while it is not in use.")]


GUARDED_AREA = guard_model(
    GuardedModel(
        KeyArea,
        frozenset({
            "jurisdiction", "regulated", "gate", "second_approval_always", "calendar", "decision_days", "appeal_days",
            "active",
        }),
        foresee=_foresee_area,
        refuse=rule_rows.refuse_area_values,
        permission=Permission.LEAD_AREA,
        page=change_page,
    )
)  # fmt: skip
GUARDED_CATEGORY = guard_model(
    GuardedModel(
        ApplicantCategory,
        frozenset({"practice_only", "organisation"}),
        additions=False,
        refuse=rule_rows.refuse_category_values,
        permission=Permission.LEAD_AREA,
        page=change_page,
    )
)
GUARDED_TYPE = guard_model(
    GuardedModel(
        CredentialType,
        frozenset({"active", "code"}),  # a new type has a code: its first version needs two people as every other does
        foresee=_foresee_type,
        describe=lambda before, after: [
            (row.label, row.before, row.after) for row in rule_words.type_row_differences(before, after)
        ],
        refuse=rule_rows.refuse_type_values,
        permission=Permission.LEAD_AREA,
        page=change_page,
    )
)
GUARDED_PROFESSION = guard_model(
    GuardedModel(
        Profession,
        foresee=lambda _before, _after: [
            _("Platforms that ask whether a profile may claim it get the new answer at once.")
        ],
    )
)


def save_rule_row(
    *, row: Any, names: Iterable[str], guarded: GuardedModel, reason: str, by: User
) -> ChangeRequest | None:
    """Save the named fields of a row, or ask for a second person where one of them is guarded; returns what waits."""
    require_allowed(policies.refuse_leading(by))
    names = list(names)
    if guarded_names(guarded, row, names):
        return ask_for_row(row, names, reason=reason, by=by)
    new = row._state.adding
    label = row._meta.label_lower
    with transaction.atomic():
        before = {} if new else row_values(type(row)._base_manager.get(pk=row.pk), names)
        row.save(update_fields=None if new else names)
        after = row_values(row, names)
        if new:
            trail.record_event(f"{label}.added", row, by=by, after=after)
        elif names:
            trail.record_event(f"{label}.changed", row, by=by, before=before, after=after)
    return None
