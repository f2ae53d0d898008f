"""Pages that the role table's world does not show: of drafts, of what was asked, rejected, suspended, decided, moved."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import reverse

from certification.models import Application
from certification.states import ApplicationState
from certification.tests import factories as make
from complaints import notices
from complaints.actions.follower_messages import follower_link
from complaints.models import Complaint
from complaints.states import ComplaintState, Outcome, Side
from complaints.tests import deciding as do
from complaints.tests import factories as originality
from complaints.tests import restitutions
from portal.jobs import runner
from portal.people.models import User
from portal.sandbox.models import Account
from portal.testing.sign_in import PASSWORD, give_app
from portal.tests.role_walk import World, client_of


@dataclass(frozen=True)
class Visit:
    """Pages that one person looks at: URL names with what stands in the address."""

    who: str
    client: Client
    pages: list[tuple[str, list[Any]]] = field(default_factory=list)

    @property
    def addresses(self) -> list[str]:
        return [reverse(name, args=args) for name, args in self.pages]


def further_visits(world: World) -> Iterator[Visit]:
    """Everything once; makes what it needs."""
    yield from _applications()
    yield from _certificates()
    yield from _complaints()
    yield from _second_person()
    yield _follower()
    yield _somebody_with_a_second_factor()
    yield _sandbox(world)
    yield Visit("guest", client_of(world, "guest"), [("people:membership", [])])


def _client(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _of(made: Application, *names: str) -> Visit:
    pages: list[tuple[str, list[Any]]] = [(f"certification:{name}", [made.number]) for name in names]
    return Visit(f"{made.state} applicant", _client(made.applicant), pages)


def _applications() -> Iterator[Visit]:
    draft = make.draft("us-medicine")
    yield _of(draft, "about", "evidence", "check", "draft_discard")
    yield _of(make.draft("cn-farming"), "evidence")
    yield _of(make.application(ApplicationState.INFO_REQUESTED, "cn-education"), "application", "request_answer")
    yield _of(make.application(ApplicationState.REJECTED, "cn-crafts"), "application", "appeal")


def _certificates() -> Iterator[Visit]:
    for bring, name in ((make.suspend, "inquiry_answer"), (make.revoke, "revocation_appeal")):
        certificate = make.certificate("cn-farming")
        bring(certificate)
        pages: list[tuple[str, list[Any]]] = [(f"certification:{one}", [certificate.serial]) for one in ("held", name)]
        yield Visit(f"holder of one for {name}", _client(certificate.holder), pages)


def _side(made: Complaint, side: Side, *names: str) -> Visit:
    client = Client()
    if side == Side.COMPLAINANT:
        client.force_login(made.complainant)
    else:
        client.get(notices.case_file_link(made, Side.RESPONDENT))
    return Visit(f"{made.state} {side}", client, [(f"complaints:{name}", [made.number]) for name in names])


def _complaints() -> Iterator[Visit]:
    yield _side(originality.complaint(ComplaintState.INCOMPLETE), Side.COMPLAINANT, "complaint", "completion")
    yield _side(originality.complaint(ComplaintState.NOTIFIED), Side.RESPONDENT, "answer_file", "answer")
    for outcome, side, appeal in (
        (Outcome.UPHELD, Side.RESPONDENT, "answer_appeal"),
        (Outcome.DISMISSED, Side.COMPLAINANT, "appeal"),
    ):
        made = do.in_review()
        do.decide(made, outcome, remedies=("warn", "remove") if outcome == Outcome.UPHELD else ())
        yield _side(originality.fresh(made), side, appeal)
        do.appeal(made, side)
        other, reply = (Side.COMPLAINANT, "reply") if side == Side.RESPONDENT else (Side.RESPONDENT, "answer_reply")
        yield _side(originality.fresh(made), other, reply)
        do.claim(made)


def _second_person() -> Iterator[Visit]:
    """The case page of whoever confirms a decision."""
    made = make.application(ApplicationState.SECOND_REVIEW, "cn-medicine")
    user, case = make.claim(made)
    yield Visit("second person", _client(user), [("reviews:case_page", [case.number])])


def _follower() -> Visit:
    stage = restitutions.stage()
    (follower,) = restitutions.viewers(1)
    restitutions.follow(stage.source, [follower], post=stage.copy)
    row = restitutions.begun(stage)
    runner.run_due_jobs()
    token = follower_link(restitutions.fresh(row)).address_of(follower.pk).rstrip("/").rpartition("/")[2]
    return Visit("follower", Client(), [("complaints:follower_undo", [token]), ("complaints:follower_moves", [token])])


def _somebody_with_a_second_factor() -> Visit:
    person = make.person()
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    give_app(person)
    names = (
        "account_change_password", "account_reauthenticate", "mfa_reauthenticate", "mfa_index", "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
    )  # fmt: skip
    return Visit("somebody with a second factor", _client(person), [(name, []) for name in names])


def _sandbox(world: World) -> Visit:
    client = Client()
    (post,) = world.args["post"]
    client.post(reverse("sandbox:act_as"), {"handle": Account.objects.get(handle=world.args["handle"][0]).handle})
    pages: list[tuple[str, list[Any]]] = [(f"sandbox:{name}", []) for name in ("publish", "profile", "close")]
    return Visit("account of the sandbox", client, [*pages, ("sandbox:delete", [post])])
