"""Rules by drafts: written by one, examined, published by another, in force by their date."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from certification import policies, requirement_trees, rule_words
from certification.actions import rule_previews, rules
from certification.models import (
    ApplicantCategory,
    Certificate,
    Credential,
    CredentialType,
    CredentialTypeVersion,
    KeyArea,
    PreviewFinding,
    Requirement,
    RuleDraft,
    RulePreview,
)
from certification.policies import rules as rule_policies
from certification.proof import checked
from certification.states import ApplicationState, RuleDraftState
from certification.tests import factories as make
from portal import clock
from portal.audit.models import AuditEvent
from portal.errors import Conflict, Invalid, NotAllowed
from portal.people import changes as change_words
from portal.people.actions import changes
from portal.people.models import ChangeRequest, Letter, User
from portal.people.roles import ROLE_PERMISSIONS, Permission, Role
from portal.people.states import ChangeState

pytestmark = pytest.mark.django_db
WHY = "The association asks for it since May."


@pytest.fixture(autouse=True)
def _rules() -> None:
    make.reference()


@pytest.fixture
def office(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


def begin(lead: User, area: str = "cn-farming", category: str = "practitioner") -> RuleDraft:
    return rules.begin_requirement_draft(
        area=KeyArea.objects.get(code=area), category=ApplicantCategory.objects.get(code=category), by=lead
    )


def write(draft: RuleDraft, by: User, *, days: int = 40, **values: Any) -> RuleDraft:
    return rules.save_draft(
        draft=draft,
        revision=RuleDraft.objects.get(pk=draft.pk).revision,
        values={**draft.values, **values},
        in_force_from=clock.now() + timedelta(days=days),
        by=by,
    )


def ask(draft: RuleDraft, by: User) -> ChangeRequest:
    rule_previews.begin_preview(draft=draft, by=by)
    make.run_jobs()
    return rules.ask_for_publication(draft=draft, revision=draft.revision, reason=WHY, by=by)


def publish(draft: RuleDraft, by: User) -> None:
    changes.approve_change(change=ask(draft, by), by=make.person(Role.AREA_LEAD))


def tighten(lead: User, code: str = "practice-membership", **values: Any) -> RuleDraft:
    """A draft of the farmers' next version, which asks for one thing more."""
    draft = begin(lead)
    tree = requirement_trees.add_leaf(draft.expression, "", code)
    return write(draft, lead, expression=tree, **values)


@pytest.fixture
def membership() -> CredentialType:
    return CredentialType.objects.create(
        code="practice-membership", names={"en": "Membership of a farmers' association", "zh-hans": "农民协会会员"},
        evidence_kinds=["practice"], personal=False,
    )  # fmt: skip


# --- trees -----------------------------------------------------------------------------------


def test_a_tree_is_built_step_by_step() -> None:
    tree: dict[str, Any] = {"all": []}
    tree = requirement_trees.add_leaf(tree, "", "a")
    tree = requirement_trees.add_group(tree, "", "any")
    tree = requirement_trees.add_leaf(tree, "1", "b")
    tree = requirement_trees.add_group(tree, "1", "all")
    tree = requirement_trees.add_leaf(tree, "1.1", "c")
    tree = requirement_trees.add_leaf(tree, "1.1", "d")
    assert tree == {"all": [{"is": "a"}, {"any": [{"is": "b"}, {"all": [{"is": "c"}, {"is": "d"}]}]}]}
    assert requirement_trees.requirement_words(tree, {}) == "a and (b or (c and d))"
    tree = requirement_trees.move_part(tree, "1", -1)
    assert requirement_trees.requirement_words(tree, {}) == "(b or (c and d)) and a"
    tree = requirement_trees.remove_part(tree, "0.1")
    assert requirement_trees.tidy(tree) == {"all": [{"is": "b"}, {"is": "a"}]}
    assert requirement_trees.turn_group(tree, "", "any")["any"][1] == {"is": "a"}


@pytest.mark.parametrize("path", ["5", "0", "0.0", "x", "1.7"])
def test_steps_at_a_place_that_is_gone_are_refused(path: str) -> None:
    tree: dict[str, Any] = {"all": [{"is": "a"}, {"any": []}]}
    with pytest.raises(Conflict):
        requirement_trees.add_leaf(tree, path, "b")


def test_groups_are_not_nested_without_end() -> None:
    tree: dict[str, Any] = {"all": [{"any": [{"all": [{"any": []}]}]}]}
    with pytest.raises(Conflict, match="too deeply"):
        requirement_trees.add_group(tree, "0.0.0", "all")


# --- who may ---------------------------------------------------------------------------------


def test_nobody_who_writes_rules_decides_applications() -> None:
    both = [
        role for role, held in ROLE_PERMISSIONS.items() if Permission.LEAD_AREA in held and Permission.REVIEW in held
    ]
    assert both == []


@pytest.mark.parametrize("role", [Role.CREATOR, Role.REVIEWER, Role.SENIOR_REVIEWER, Role.AUDITOR])
def test_others_write_no_rules(role: Role, client: Client) -> None:
    person = make.person(role)
    with pytest.raises(NotAllowed):
        begin(person)
    client.force_login(person)
    assert client.get(reverse("certification:rules")).status_code == 403


def test_nobody_publishes_their_own_draft(lead: User, membership: CredentialType) -> None:
    change = ask(tighten(lead), lead)
    with pytest.raises(NotAllowed, match="someone else must approve"):
        changes.approve_change(change=change, by=lead)
    with pytest.raises(NotAllowed):
        changes.approve_change(change=change, by=make.reviewer())
    changes.approve_change(change=change, by=make.person(Role.ADMIN))
    assert Requirement.objects.get(version=2, area__code="cn-farming").codes[-1] == membership.code


def test_whoever_changed_the_draft_last_is_the_one_who_asks(lead: User, membership: CredentialType) -> None:
    draft = tighten(lead)
    rule_previews.begin_preview(draft=draft, by=lead)
    with pytest.raises(NotAllowed, match="Someone else changed this draft last"):
        rules.ask_for_publication(draft=draft, revision=draft.revision, reason=WHY, by=make.person(Role.AREA_LEAD))


def test_all_who_may_decide_get_a_letter_with_the_page(lead: User, membership: CredentialType) -> None:
    second, admin = make.person(Role.AREA_LEAD), make.person(Role.ADMIN)
    ask(tighten(lead), lead)
    told = set(Letter.objects.filter(kind="people/email/change_asked").values_list("person", flat=True))
    assert {lead.pk, second.pk, admin.pk} <= told
    assert make.reviewer().pk not in told


# --- what is refused -------------------------------------------------------------------------


def problems(draft: RuleDraft) -> str:
    return " ".join(rule_policies.draft_problems(RuleDraft.objects.with_rows().get(pk=draft.pk)))


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"all": []}, "nobody could meet an empty requirement"),
        ({"all": [{"is": "practice-work"}, {"any": []}]}, "A group is empty"),
        ({"all": [{"is": "gone"}]}, "There is no credential type"),
        ({"all": [{"is": "practice-work"}, {"is": "practice-work"}]}, "stands twice"),
        ({"all": [{"is": "us-npi"}]}, "belongs to another jurisdiction"),
        ({"all": [{"is": "cn-lawyer"}]}, "must not be based on a licence"),
    ],
)
def test_requirements_that_nobody_could_meet_are_not_published(tree: dict[str, Any], said: str, lead: User) -> None:
    draft = write(begin(lead), lead, expression=tree)
    assert said in problems(draft)
    with pytest.raises(NotAllowed):
        ask(draft, lead)


def test_a_type_that_is_no_longer_in_use_is_not_named(lead: User, membership: CredentialType) -> None:
    draft = tighten(lead)
    assert problems(draft) == ""
    CredentialType.objects.filter(pk=membership.pk).update(active=False)
    assert "no longer in use" in problems(draft)


def test_a_version_has_texts_in_both_languages_a_validity_and_a_day_to_come(
    lead: User, membership: CredentialType
) -> None:
    draft = tighten(lead, labels={"en": "Farmer"}, max_validity=None)
    assert "Chinese" in problems(draft)
    assert "longest validity" in problems(draft)
    for days, said in ((-1, "must be in the future"), (900, "within the next two years")):
        assert said in problems(write(draft, lead, days=days))
    RuleDraft.objects.filter(pk=draft.pk).update(in_force_from=None)
    assert "enter the day" in problems(draft)


def test_what_differs_in_nothing_is_not_published(lead: User) -> None:
    assert problems(write(begin(lead), lead)) == "Nothing differs from the published version."


def test_nothing_is_asked_for_before_somebody_looked_who_would_fail(lead: User, membership: CredentialType) -> None:
    draft = tighten(lead)
    with pytest.raises(NotAllowed, match="which certificates would fail"):
        rules.ask_for_publication(draft=draft, revision=draft.revision, reason=WHY, by=lead)


def test_a_day_that_passed_while_the_request_waited_ends_it(lead: User, membership: CredentialType) -> None:
    draft = tighten(lead)
    draft = write(draft, lead, days=1)
    change, second = ask(draft, lead), make.person(Role.AREA_LEAD)
    with clock.freeze_time(clock.now() + timedelta(days=2)), pytest.raises(Conflict, match="must be in the future"):
        changes.approve_change(change=change, by=second)
    change.refresh_from_db()
    assert change.state == ChangeState.OVERTAKEN
    assert RuleDraft.objects.get(pk=draft.pk).state == RuleDraftState.DRAFT
    assert not Requirement.objects.filter(version=2).exists()


def test_the_order_of_versions_is_the_order_of_their_days(lead: User, membership: CredentialType) -> None:
    publish(tighten(lead), lead)
    later = write(begin(lead), lead, days=20, max_validity=200)
    assert "applies from a later day" in problems(later)


# --- two at once -----------------------------------------------------------------------------


def test_there_is_one_draft_of_a_rule_and_two_savings_do_not_overwrite_each_other(lead: User) -> None:
    other = make.person(Role.AREA_LEAD)
    draft = begin(lead)
    assert begin(other).pk == draft.pk
    rules.save_draft(
        draft=draft, revision=1, values={**draft.values, "max_validity": 100}, in_force_from=None, by=other
    )
    with pytest.raises(Conflict, match="has saved this draft in the meantime"):
        rules.save_draft(draft=draft, revision=1, values=draft.values, in_force_from=None, by=lead)
    assert RuleDraft.objects.get(pk=draft.pk).values["max_validity"] == 100


def test_the_database_refuses_a_second_draft_of_the_same_rule(lead: User) -> None:
    draft = begin(lead)
    twin = RuleDraft(area=draft.area, category=draft.category, begun_by=lead, edited_by=lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


def test_a_draft_does_not_change_while_a_second_person_is_asked(lead: User, membership: CredentialType) -> None:
    draft = tighten(lead)
    change = ask(draft, lead)
    with pytest.raises(NotAllowed, match="waiting for a second person"):
        write(draft, lead, max_validity=9)
    with pytest.raises(NotAllowed):
        rules.discard_draft(draft=draft, by=lead)
    changes.withdraw_change(change=change, by=lead)
    assert write(draft, lead, max_validity=9).values["max_validity"] == 9


def test_what_a_draft_says_is_what_was_asked_for_or_nothing_is_published(
    lead: User, membership: CredentialType
) -> None:
    change = ask(tighten(lead), lead)
    RuleDraft.objects.update(revision=99)  # as if the draft had been changed around the actions
    with pytest.raises(Conflict, match="changed after publication was requested"):
        changes.approve_change(change=change, by=make.person(Role.AREA_LEAD))
    assert not Requirement.objects.filter(version=2).exists()


def test_a_version_published_meanwhile_is_seen_before_the_next_one(lead: User, membership: CredentialType) -> None:
    draft = tighten(lead)
    old = rule_policies.newest_requirement(draft.area_id, draft.category_id)  # type: ignore[arg-type]
    assert old is not None
    Requirement.objects.create(
        area=old.area, category=old.category, version=2, expression=old.expression, labels=old.labels,
        max_validity=10, in_force_from=clock.now(),
    )  # fmt: skip
    assert "newer version was published" in problems(draft)
    assert problems(write(draft, lead)) == ""


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_once_write_in_the_same_draft() -> None:
    make.reference()
    first, second = make.person(Role.AREA_LEAD), make.person(Role.AREA_LEAD)
    found: list[int] = []

    def go(person: User) -> None:
        try:
            found.append(begin(person).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(person,)) for person in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1


# --- who would fail --------------------------------------------------------------------------


def test_preview_tells_who_would_fail_and_why(lead: User, membership: CredentialType) -> None:
    first, second = make.certificate(), make.certificate()
    make.certificate("cn-law")
    make.draft()
    preview = rule_previews.begin_preview(draft=tighten(lead, max_validity=100), by=lead)
    assert (preview.total, preview.examined, preview.failing, preview.open_drafts) == (2, 2, 2, 1)
    rows = {row.certificate_id: row for row in PreviewFinding.objects.filter(preview=preview)}
    assert rows.keys() == {first.pk, second.pk}
    assert rule_words.reasons_words(rows[first.pk].reasons, rule_words.type_names()) == [
        "Not shown so far: Membership of a farmers' association.",
        "It would have ended after 100 days.",
    ]


def test_preview_of_a_shorter_validity_fails_nobody(lead: User) -> None:
    make.certificate()
    preview = rule_previews.begin_preview(draft=write(begin(lead), lead, max_validity=100), by=lead)
    assert (preview.failing, preview.shorter) == (0, 1)


def test_a_long_preview_is_made_by_a_job_that_may_die_and_run_twice(
    lead: User, membership: CredentialType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_previews, "AT_ONCE", 1)
    monkeypatch.setattr(rule_previews, "_BATCH", 1)
    for _number in range(3):
        make.certificate()
    preview = rule_previews.begin_preview(draft=tighten(lead), by=lead)
    assert preview.finished_at is None
    assert not rule_previews._examine_batch(preview.pk)  # the first worker dies here
    make.run_jobs()
    preview.refresh_from_db()
    assert (preview.examined, preview.failing) == (3, 3)
    assert rule_previews._examine_batch(preview.pk)
    assert PreviewFinding.objects.filter(preview=preview).count() == 3


def test_previews_of_what_is_not_said_any_more_are_deleted(lead: User, membership: CredentialType) -> None:
    make.certificate()
    draft = tighten(lead)
    old = rule_previews.begin_preview(draft=draft, by=lead)
    draft = write(draft, lead, max_validity=50)
    new = rule_previews.begin_preview(draft=draft, by=lead)
    assert rule_previews.purge_previews() == 1
    assert list(RulePreview.objects.values_list("pk", flat=True)) == [new.pk]
    assert not PreviewFinding.objects.filter(preview=old).exists()
    rules.discard_draft(draft=draft, by=lead)
    assert rule_previews.purge_previews() == 0
    with clock.freeze_time(clock.now() + timedelta(days=31)):
        assert rule_previews.purge_previews() == 1


def type_draft(lead: User, code: str, **values: Any) -> RuleDraft:
    draft = rules.begin_type_draft(kind=CredentialType.objects.get(code=code), by=lead)
    return write(draft, lead, **values)


@pytest.mark.parametrize(
    ("code", "area", "values", "reason"),
    [
        ("cn-lawyer", "cn-law", {"identifier_pattern": r"9\d{16}"}, "does not have the new format"),
        ("cn-lawyer", "cn-law", {"identifier_pattern": r"[0-9A-Z]{18}", "checksum": "cn_uscc"}, "check digit"),
        (
            "cn-lawyer",
            "cn-law",
            {"evidence_kinds": ["licence", "degree"]},
            "“Degree or study report” was not submitted",
        ),
        ("cn-lawyer", "cn-law", {"needs_expiry": True}, "no end date was declared"),
        ("cn-lawyer", "cn-law", {"max_age_of_proof": 30}, "the date of the document was not declared"),
    ],
)
def test_preview_of_a_credential_type(lead: User, code: str, area: str, values: dict[str, Any], reason: str) -> None:
    certificate = make.certificate(area)
    Credential.objects.filter(application=certificate.application).update(expires_on=None)
    certificate.application.documents.update(dated_on=None)
    preview = rule_previews.begin_preview(draft=type_draft(lead, code, unconfirmed=False, **values), by=lead)
    assert (preview.total, preview.failing) == (1, 1)
    said = " ".join(rule_words.reasons_words(preview.findings.get().reasons, rule_words.type_names()))
    assert reason in said
    number = certificate.application.credentials.get().identifier_masked
    assert not re.search(r"\d{6}", said)
    assert number not in said


def test_a_number_that_was_deleted_since_cannot_be_compared(lead: User) -> None:
    certificate = make.certificate("cn-law")
    Credential.objects.filter(application=certificate.application).update(identifier_sealed="")
    preview = rule_previews.begin_preview(draft=type_draft(lead, "cn-lawyer", identifier_pattern=r"9\d{16}"), by=lead)
    assert (preview.failing, preview.unknown) == (0, 1)


def test_an_older_proof_than_is_accepted_fails(lead: User) -> None:
    certificate = make.certificate("cn-law")
    handed_in = certificate.application.submitted_at
    assert handed_in is not None
    certificate.application.documents.update(dated_on=(handed_in - timedelta(days=50)).date())
    for most, failing in ((49, 1), (50, 0)):
        preview = rule_previews.begin_preview(draft=type_draft(lead, "cn-lawyer", max_age_of_proof=most), by=lead)
        assert preview.failing == failing


# --- versions of credential types ------------------------------------------------------------


def test_a_version_of_a_type_is_in_force_by_its_day_even_before_any_job_ran(lead: User) -> None:
    draft = type_draft(lead, "cn-lawyer", max_validity=100)
    publish(draft, lead)
    kind = CredentialType.objects.get(code="cn-lawyer")
    before = kind.max_validity
    assert rules.apply_due_versions() == 0
    assert draft.in_force_from is not None
    made = make.draft("cn-law")
    early = make.application(ApplicationState.SUBMITTED, "cn-law")
    with clock.freeze_time(draft.in_force_from):
        make.submit(made)
        kind.refresh_from_db()
        assert (kind.max_validity, kind.version) == (100, 2)
    assert early.credentials.get().type_version == 1
    assert made.credentials.get().type_version == 2
    version = CredentialTypeVersion.objects.get(type=kind)
    assert version.before["max_validity"] == before
    assert version.applied_at == draft.in_force_from
    assert AuditEvent.objects.filter(event="certification.credentialtype.version_applied").count() == 1


def test_what_a_certificate_says_was_checked_stays_when_its_type_changes(lead: User) -> None:
    certificate = make.certificate("cn-law")
    said = [row.ways for row in checked.checked_credentials(certificate)]
    assert any("read the document" in way for ways in said for way in ways)
    draft = type_draft(lead, "cn-lawyer", evidence_kinds=[])
    publish(draft, lead)
    with clock.freeze_time(clock.now() + timedelta(days=41)):
        rules.apply_due_versions()
        assert CredentialType.objects.get(code="cn-lawyer").version == 2
        later = Certificate.objects.get(pk=certificate.pk)
        assert [row.ways for row in checked.checked_credentials(later)] == said


def test_a_credential_keeps_the_version_by_which_it_was_accepted(lead: User) -> None:
    application = make.application(ApplicationState.IN_REVIEW, "cn-law")
    publish(type_draft(lead, "cn-lawyer", max_validity=200), lead)
    with clock.freeze_time(clock.now() + timedelta(days=41)):
        make.approve(application)
        credential = application.credentials.get()
        assert (credential.type_version, credential.type.max_validity) == (2, 200)


def test_a_published_version_of_a_type_stays_as_it_is(lead: User) -> None:
    publish(type_draft(lead, "cn-lawyer", max_validity=100), lead)
    with pytest.raises(IntegrityError, match="stays as it was published"), transaction.atomic():
        CredentialTypeVersion.objects.update(values={})
    with pytest.raises(IntegrityError, match="stays as it was published"), transaction.atomic():
        CredentialTypeVersion.objects.all().delete()


def test_a_second_version_is_drafted_from_the_one_that_waits(lead: User) -> None:
    publish(type_draft(lead, "cn-lawyer", max_validity=100), lead)
    draft = type_draft(lead, "cn-lawyer", days=50, recheck_every=30)
    assert draft.base_version == 2
    assert draft.values["max_validity"] == 100
    publish(draft, lead)
    with clock.freeze_time(clock.now() + timedelta(days=60)):
        assert rules.apply_due_versions() == 2
    kind = CredentialType.objects.get(code="cn-lawyer")
    assert (kind.max_validity, kind.recheck_every, kind.version) == (100, 30, 3)


def test_a_requirement_does_not_name_what_a_version_that_waits_makes_of_a_type(
    lead: User, membership: CredentialType
) -> None:
    kind = CredentialType.objects.get(pk=membership.pk)
    kind.pk, kind.code = None, "truck-practice"
    kind.save(force_insert=True)
    publish(type_draft(lead, kind.code, licence=True), lead)
    draft = write(begin(lead), lead, expression={"all": [{"is": kind.code}]})
    assert any("must not be based on a licence" in problem for problem in rule_policies.draft_problems(draft))


def test_a_type_does_not_become_what_its_requirements_cannot_name(lead: User) -> None:
    us = KeyArea.objects.get(code="us-law").jurisdiction_id
    assert "named by a requirement of another jurisdiction" in problems(type_draft(lead, "cn-lawyer", jurisdiction=us))
    assert "must not be based on a licence" in problems(type_draft(lead, "practice-work", licence=True))


# --- in force by date ------------------------------------------------------------------------


def test_applications_and_renewals_use_the_version_in_force_and_keep_it(lead: User, membership: CredentialType) -> None:
    certificate = make.certificate()
    waiting = make.application(ApplicationState.SUBMITTED)
    draft = tighten(lead)
    publish(draft, lead)
    assert draft.in_force_from is not None
    assert waiting.requirement.version == certificate.requirement.version == 1  # type: ignore[union-attr]
    before, after = draft.in_force_from - timedelta(seconds=1), draft.in_force_from
    made = make.draft()
    with clock.freeze_time(before):
        assert policies.applicable_requirement(made).version == 1  # type: ignore[union-attr]
        assert policies.application_gaps(made) == []
    with clock.freeze_time(after):
        assert policies.applicable_requirement(made).version == 2  # type: ignore[union-attr]
        assert policies.application_gaps(made) == ["Please add: Membership of a farmers' association."]
        assert policies.applicable_requirement(waiting).version == 1  # type: ignore[union-attr]
    assert Certificate.objects.get(pk=certificate.pk).requirement.version == 1


def test_a_renewal_meets_the_new_rules_and_its_certificate_keeps_them(
    lead: User, membership: CredentialType, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make.certificate()
    publish(tighten(lead, max_validity=90), lead)
    with clock.freeze_time(certificate.renewal_opens_at + timedelta(days=1)):
        renewal = make.draft(applicant=certificate.holder, renews=certificate)
        with pytest.raises(Invalid, match="Please add: Membership of a farmers' association"):
            make.submit(renewal)
        make.declare(renewal, membership.code, "")
        make.submit(renewal)
        make.run_jobs()
        make.approve_wholly(make.fresh(renewal))
        renewed = Certificate.objects.get(renews=certificate)
        assert renewed.requirement.version == 2
        assert renewed.valid_to <= clock.now() + timedelta(days=90)
    assert Certificate.objects.get(pk=certificate.pk).requirement.version == 1


def test_published_versions_and_who_published_them_stand_in_the_audit_trail(
    lead: User, membership: CredentialType
) -> None:
    publish(tighten(lead), lead)
    event = AuditEvent.objects.get(event="certification.ruledraft.published")
    assert event.actor == lead.public_id
    assert event.data["approved_by"] not in ("", lead.public_id)
    assert event.data["version"] == 2


# --- words -----------------------------------------------------------------------------------


def test_differences_in_words_in_both_languages(lead: User, membership: CredentialType) -> None:
    draft = tighten(lead, max_validity=100)
    published = rule_policies.published_values(draft)
    assert rule_words.change_sentences(published, draft.values, rule_words.type_names()) == [
        "Required in addition: Membership of a farmers' association.",
        "Certificates are valid for at most 100 days.",
    ]
    [added, _validity] = rule_words.requirement_differences(published, draft.values, rule_words.type_names())
    assert (added.label, added.before) == ("Required in addition", "–")
    [dropped, _validity] = rule_words.requirement_differences(draft.values, published, rule_words.type_names())
    assert (dropped.label, dropped.after) == ("No longer required", "–")
    with translation.override("zh-hans"):
        said = rule_words.change_sentences(published, draft.values, rule_words.type_names())
    assert "农民协会会员" in said[0]
    assert "100" in said[1]


def test_a_change_is_described_as_its_reader_writes(lead: User, membership: CredentialType) -> None:
    make.certificate()
    change = ask(tighten(lead), lead)
    kind = change_words.change_kinds[change.kind]
    begins = change.after["in_force_from"][:10]
    assert begins not in str(kind.describe(change)[0])
    assert "Of 1 valid certificate, 1 would fail at its renewal as it is." in kind.foresee(change)
    with translation.override("zh-hans"):
        day = str(kind.describe(change)[0][2])
        assert (day[4], day[-1]) == ("年", "日")
        assert "：" in change_words.change_title(change)


# --- pages -----------------------------------------------------------------------------------


def press(office: Client, draft: RuleDraft, do: str, **typed: Any) -> Any:
    page = office.get(draft.get_absolute_url())
    form = page.context["form"]
    data = {"labels_en": form["labels"].value()["en"] if form["labels"].value() else "",
            "max_validity": form["max_validity"].value() or "", "revision": form["revision"].value(), "do": do}  # fmt: skip
    return office.post(draft.get_absolute_url(), {**data, **typed})


def test_the_tree_is_written_on_the_page_without_a_script(
    office: Client, lead: User, membership: CredentialType
) -> None:
    area = reverse("certification:rules_area", args=["cn-farming"])
    answer = office.post(area, {"category": "practitioner"})
    draft = RuleDraft.objects.get()
    assert answer.headers["Location"] == draft.get_absolute_url()
    answer = press(office, draft, "group-any:")
    assert answer.headers["Location"].endswith("#part-0")
    draft.refresh_from_db()
    path = f"{len(draft.expression['all']) - 1}"
    press(office, draft, f"add:{path}", **{f"type:{path}": "practice-membership"})
    press(office, draft, f"add:{path}", **{f"type:{path}": "cn-organisation"})
    draft.refresh_from_db()
    assert draft.expression["all"][-1] == {"any": [{"is": "practice-membership"}, {"is": "cn-organisation"}]}
    text = office.get(draft.get_absolute_url()).content.decode()
    assert "One of these" in text
    assert "{&quot;" not in text


def test_an_older_page_of_a_draft_is_refused_with_what_was_typed(office: Client, lead: User) -> None:
    draft = begin(lead)
    write(draft, make.person(Role.AREA_LEAD))
    answer = office.post(
        draft.get_absolute_url(), {"revision": 1, "labels_en": "Typed words", "max_validity": 77, "do": "save"}
    )
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "has saved this draft in the meantime" in text
    assert "Typed words" in text
    assert 'value="77"' in text


def test_a_wrong_figure_is_said_beside_its_field(office: Client, lead: User) -> None:
    draft = begin(lead)
    answer = office.post(
        draft.get_absolute_url(), {"revision": 1, "labels_en": "X", "max_validity": "abc", "do": "save"}
    )
    assert answer.status_code == 422
    assert "max_validity" in answer.context["form"].errors


def test_ask_and_publish_on_the_pages(
    office: Client, lead: User, membership: CredentialType, client_of: Callable[[User], Client]
) -> None:
    make.certificate()
    draft = tighten(lead)
    preview = reverse("certification:rules_preview", args=[draft.pk])
    office.post(preview, {"do": "count"})
    page = office.get(preview)
    assert "Not shown so far: Membership of a farmers&#x27; association." in page.content.decode()
    answer = office.post(preview, {"do": "ask", "reason": WHY, "revision": draft.revision})
    change = ChangeRequest.objects.get()
    page_of_change = reverse("certification:rules_change", args=[change.pk])
    assert answer.headers["Location"] == page_of_change
    assert "Publish this version" not in office.get(page_of_change).content.decode()
    second = client_of(make.person(Role.AREA_LEAD))
    assert "Membership of a farmers" in second.get(page_of_change).content.decode()
    empty = second.post(page_of_change, {"verb": "refuse", "reason": ""})
    assert empty.status_code == 422
    second.post(page_of_change, {"verb": "approve"})
    assert Requirement.objects.filter(area__code="cn-farming", version=2).exists()
    public = office.get(reverse("certification:area", args=["cn-farming"])).content.decode()
    assert "Required in addition: Membership of a farmers&#x27; association." in public


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    def enter(person: User) -> Client:
        browser = Client()
        browser.force_login(person)
        return browser

    return enter


def texts(field: str, english: str, chinese: str) -> dict[str, str]:
    return {f"{field}_en": english, f"{field}_zh-hans": chinese}


def test_an_area_and_a_category_are_made_by_area_leads_alone(office: Client, lead: User) -> None:
    place = KeyArea.objects.get(code="cn-law").jurisdiction_id
    data = {
        "code": "cn-driving", **texts("names", "Driving", "驾驶"), "jurisdiction": place, "topic": "driving",
        "decision_days": 5, "appeal_days": 10, "position": 5, "active": "on",
    }  # fmt: skip
    page = reverse("certification:rules_area_new")
    refused = office.post(page, data)
    assert "change_reason" in refused.context["form"].errors
    office.post(page, {**data, "change_reason": "Drivers ask for it."})
    change = ChangeRequest.objects.get()
    assert not KeyArea.objects.filter(code="cn-driving").exists()
    changes.approve_change(change=change, by=make.person(Role.AREA_LEAD))
    assert KeyArea.objects.get(code="cn-driving").name == "Driving"
    category = reverse("certification:rules_category_new")
    office.post(category, {"code": "truck-driver", **texts("names", "Truck driver", "货车司机"), "position": 5})
    assert ApplicantCategory.objects.get(code="truck-driver").name == "Truck driver"


TYPE = {
    "code": "cn-truck-licence", **texts("names", "Truck licence", "货车驾驶证"), "registry": "none", "licence": "on",
    **texts("identifier_labels", "Licence number", "证号"), **texts("identifier_hints", "TL and 6 digits", "TL 加 6 位数字"),
    "identifier_pattern": r"TL\d{6}", "evidence_kinds": ["licence"], "personal": "on",
}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"identifier_pattern": "(TL+)+"}, "identifier_pattern", "repeats without an end"),
        ({"identifier_pattern": "("}, "identifier_pattern", "not complete"),
        ({"identifier_pattern": r"TL\d{6}"}, "example", "enter an example"),
        ({"example": "TL12345"}, "example", "does not have the format: “TL”, then 6 digits"),
        ({"identifier_pattern": r"\d{10}", "checksum": "us_npi", "example": "1234567890"}, "example", "check digit"),
        (
            {"identifier_pattern": r"\d{9}", "checksum": "us_npi", "example": "123456789"},
            "checksum",
            "No number can meet",
        ),
        ({"identifier_pattern": "", "evidence_kinds": []}, "evidence_kinds", "nothing to check"),
        (
            {"identifier_pattern": "", "registry": "file", "register_code": "us-npi"},
            "identifier_pattern",
            "needs a number",
        ),
        ({"example": "TL123456", "max_age_of_proof": 0}, "max_age_of_proof", "nobody could meet it"),
        ({"example": "TL123456", "recheck_every": 30}, "recheck_every", "no register"),
    ],
)
def test_credential_types_that_cannot_be_met_are_refused(
    office: Client, typed: dict[str, Any], field: str, said: str
) -> None:
    answer = office.post(reverse("certification:rules_type_new"), {**TYPE, **typed})
    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors.get(field, []))
    assert not CredentialType.objects.filter(code="cn-truck-licence").exists()


@pytest.mark.parametrize("registry", ["file", "http"])
def test_a_register_that_is_asked_automatically_is_named(office: Client, registry: str) -> None:
    page = reverse("certification:rules_type_new")
    answer = office.post(page, {**TYPE, "registry": registry, "example": "TL 123-456"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["register_code"]


def test_an_imported_register_is_chosen_by_its_code(office: Client) -> None:
    typed = {**TYPE, "registry": "file", "register_code": "us-npi", "example": "TL 123-456"}
    answer = office.post(reverse("certification:rules_type_new"), {**typed, "change_reason": WHY})
    assert answer.status_code == 302, answer.context["form"].errors
    changes.approve_change(change=ChangeRequest.objects.get(), by=make.person(Role.AREA_LEAD))
    assert CredentialType.objects.get(code="cn-truck-licence").register_code == "us-npi"


def test_a_credential_type_is_added_and_drafted_on_the_pages(office: Client, lead: User) -> None:
    office.post(reverse("certification:rules_type_new"), {**TYPE, "example": "TL 123-456", "change_reason": WHY})
    changes.approve_change(change=ChangeRequest.objects.get(), by=make.person(Role.AREA_LEAD))
    page = reverse("certification:rules_type", args=["cn-truck-licence"])
    assert "“TL”, then 6 digits" in office.get(page).content.decode()
    office.post(page)
    draft = RuleDraft.objects.get()
    assert office.get(draft.get_absolute_url()).status_code == 200
    data = {
        **TYPE,
        "revision": 1,
        "in_force_on": (clock.today() + timedelta(days=9)).isoformat(),
        "max_age_of_proof": 90,
    }
    answer = office.post(draft.get_absolute_url(), {**data, "do": "preview"})
    assert answer.status_code == 302, answer.context["form"].errors
    draft.refresh_from_db()
    assert draft.values["max_age_of_proof"] == 90
    assert draft.values["identifier_pattern"] == r"TL\d{6}"
    assert office.get(reverse("certification:rules_preview", args=[draft.pk])).status_code == 200


def test_discard(office: Client, lead: User) -> None:
    draft = begin(lead)
    page = reverse("certification:rules_draft_discard", args=[draft.pk])
    assert office.get(page).status_code == 200
    office.post(page)
    draft.refresh_from_db()
    assert draft.state == RuleDraftState.DISCARDED
    assert office.post(page).status_code == 302
    assert office.get(draft.get_absolute_url()).status_code == 200


def test_changes_of_roles_are_not_shown_to_area_leads(office: Client) -> None:
    change = ChangeRequest.objects.create(
        kind="people.role", title="x", reason="x", asked_by=make.person(Role.ADMIN), person=make.person()
    )
    assert office.get(reverse("certification:rules_change", args=[change.pk])).status_code == 404
