"""Every page that lists rows asks the database as often for twenty rows as for one.

A page is named as in role_table: its URL name and, after a space, what of the world it asks for; then
perhaps a query string.
"""

import itertools
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.idp.oidc.models import Token
from django.contrib import admin
from django.core.cache import cache
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from certification.models import (
    Abolition,
    Application,
    AreaBan,
    Batch,
    BatchItem,
    Certificate,
    CredentialType,
    CredentialTypeVersion,
    Document,
    InspectionRound,
    PreviewFinding,
    Requirement,
    RuleDraft,
    RulePreview,
)
from complaints.models import (
    Authorisation,
    Comparison,
    ComparisonEvidence,
    Complaint,
    EvidenceLook,
    Exhibit,
    MatchSegment,
    PlatformReport,
    PossibleCopy,
    Remedy,
    Restitution,
    RestitutionControl,
    RestitutionPolicy,
    Work,
)
from complaints.states import Side
from complaints.tests import factories as originality
from portal import clock
from portal.audit import trail
from portal.evidence.models import EvidenceAccess, EvidenceFile, EvidencePage
from portal.notifications.models import Notification
from portal.outbound.http import ClientSettings, traffic
from portal.outbound.models import Discrepancy
from portal.people.actions import api_clients
from portal.people.models import ChangeRequest, LinkedAccount, Mandate, Recovery, User
from portal.people.tokens import Scope
from portal.privacy.models import Erasure
from portal.reviews import events
from portal.reviews.models import ConflictOfInterest, Decision, ReviewCase, ReviewerSkill
from portal.sandbox.models import Account, Follow, Post
from portal.testing.queries import Row, assert_queries_do_not_grow, copy_row, count_queries
from portal.tests import role_walk as walk
from portal.tests.role_walk import World

pytestmark = pytest.mark.django_db

CASE_PAGES = {"reviews:case_page"}
MOST_OF_A_CASE_PAGE, MOST_OF_AN_ADMIN_LIST = 40, 12
DAY = timedelta(days=1)


def _of_role(world: World, role: str) -> User:
    person = world.people[role]
    assert person is not None
    return person


def _person(world: World) -> User:
    return copy_row(_of_role(world, "creator"))


def _certificate(world: World) -> Certificate:
    """Of somebody else with a proven account, in the register."""
    link = copy_row(_first(LinkedAccount), person=_person(world))
    return copy_row(world.certificate, holder=link.person)


def _case_of(world: World) -> ReviewCase:
    assert world.application.case is not None
    return world.application.case


def _case(world: World, **fields: Any) -> ReviewCase:
    free: dict[str, Any] = {"state": "waiting", "claimed_by": None, "lease_until": None, "topics": []}
    return copy_row(_case_of(world), **free | fields)


def _claimed_case(world: World, role: str) -> ReviewCase:
    return _case(world, state="claimed", claimed_by=_of_role(world, role), lease_until=clock.now())


def _decision(world: World, role: str) -> Decision:
    case = _case(world, state="closed", closed_at=clock.now())
    return Decision.objects.create(
        case=case,
        case_version=1,
        stage="first",
        state="final",
        outcome="approved",
        adverse=False,
        by=_of_role(world, role),
    )


def _another_restitution(world: World) -> Restitution:
    remedy = copy_row(_first(Remedy), decision=_decision(world, "senior_reviewer"))
    return copy_row(_first(Restitution, state="paused"), remedy=remedy)


def _another_control(world: World) -> RestitutionControl:
    made = _first(RestitutionControl, kind="pause")
    return copy_row(made, restitution=made.restitution, by=_person(world))


def _event(world: World) -> None:
    case = _case_of(world)
    trail.record_event(events.CASE_CHANGED, case, by=None)


def _open_area(world: World) -> None:
    """A case in another area; the figures are kept for a while."""
    cache.clear()
    _case(world, skill=copy_row(world.application.area).code)


def _traffic(_world: World) -> None:
    for _ in range(3):
        permit = traffic.admit_call(f"p{uuid4().hex[:10]}", ClientSettings(), patience=1, probe_seconds=1)
        traffic.record_failure(permit, "no_answer", None)


def _complaint(world: World, **fields: Any) -> Complaint:
    return copy_row(world.complaint, state="withdrawn", **fields)


def _conflict(world: World) -> ConflictOfInterest:
    return ConflictOfInterest.objects.create(reviewer=_of_role(world, "reviewer"), user=_person(world))


def _only_skill(_world: World) -> ReviewerSkill:
    """The world has more than a page of them."""
    row = _first(ReviewerSkill)
    ReviewerSkill.objects.exclude(pk=row.pk).exclude(skill__regex="^[0-9]").delete()
    return copy_row(row)


def _look(world: World) -> EvidenceAccess:
    file = EvidenceFile.objects.get(pk=world.args["file"][0])
    return EvidenceAccess.objects.create(file=file, by=_of_role(world, "reviewer"), page=1, why="C-000001")


def _exhibit(world: World, side: str) -> Exhibit:
    complaint = world.complaint
    if there := Exhibit.objects.filter(complaint=complaint, side=side).exclude(file=None).first():
        return copy_row(there)
    by = complaint.complainant if side == Side.COMPLAINANT else complaint.respondent
    assert by is not None
    return Exhibit.objects.create(complaint=complaint, by=by, side=side, level=2, file=originality.paper(by))


def _segment(world: World) -> MatchSegment:
    comparison = Comparison.objects.get(complaint=world.complaint)
    times = {"a_start": 0, "a_end": 1, "b_start": 1, "b_end": 2}
    return MatchSegment.objects.create(comparison=comparison, grade=comparison.grade, **times)


def _follow(world: World) -> Follow:
    followed = Account.objects.get(handle=world.args["handle"][0])
    follower = copy_row(followed)
    return Follow.objects.create(account=followed, follower=follower, source_kind="profile", created_at=clock.now())


def _possible_copy(world: World) -> PossibleCopy:
    found = PossibleCopy.objects.get(pk=world.args["possible copy"][0])
    return copy_row(found, post=copy_row(found.post))


def _rule_draft(world: World) -> RuleDraft:
    return copy_row(_first(RuleDraft), type=copy_row(_first(CredentialType)))


def _version(world: World) -> Requirement:
    """A version that is not in force yet."""
    return copy_row(_first(Requirement, area=world.application.area), version=_next_version(), in_force_from=_SOON)


def _type_version(world: World) -> CredentialTypeVersion:
    kind = CredentialType.objects.get(code=world.args["rule type"][0])
    values = {"max_validity": 9}
    return CredentialTypeVersion.objects.create(type=kind, version=_next_version(), values=values, in_force_from=_SOON)


def _preview_finding(world: World) -> PreviewFinding:
    draft = RuleDraft.objects.get(pk=world.args["rule draft"][0])
    preview = RulePreview.objects.get_or_create(
        draft=draft, revision=draft.revision, defaults={"finished_at": clock.now()}
    )[0]
    certificate, reasons = _certificate(world), [{"code": "no_end", "type": "cn-lawyer"}]
    return PreviewFinding.objects.create(preview=preview, certificate=certificate, result="fails", reasons=reasons)


_versions = itertools.count(2)
_SOON = clock.now() + timedelta(days=30)


def _next_version() -> int:
    return next(_versions)


def _first(model: type[Row], **fields: Any) -> Row:
    return model._base_manager.filter(**fields).order_by("pk")[0]


def _batch_item(world: World) -> BatchItem:
    certificate = copy_row(world.certificate, area=copy_row(world.certificate.area))
    return copy_row(_first(BatchItem), certificate=certificate)


def _inspection_round(_world: World) -> InspectionRound:
    month = date(2000 + InspectionRound.objects.count(), 1, 1)
    return InspectionRound.objects.create(month=month, seed="00", population=50, drawn=1, flagged=0)


def _unchanged_renewal(world: World) -> Application:
    fields = {"unchanged": True, "renews": world.certificate, "case": _case(world, skill="cn-law")}
    return copy_row(world.application, applicant=_person(world), **fields)


def _proposed_renewal(world: World) -> Document:
    case = _case(world, skill="cn-law", stage="second", level=2)
    fields = {"unchanged": True, "renews": world.certificate, "case": case, "state": "second_review"}
    decision = _decision(world, "reviewer")
    proposed = copy_row(world.application, applicant=_person(world), decision=decision, **fields)
    return copy_row(_first(Document), application=proposed, credential=None)


Add = Callable[[World], object]
LISTS: list[tuple[str, str, Add]] = [
    # certification
    ("anonymous", "certification:register", _certificate),
    ("anonymous", "certification:register ?q=zhuang", _certificate),
    ("anonymous", "certification:areas", lambda w: copy_row(w.application.area)),
    ("creator", "certification:area_choice", lambda w: copy_row(w.application.area)),
    ("creator", "certification:home", lambda w: copy_row(w.application, state="withdrawn")),
    ("creator", "certification:home", lambda w: copy_row(w.certificate, area=copy_row(w.certificate.area))),
    ("agent", "certification:home", lambda w: copy_row(w.application, state="withdrawn")),
    ("creator", "certification:application number", lambda w: copy_row(_first(Document, application=w.application))),
    ("reviewer", "certification:unchanged_renewals", _unchanged_renewal),
    ("senior_reviewer", "certification:unchanged_renewals", _proposed_renewal),
    ("area_lead", "certification:batches", lambda _: copy_row(_first(Batch))),
    ("area_lead", "certification:batch batch", _batch_item),
    ("auditor", "certification:abolitions", lambda w: copy_row(_first(Abolition), area=copy_row(w.application.area))),
    ("auditor", "certification:inspections", _inspection_round),
    ("holder", "reviews:case_page case", lambda w: copy_row(_first(Document, application=w.application))),
    # the rules
    ("area_lead", "certification:rules", lambda w: copy_row(w.application.area)),
    ("area_lead", "certification:rules", _rule_draft),
    ("area_lead", "certification:rules_area area", _version),
    ("area_lead", "certification:rules_types", lambda _: copy_row(_first(CredentialType))),
    ("area_lead", "certification:rules_type rule type", _type_version),
    ("area_lead", "certification:rules_preview rule draft", _preview_finding),
    ("anonymous", "certification:area area", _version),
    # people
    ("creator", "people:mandates", lambda _: copy_row(_first(Mandate), agency=copy_row(_first(Mandate).agency))),
    ("agent", "people:clients", lambda w: copy_row(_first(Mandate), creator=_person(w))),
    ("creator", "people:links", lambda _: copy_row(_first(LinkedAccount))),
    ("admin", "people:recoveries", lambda w: copy_row(_first(Recovery), person=_person(w))),
    ("creator", "notifications:inbox", lambda w: copy_row(_first(Notification, user=w.people["creator"]))),
    ("admin", "notifications:undelivered", lambda _: copy_row(_first(Notification, delivery="failed"))),
    ("creator", "evidence:viewer file", lambda w: copy_row(_first(EvidencePage, file=w.args["file"][0]))),
    ("creator", "evidence:looks", _look),
    # the queue
    ("reviewer", "reviews:queue", _case),
    ("reviewer", "reviews:queue ?tab=mine", lambda w: _claimed_case(w, "reviewer")),
    ("senior_reviewer", "reviews:queue ?tab=seconds", lambda w: _case(w, stage="second", level=2)),
    ("senior_reviewer", "reviews:queue ?tab=appeals", lambda w: _case(w, stage="appeal", level=2)),
    ("reviewer", "reviews:queue ?tab=paused", lambda w: _case(w, state="paused", paused_at=clock.now())),
    ("reviewer", "reviews:queue ?tab=decided", lambda w: _decision(w, "reviewer")),
    ("area_lead", "reviews:team", _open_area),
    ("area_lead", "connectors:status", _traffic),
    ("reviewer", "reviews:conflicts", _conflict),
    ("auditor", "reviews:case case", _event),
    # complaints
    ("creator", "complaints:home", _complaint),
    ("creator", "complaints:works", lambda w: copy_row(_first(Work, owner=w.people["creator"]))),
    ("creator", "complaints:works", _possible_copy),
    ("creator", "complaints:work work", _possible_copy),
    ("creator", "complaints:authorisations", lambda _: copy_row(_first(Authorisation))),
    (
        "creator",
        "complaints:answers",
        lambda w: _complaint(w, complainant=w.people["stranger"], respondent=w.people["creator"]),
    ),
    ("creator", "complaints:original draft", lambda w: copy_row(_first(Work, owner=w.people["creator"]))),
    ("senior_reviewer", "complaints:restitutions", _another_restitution),
    (
        "auditor",
        "complaints:restitution restitution",
        _another_control,
    ),
    ("creator", "complaints:complaint complaint", lambda w: _exhibit(w, Side.COMPLAINANT)),
    ("respondent", "complaints:answer_file complaint", lambda w: _exhibit(w, Side.RESPONDENT)),
    ("judge", "reviews:case_page review", lambda w: _exhibit(w, Side.COMPLAINANT)),
    ("judge", "reviews:case_page review", _segment),
    # the sandbox
    ("anonymous", "sandbox:home", lambda _: copy_row(_first(Post), account=copy_row(_first(Post).account))),
    ("anonymous", "sandbox:watch post", lambda _: copy_row(_first(Post))),
    ("anonymous", "sandbox:account handle", lambda _: copy_row(_first(Post))),
    ("anonymous", "sandbox:followers handle", _follow),
    ("anonymous", "sandbox:act_as", lambda _: copy_row(_first(Account), bio="Known.")),
]


@pytest.mark.parametrize(("role", "listed", "add"), LISTS, ids=[f"{role}-{listed}" for role, listed, _add in LISTS])
def test_twenty_rows_cost_as_much_as_one(role: str, listed: str, add: Add, world: World) -> None:
    name, _space, wanted = listed.partition(" ")
    query = wanted if wanted.startswith("?") else ""
    args = world.args[wanted] if wanted and not query else []
    client, address = walk.client_of(world, role), reverse(name, args=args) + query
    assert_queries_do_not_grow(client, address, lambda: add(world))
    assert name not in CASE_PAGES or count_queries(client, address) <= MOST_OF_A_CASE_PAGE


def _remedy(world: World) -> Remedy:
    decision = _decision(world, "senior_reviewer")
    return Remedy.objects.create(complaint=world.complaint, decision=decision, kind="restitution")


def _restitution(world: World) -> Restitution:
    now = clock.now()
    return Restitution.objects.create(
        remedy=_remedy(world), platform="fake", source="1", target="2", until=now, hold_until=now, undo_until=now
    )


def _area_ban(world: World) -> AreaBan:
    now, decision = clock.now(), _decision(world, "senior_reviewer")
    return AreaBan.objects.create(
        person=_person(world), area=world.application.area, decision=decision, starts_at=now, ends_at=now + DAY
    )


def _evidence_look() -> EvidenceLook:
    return EvidenceLook.objects.create(evidence=_first(ComparisonEvidence), part=str(uuid4()), hour=clock.now())


def _erasure(world: World) -> Erasure:
    """One person has one open request at most."""
    now = clock.now()
    return Erasure.objects.create(person=_person(world), due_at=now)


NOT_IN_THE_WORLD: dict[str, Callable[[World], Model]] = {
    "privacy_erasure": _erasure,
    "certification_areaban": _area_ban,
    "complaints_platformreport": lambda _: PlatformReport.objects.create(
        platform="peertube", report="1", problem="gone"
    ),
    "complaints_remedy": _remedy,
    "complaints_restitution": _restitution,
    "complaints_restitutionpolicy": lambda _: RestitutionPolicy.objects.create(region="us", hold_days=1, undo_days=1),
    "outbound_discrepancy": lambda _: Discrepancy.objects.create(
        key="1", platform="sandbox", effect="label", wanted=True, subject="CT-1", problem="ignored"
    ),
    "complaints_evidencelook": lambda _: _evidence_look(),
    "evidence_evidenceaccess": lambda w: EvidenceAccess.objects.create(file_id=w.args["file"][0], why="A look."),
    "people_changerequest": lambda w: ChangeRequest.objects.create(
        kind="people.invitation", title="N", reason="x", after={"role": "auditor"}, asked_by=_person(w)
    ),
    "reviews_conflictofinterest": _conflict,
}


# Whoever decided something does not decide on a copy of the case: it is about the same.
OTHER_ROWS: dict[str, Callable[[World], Model]] = {
    "complaints_evidencelook": lambda _: _evidence_look(),
    "privacy_erasure": _erasure,
    "reviews_decision": lambda w: _decision(w, "senior_reviewer"),
    "reviews_reviewerskill": _only_skill,
}


@pytest.mark.parametrize("prefix", walk.admin_pages())
def test_lists_of_the_admin_cost_as_much_for_twenty_rows(prefix: str, world: World) -> None:
    model = walk.admin_pages()[prefix]
    row = model._default_manager.order_by("pk").first() or NOT_IN_THE_WORLD[prefix](world)
    client, address = walk.client_of(world, "admin"), reverse(f"admin:{prefix}_changelist")
    add: Callable[[World], Model] = OTHER_ROWS.get(prefix, lambda _world: copy_row(row))
    is_full = model._default_manager.count() >= admin.site.get_model_admin(model).list_per_page
    assert_queries_do_not_grow(client, address, lambda: add(world), is_full=is_full)
    assert count_queries(client, address) <= MOST_OF_AN_ADMIN_LIST


API_LISTS: list[tuple[str, str, Add]] = [
    (Scope.APPLICATIONS, "certification_api:applications", lambda w: copy_row(w.application, state="withdrawn")),
    (Scope.GATE, "certification_api:certificates", _certificate),
    (Scope.COMPLAINTS, "complaints_api:complaints", _complaint),
]


@pytest.mark.parametrize(("scope", "name", "add"), API_LISTS, ids=[name for _scope, name, _add in API_LISTS])
def test_lists_of_the_api_cost_as_much_for_twenty_rows(scope: str, name: str, add: Add, world: World) -> None:
    client = Client(headers={"Authorization": f"Bearer {_token(scope)}"})
    assert_queries_do_not_grow(client, reverse(name), lambda: add(world))


def _token(scope: str) -> str:
    api, _secret = api_clients.create_client(name="Lists", platform="fake", scopes=[scope])
    token = Token(type=Token.Type.ACCESS_TOKEN, client=api, scopes=api.scopes)
    token.set_value("a-token-for-lists")
    token.save()
    return "a-token-for-lists"
