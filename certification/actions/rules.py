"""Drafts of rules: begun, written, discarded, and published by a second person; versions of credential types applied.

Publishing is a change for two people (portal/people/actions/changes.py): whoever changed the draft last asks, and another
area lead or administrator agrees. The request keeps what the draft said, and a draft that was changed since is not published.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from certification import events, expressions, requirement_trees, rule_words
from certification.models import (
    ApplicantCategory,
    CredentialType,
    CredentialTypeVersion,
    KeyArea,
    RegistryKind,
    Requirement,
    RuleDraft,
)
from certification.policies import rules as policies
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Text, require_allowed
from portal.people.actions.changes import ask_for_change
from portal.people.changes import ChangeKind, ShownValue, register_change_kind
from portal.people.guarded_rows import set_values
from portal.people.models import ChangeRequest, User
from portal.people.roles import Permission

PUBLICATION = "certification.publication"


def begin_requirement_draft(*, area: KeyArea, category: ApplicantCategory, by: User) -> RuleDraft:
    """The open draft for a category in an area; a new one, which says what the newest version says, if there is none."""
    newest = policies.newest_requirement(area, category)
    values = rule_words.requirement_values(newest)
    values["expression"] = requirement_trees.as_group(values["expression"]) if values else {"all": []}
    version = newest.version if newest else 0
    return _begin(RuleDraft(area=area, category=category, values=values, base_version=version), by)


def begin_type_draft(*, kind: CredentialType, by: User) -> RuleDraft:
    """The open draft of a credential type; a new one, which says what the newest version says, if there is none."""
    draft = RuleDraft(type=kind)
    draft.values, draft.base_version = policies.published_values(draft), policies.newest_version(draft)
    return _begin(draft, by)


def save_draft(
    *, draft: RuleDraft, revision: int, values: Mapping[str, Any], in_force_from: datetime | None, by: User
) -> RuleDraft:
    """Save what was written. Raises Conflict where somebody saved meanwhile, NotAllowed while a second person is asked."""
    with transaction.atomic():
        row = _locked(draft, revision)
        require_allowed(policies.refuse_writing_draft(row, by))
        row.write(
            values=dict(values),
            in_force_from=in_force_from,
            base_version=policies.newest_version(row),
            revision=revision + 1,
            edited_by=by,
            edited_at=clock.now(),
        )
    return row


def discard_draft(*, draft: RuleDraft, by: User) -> None:
    """Give a draft up; it stays in the list of drafts that were closed."""
    with transaction.atomic():
        row = RuleDraft.objects.locked().get(pk=draft.pk)
        require_allowed(policies.refuse_writing_draft(row, by))
        row.move("discard", closed_at=clock.now())
        trail.record_event(events.RULE_DRAFT_DISCARDED, row, by=by)


def ask_for_publication(*, draft: RuleDraft, revision: int, reason: str, by: User) -> ChangeRequest:
    """Ask for a second person to publish exactly what the draft says now. Raises NotAllowed with what it lacks."""
    with transaction.atomic():
        row = _locked(draft, revision)
        require_allowed(policies.refuse_asking_publication(row, by))
        assert row.in_force_from is not None  # noqa: S101 -- the policy saw to it
        change = ask_for_change(
            PUBLICATION,
            title=row.title,
            reason=reason,
            by=by,
            subject=row,
            before=policies.published_values(row),
            after={"revision": row.revision, "in_force_from": row.in_force_from.isoformat(), **row.values},
        )
        row.write(change=change)
    return change


def apply_due_versions() -> int:
    """Write the versions of credential types whose time has come to their types; returns how many.

    A periodic job does it, and whoever submits or decides an application does it first, so that no version begins late.
    """
    now = clock.now()
    if not CredentialTypeVersion.objects.due(now).exists():
        return 0
    with transaction.atomic():
        due = list(CredentialTypeVersion.objects.due(now))
        types = CredentialType.objects.filter(pk__in={version.type_id for version in due})
        kinds = {row.pk: row for row in types.order_by("pk").select_for_update(no_key=True)}
        return sum(_apply(kinds[version.type_id], version, now) for version in due)


def introduce_intervals(days_by_code: Mapping[str, int]) -> int:
    """Have types of an older installation looked up again by intervals that newer reference data bring; returns how many.

    Each is a version of its type, so that its history says since when. Types of which staff have published a version, or
    that have an interval already, stay as they are: a second run changes nothing, also where staff took the interval away.
    """
    now = clock.now()
    with transaction.atomic():
        wanted = CredentialType.objects.filter(code__in=days_by_code, version=1, recheck_every=None, versions=None)
        locked = CredentialType.objects.filter(pk__in=wanted.exclude(registry=RegistryKind.NONE).values("pk"))
        kinds = list(locked.order_by("pk").select_for_update(no_key=True))
        for kind in kinds:
            values = {**rule_words.type_values(kind), "recheck_every": days_by_code[kind.code]}
            version = CredentialTypeVersion.objects.create(type=kind, version=2, values=values, in_force_from=now)
            _apply(kind, version, now)
    return len(kinds)


def register_rule_changes() -> None:
    """Say how a publication is carried out; called once the app is ready."""
    register_change_kind(
        PUBLICATION,
        ChangeKind(
            gettext_lazy("Publication of a rule"),
            _publish,
            _foresee,
            _describe,
            permission=lambda _change: Permission.LEAD_AREA,
            page=change_page,
        ),
    )


def change_page(change: ChangeRequest) -> str:
    """Where area leads decide on a change."""
    return reverse("certification:rules_change", args=[change.pk])


def _begin(draft: RuleDraft, by: User) -> RuleDraft:
    require_allowed(policies.refuse_leading(by))
    same = RuleDraft.objects.open().filter(area=draft.area, category=draft.category, type=draft.type)
    if (found := same.first()) is not None:
        return found
    draft.begun_by = draft.edited_by = by
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
            trail.record_event(events.RULE_DRAFT_BEGUN, draft, by=by)
    except IntegrityError:
        return same.get()  # somebody else began at the same moment
    return draft


def _locked(draft: RuleDraft, revision: int) -> RuleDraft:
    row = RuleDraft.objects.locked().get(pk=draft.pk)
    if row.revision != revision:
        raise Conflict(
            _("%(person)s has saved this draft in the meantime. Please compare it with what you have written.")
            % {"person": row.edited_by}
        )
    return row


def _publish(change: ChangeRequest, by: User | None) -> None:
    """Carry out: the draft becomes a version. Whatever is not as it was when asked ends the request."""
    row = RuleDraft.objects.locked().get(pk=change.subject.partition(":")[2])
    if row.revision != change.after["revision"]:
        raise Conflict(_("The draft was changed after publication was requested."))
    _lock_what_it_names(row)
    if problems := policies.draft_problems(row):
        raise Conflict(problems[0])
    assert row.in_force_from is not None  # noqa: S101 -- no problem was found
    if row.type is not None:
        _require_valid_type(row.type, row.values)
        version = CredentialTypeVersion.objects.create(
            type=row.type, version=row.base_version + 1, values=row.values, in_force_from=row.in_force_from
        ).version
    else:
        version = _publish_requirement(row, row.in_force_from).version
    row.move("publish", closed_at=clock.now())
    trail.record_event(
        events.RULE_PUBLISHED, row, by=change.asked_by, change=change.pk, approved_by=by.public_id if by else "",
        version=version, in_force_from=row.in_force_from.isoformat(),
    )  # fmt: skip


def _lock_what_it_names(row: RuleDraft) -> None:
    """Read anew, and hold until the end, the rows with which a version must fit, so that no change of them passes unseen.

    Whoever makes a category one of practice alone holds its row; whoever takes a type out of use, or moves an area, theirs.
    """
    categories = ApplicantCategory.objects.order_by("pk").select_for_update(no_key=True)
    types = CredentialType.objects.order_by("pk").select_for_update(no_key=True)
    if row.type is not None:
        list(categories)  # any of them may have a requirement that names it
        row.type = types.get(pk=row.type.pk)
        return
    assert row.area is not None  # noqa: S101 -- the database sees to it
    assert row.category is not None  # noqa: S101 -- as above
    row.category = categories.get(pk=row.category.pk)
    list(types.filter(code__in=list(expressions.credential_codes(row.expression))))
    row.area = KeyArea.objects.select_for_update(no_key=True).get(pk=row.area.pk)


def _require_valid_type(kind: CredentialType, values: Mapping[str, Any]) -> None:
    """Validate what a type is to say, as its form did."""
    row = CredentialType.objects.get(pk=kind.pk)
    set_values(row, {name: value for name, value in values.items() if name in rule_words.TYPE_FIELDS})
    try:
        row.full_clean()
    except ValidationError as error:
        raise Conflict(" ".join(error.messages)) from error


def _publish_requirement(row: RuleDraft, begins: datetime) -> Requirement:
    assert row.area is not None  # noqa: S101 -- the database sees to it
    assert row.category is not None  # noqa: S101 -- as above
    requirement = Requirement(
        area=row.area,
        category=row.category,
        version=row.base_version + 1,
        expression=requirement_trees.tidy(row.expression),
        labels=row.values["labels"],
        max_validity=row.values["max_validity"],
        in_force_from=begins,
    )
    requirement.full_clean()
    requirement.save(force_insert=True)
    return requirement


def _apply(kind: CredentialType, version: CredentialTypeVersion, now: datetime) -> int:
    before = rule_words.type_values(kind)
    written = CredentialTypeVersion.objects.filter(pk=version.pk, applied_at=None)
    if not written.update(before=before, applied_at=now):
        return 0  # another process was first
    set_values(kind, {name: value for name, value in version.values.items() if name in rule_words.TYPE_FIELDS})
    kind.version = version.version
    kind.save()
    trail.record_event(events.TYPE_VERSION_APPLIED, kind, by=None, version=version.version)
    return 1


def _draft_of(change: ChangeRequest) -> RuleDraft:
    return RuleDraft.objects.with_rows().get(pk=change.subject.partition(":")[2])


def _foresee(change: ChangeRequest) -> Sequence[Text]:
    draft = _draft_of(change)
    preview = draft.previews.filter(revision=change.after["revision"]).first()
    sentences: list[Text] = [
        _("Applications submitted from that day on are checked against it; existing certificates do not change.")
        if draft.type is None
        else _(
            "Applications that are not decided by that day are checked against it; existing certificates do not change."
        )
    ]
    if preview is not None:
        sentences.append(
            ngettext(
                "Of %(total)d valid certificate, %(failing)d would fail at its renewal as it is.",
                "Of %(total)d valid certificates, %(failing)d would fail at their renewal as they are.",
                preview.total,
            )
            % {"total": preview.total, "failing": preview.failing}
        )
    return sentences


def _describe(change: ChangeRequest) -> Sequence[ShownValue]:
    draft = _draft_of(change)
    rows = rule_words.draft_differences(draft, change.before, change.after)
    begins = datetime.fromisoformat(change.after["in_force_from"])
    day = begins_on(begins, draft)
    return [(_("In force from"), "–", day), *((row.label, row.before, row.after) for row in rows)]


def begins_on(moment: datetime, draft: RuleDraft) -> str:
    """The day on which a version begins, as it is counted where it applies and as the reader writes days."""
    return date_format(moment.astimezone(policies.zone_of(draft)).date())
