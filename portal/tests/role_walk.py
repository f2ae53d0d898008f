"""Who asks in the test of the role table, and what there is to ask for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from certification.actions import abolitions, batches, guarded_rules, rules
from certification.models import Abolition, Application, Batch, Certificate, CredentialType, KeyArea
from certification.proof.status_lists import SIZE
from certification.states import ApplicationState as State
from certification.tests import factories as make
from complaints import notices
from complaints.actions import authorisations, drafts, works
from complaints.models import (
    Complaint,
    Exhibit,
    LibraryMatch,
    PossibleCopy,
    Remedy,
    Restitution,
    RestitutionControl,
    Work,
)
from complaints.states import ComplaintState, Side
from complaints.tests import factories as originality
from portal import clock
from portal.evidence.actions import marked_copies
from portal.jobs.models import Job, JobState
from portal.jobs.runner import run_due_jobs
from portal.notifications import messages
from portal.notifications.models import Notification
from portal.outbound.lookups import lookup_token
from portal.outbound.mail import Delivery
from portal.outbound.models import Lookup
from portal.people.actions import api_clients
from portal.people.models import Agency, LinkedAccount, Mandate, Recovery, User
from portal.people.roles import Role
from portal.people.tokens import Scope
from portal.privacy.actions import exports
from portal.reviews.models import Decision
from portal.sandbox.models import Account, Post
from portal.testing.transactions import rolled_back
from portal.webhooks.models import Event
from portal.webhooks.tests import factories as webhooks

ROLES = (
    "anonymous",
    "creator",
    "stranger",
    "agent",
    "reviewer",
    "senior_reviewer",
    "area_lead",
    "auditor",
    "admin",
    "holder",  # the reviewer who has the creator's application in hand
    "judge",  # the reviewer who has the creator's complaint in hand
    "guest",
    "respondent",  # nobody, with the signed link of the creator's complaint open in this browser
)


# What must stand in no log and no address.
NAME = "Zhuang Zhou"
STATEMENT = "A word for the reviewer alone."
ADDRESS = "7 Butterfly Lane"


@dataclass
class World:
    """The cast, and the creator's things."""

    people: dict[str, User | None]
    application: Application
    certificate: Certificate
    complaint: Complaint
    args: dict[str, list[Any]]


def world() -> World:
    """Somebody of each role; the creator has an application and a complaint in review, a certificate, a mandate given."""
    make.reference()
    creator, bureau = make.person(display_name=NAME), make.agency()
    mandate = Mandate.objects.create(creator=creator, agency=bureau, ends_at=clock.now() + timedelta(days=30))
    certificate = make.certificate("cn-farming", applicant=creator)
    application = make.application(State.IN_REVIEW, "cn-law", applicant=creator)
    people = _people(creator, bureau)
    make.claim(application, people["holder"])
    complaint = _complaint(creator)
    originality.claim(complaint, people["judge"])
    make.run_jobs()
    Application.objects.filter(pk=application.pk).update(statement=STATEMENT)
    document = application.documents.select_related("file").order_by("pk").first()
    assert document is not None
    assert application.case is not None
    credential = application.credentials.order_by("pk").first()
    assert credential is not None
    assert people["holder"] is not None
    marked_copies.request_copies([document.file], viewer=people["holder"], case=application.case.number)
    run_due_jobs([marked_copies.MARK_JOB])
    stranger = make.person()
    recovery = Recovery.objects.create(person=stranger)
    note = messages.notify_person(creator, "notifications.welcome", key="w")
    Notification.objects.filter(pk=note.pk).update(delivery=Delivery.FAILED)
    api, _secret = api_clients.create_client(name="Platform", platform="fake", scopes=[Scope.GATE])
    Job.objects.create(kind="jobs.purge_done", key="failed", state=JobState.FAILED)
    export = exports.request_export(person=creator)
    export.move("finish", ready_at=clock.now(), purge_at=clock.now() + exports.EXPORT_KEPT)
    batch, abolition = _of_life_cycle(certificate)
    args: dict[str, list[Any]] = {
        "batch": [batch.pk],
        "abolition": [abolition.pk],
        "export": [export.pk],
        "no download": [export.pk, "x"],
        "area": ["cn-law"],
        **_of_rules(people["area_lead"]),
        "section": ["areas"],
        "serial": [certificate.serial],
        "status list": ["revocation", certificate.pk // SIZE],
        "number": [application.number],
        "case": [application.case.number],
        "case verb": [application.case.number, "approve"],
        "case credential": [application.case.number, credential.pk],
        "case document": [application.case.number, document.pk],
        "file": [document.file_id],
        "file page": [document.file_id, 1],
        "lookup": [lookup_token(Lookup.objects.create(key="k", question="accounts.account"))],
        "platform": ["fake"],
        "mandate": [mandate.pk],
        "recovery": [recovery.pk],
        "note": [note.pk],
        "key": [1],
        "person": [creator.pk],
        "api client": [api.pk],
        **_of_webhooks(),
        "nothing": ["v1/nothing/"],
        "nowhere": ["nowhere"],
        "app": ["people"],
        **_of_complaint(complaint),
        **_of_restitutions(complaint),
        **_of_sandbox(complaint),
    }
    return World(people, application, certificate, complaint, args)


def _of_life_cycle(certificate: Certificate) -> tuple[Batch, Abolition]:
    """Another certificate of the area in a prepared batch, and an area whose abolition is proposed, by somebody else."""
    lead, certificate = make.person(Role.AREA_LEAD), make.certificate(certificate.area.code)
    found = f"{certificate.serial}, The register shows that the licence was cancelled."
    reasons = ["doubt-register"]
    batch = batches.prepare_suspensions(
        area=certificate.area, by=lead, reasons=reasons, explanation=make.ENOUGH, lines=found
    )
    area = KeyArea.objects.get(code="cn-crafts")
    why = dict.fromkeys(("en", "zh-hans"), make.ENOUGH)
    day = clock.now() + timedelta(days=61)
    return batch, abolitions.propose_abolition(by=lead, takes_effect_at=day, explanations=why, area=area)


def _people(creator: User, bureau: Agency) -> dict[str, User | None]:
    """Somebody of each role; nobody for the two who are not signed in."""
    return {
        "anonymous": None,
        "creator": creator,
        "stranger": make.person(),
        "agent": make.person(Role.AGENT, agency=bureau),
        "reviewer": make.reviewer(),
        "senior_reviewer": make.senior(),
        "area_lead": make.person(Role.AREA_LEAD),
        "auditor": make.person(Role.AUDITOR),
        "admin": make.person(Role.ADMIN),
        "holder": make.reviewer(),
        "judge": originality.reviewer(),
        "guest": originality.guest(),
        "respondent": None,
    }


def _complaint(creator: User) -> Complaint:
    """The creator's complaint, answered by the holder of an account that nobody has proven, in review."""
    originality.account(creator)
    contact = dict(originality.CONTACT)
    originality.CONTACT["address"] = ADDRESS
    try:
        return originality.complaint(ComplaintState.IN_REVIEW, by=creator)
    finally:
        originality.CONTACT.update(contact)


def _of_complaint(complaint: Complaint) -> dict[str, list[Any]]:
    assert complaint.case is not None
    assert complaint.original is not None
    assert complaint.original.media is not None
    author = complaint.complainant
    link = LinkedAccount.objects.get(person=author)
    work = works.register_work(by=author, title="Vase", media=originality.video(author))
    paper = originality.paper(author)
    Exhibit.objects.create(complaint=complaint, by=author, side=Side.COMPLAINANT, level=1, note="Files", file=paper)
    originality.draw_papers()
    make.run_jobs()
    other = originality.account()
    authorisations.authorise_account(by=author, platform="fake", account=other.handle)
    return {
        "complaint": [complaint.number],
        "complaint side": [complaint.number, "original"],
        "complaint picture": [complaint.number, "original", 1],
        "complaint file": [complaint.number, paper.pk],
        "complaint page": [complaint.number, paper.pk, 1],
        "draft": [drafts.start_draft(by=author).number],
        "open link": [notices.case_file_link(complaint, Side.RESPONDENT).rstrip("/").rpartition("/")[2]],
        "no link": ["nothing"],
        "review": [complaint.case.number],
        "review verb": [complaint.case.number, "uphold"],
        "review side": [complaint.case.number, "a"],
        "review picture": [complaint.case.number, "copy-on-original", 2],
        "contact": [complaint.case.number, "complainant"],
        "work": [work.pk],
        "possible copy": [_possible_copy(work, complaint).pk],
        "media": [complaint.original.media.pk],
        "upload": [work.media_id],
        "authorisation": [author.authorisations.get().pk],
        "link": [link.pk],
    }


def _possible_copy(work: Work, complaint: Complaint) -> PossibleCopy:
    assert complaint.copy is not None
    facts = {"grade": "motion_confirmed", "score": 0.9, "segments": []}
    match, _made = LibraryMatch.objects.get_or_create(a=work.media, b=complaint.copy.media, defaults=facts)
    return PossibleCopy.objects.create(work=work, post=complaint.copy, match=match)


def _of_restitutions(complaint: Complaint) -> dict[str, list[Any]]:
    """One that moves followers to the creator, and a paused one that somebody has proposed to stop."""
    moving, paused = _restitution(complaint, "moving", 1), _restitution(complaint, "paused", 2)
    by = paused.remedy.decision.by
    RestitutionControl.objects.create(restitution=paused, kind="pause", reason="A reason.", by=by)
    stop = RestitutionControl.objects.create(
        restitution=paused, kind="stop", state="proposed", reason="A reason.", by=by
    )
    steps: dict[str, list[Any]] = {"restitution pause": [moving.pk, "pause"], "restitution stop": [paused.pk, stop.pk]}
    return {"restitution": [paused.pk], **steps}


def _restitution(complaint: Complaint, state: str, version: int) -> Restitution:
    assert complaint.case is not None
    decision = Decision.objects.create(
        case=complaint.case,
        case_version=version,
        stage="first",
        state="final",
        outcome="upheld",
        adverse=False,
        by=make.senior(),
    )
    now = clock.now()
    return Restitution.objects.create(
        remedy=Remedy.objects.create(complaint=complaint, decision=decision, kind="restitution", state="applying"),
        state=state,
        platform="fake",
        source="1",
        source_handle="copier",
        target=state,
        target_handle="author",
        until=now,
        hold_until=now,
        begun_at=now,
        paused_at=now if state == "paused" else None,
    )


def _of_rules(lead: User | None) -> dict[str, list[Any]]:
    """A draft of a credential type's next version, and a change of an area that waits for a second person."""
    assert lead is not None
    kind = CredentialType.objects.get(code="cn-lawyer")
    area = KeyArea.objects.get(code="cn-crafts")
    area.decision_days = 9
    change = guarded_rules.save_rule_row(
        row=area, names=["decision_days"], guarded=guarded_rules.GUARDED_AREA, reason="A reason.", by=lead
    )
    assert change is not None
    return {
        "category": ["lawyer"],
        "rule type": ["cn-teacher"],
        "rule draft": [rules.begin_type_draft(kind=kind, by=lead).pk],
        "rule change": [change.pk],
    }


def _of_webhooks() -> dict[str, list[Any]]:
    endpoint = webhooks.endpoint("https://example.org/hooks", platform="fake")
    event = Event.objects.create(type="certificate.issued", platform="fake", occurred_at=clock.now(), body="{}")
    delivery = endpoint.deliveries.create(event=event, ordering_key="certificate:1", state="delivered")
    return {"webhook": [endpoint.pk], "webhook delivery": [delivery.pk]}


def _of_sandbox(complaint: Complaint) -> dict[str, list[Any]]:
    account = Account.objects.create(handle="demo-somebody", name="Demo somebody")
    assert complaint.copy is not None
    post = Post.objects.create(account=account, title="A video", media=complaint.copy.media)
    return {"handle": [account.handle], "post": [post.pk]}


def client_of(world: World, role: str) -> Client:
    """A browser of that role, signed in; the respondent's has opened the link of the complaint."""
    client = Client(raise_request_exception=False)
    person = world.people[role]
    if person is not None:
        client.force_login(person)
    if role == "respondent":
        client.get(reverse("complaints:answer_open", args=world.args["open link"]))
    return client


def ask(client: Client, method: str, address: str) -> HttpResponse:
    """One request, with nothing in it; what it sets, cookies too, is forgotten."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with rolled_back():
        answer: HttpResponse = getattr(client, method)(address)
    client.cookies.clear()
    client.cookies.load(cookies)
    return answer


def outcome(answer: HttpResponse) -> str:
    """The status; `in` for the way to the sign-in page, `go` for every other redirect."""
    if answer.status_code in {301, 302}:
        return "in" if answer["Location"].startswith(reverse("account_login")) else "go"
    return str(answer.status_code)


def all_names() -> set[str]:
    """Every URL name that the resolver knows; the admin's pages of rows are told apart by model."""
    return {name for name in _names(get_resolver(), "") if name not in {"admin:", ""}}


def admin_pages() -> dict[str, type[Any]]:
    """The admin's pages by the beginning of their URL names."""
    return {f"{model._meta.app_label}_{model._meta.model_name}": model for model in admin.site._registry}


def _names(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name or ''}"
        else:
            yield from _names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
