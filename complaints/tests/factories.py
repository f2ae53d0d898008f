"""People, accounts, films and complaints for tests, brought to a state by walking the real steps."""

import io
import itertools
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from complaints.actions import drafts, intake, respondent_answers
from complaints.models import Complaint
from complaints.policies.terms import EVIDENCE_PURPOSE, SKILL, VIDEO_PURPOSE
from complaints.states import ComplaintState as State
from complaints.tests import engine
from portal import clock
from portal.evidence.actions import files as evidence
from portal.evidence.models import EvidenceFile
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.media.actions import files as videos
from portal.media.models import MediaFile
from portal.people.models import LinkedAccount, User
from portal.people.roles import Role
from portal.people.states import LinkState
from portal.platforms import Account, Work, registry
from portal.reviews.actions import queue
from portal.reviews.models import ReviewCase, ReviewerSkill
from portal.testing import sample_documents
from portal.testing.fake_platform import SITE, FakePlatform

_numbers = itertools.count(1)
ENOUGH = "Because both films show the same kiln in the same light, frame by frame."
CONTACT = {"name": "Demo Author", "email": "demo.author@example.org", "address": "1 Demo Street", "phone": "555 0100"}


def fake() -> FakePlatform:
    """The platform of the test."""
    platform = registry._connectors["fake"].accounts  # without the guard
    assert isinstance(platform, FakePlatform)
    return platform


def person(role: str = Role.CREATOR, **fields: Any) -> User:
    """Somebody with a role."""
    number = next(_numbers)
    name = fields.pop("display_name", f"Demo Person {number}")
    return User.objects.create_user(f"demo{number}@example.org", display_name=name, role=role, **fields)


def guest(**fields: Any) -> User:
    """Somebody with an address and no membership."""
    return person(Role.GUEST, **fields)


def reviewer(role: str = Role.REVIEWER, **fields: Any) -> User:
    """A reviewer of originality."""
    user = person(role, **fields)
    ReviewerSkill.objects.create(user=user, skill=SKILL, level=2 if role == Role.SENIOR_REVIEWER else 1)
    return user


def senior(**fields: Any) -> User:
    """A senior reviewer of originality."""
    return reviewer(Role.SENIOR_REVIEWER, **fields)


def account(holder: User | None = None, **facts: Any) -> Account:
    """An account on the platform, proven to be `holder`'s if one is given."""
    number = next(_numbers)
    opened = fake().open_account(str(number), facts.pop("handle", f"demo{number}"), **{"region": "eu", **facts})
    if holder is not None:
        link(holder, opened)
    return opened


def link(person: User, account: Account) -> LinkedAccount:
    """Proof that an account is somebody's."""
    facts = {"handle": account.handle, "region": account.region, "agency": account.agency}
    return LinkedAccount.objects.create(
        person=person,
        platform="fake",
        external_id=account.id,
        state=LinkState.PROVEN,
        proven_at=clock.now(),
        **facts,
    )


def post(on: Account, film: bytes = b"", **facts: Any) -> str:
    """A video on an account; gives its address."""
    key = f"w{next(_numbers)}"
    facts = {"title": f"Video {key}", "published_at": clock.now() - timedelta(days=5), **facts}
    fake().publish(Work(key, on.id, url=f"{SITE}/works/{key}", **facts), film or engine.sample_video("potter", key))
    return f"{SITE}/works/{key}"


def post_of(address: str) -> Work:
    """The post at an address."""
    return fake().works[address.rpartition("/")[2]]


def video(owner: User, film: bytes = b"") -> MediaFile:
    """A video that somebody has sent; its check is still to come."""
    data = film or engine.sample_video("potter", f"file {next(_numbers)}")
    return videos.store_stream(io.BytesIO(data), owner=owner, purpose=VIDEO_PURPOSE, name="film.mp4")


def paper(owner: User) -> EvidenceFile:
    """A paper that somebody has sent, and that was opened; its page is not drawn."""
    from django.core.files.base import ContentFile

    upload = ContentFile(sample_documents.make_photo(size=(40, 30), text=str(next(_numbers))), name="photo.jpg")
    file = evidence.store_file(upload, by=owner, purpose=EVIDENCE_PURPOSE)
    EvidenceFile.objects.filter(pk=file.pk).update(state="ready", page_count=1)
    file.refresh_from_db()
    return file


def draw_papers() -> None:
    """Have the pages of all papers drawn."""
    EvidenceFile.objects.filter(pages=None).update(state="stored", page_count=0)
    open_papers()


def author(**facts: Any) -> User:
    """A creator with a proven account."""
    user = person()
    account(user, **facts)
    return user


def account_of(user: User) -> Account:
    """Their proven account on the platform."""
    return fake().accounts[LinkedAccount.objects.get(person=user).external_id]


def draft(
    by: User | None = None, *, original: str = "", copy: str = "", against: Account | None = None, **texts: str
) -> Complaint:
    """A draft with everything in it: a post of the author's and a copy on another account, by their addresses."""
    complainant = by or author()
    complaint = drafts.start_draft(by=complainant)
    copy_address = copy or post(against or account())
    drafts.name_copied_video(complaint=complaint, by=complainant, address=copy_address)
    if original or LinkedAccount.objects.filter(person=complainant).exists():
        mine = original or post(account_of(complainant))
        drafts.name_original_video(complaint=complaint, by=complainant, address=mine)
    else:
        drafts.name_original_video(complaint=complaint, by=complainant, media=video(complainant), title="My film")
    drafts.save_draft(complaint=complaint, by=complainant, **{"text": "They uploaded my film again.", **texts})
    drafts.set_complainant_contact(complaint=complaint, by=complainant, contact=CONTACT)
    return complaint


def complaint(state: str = State.DRAFT, **fields: Any) -> Complaint:
    """A complaint in a state, reached as people reach it."""
    made = draft(**fields)
    for step in PATHS[State(state)]:
        step(made)
        made = fresh(made)
    assert made.state == state, f"{made.state} instead of {state}"
    return made


def fresh(made: Complaint) -> Complaint:
    """As the database has it."""
    rows = Complaint.objects.select_related(
        "complainant", "respondent", "original__media", "copy__media", "case", "screening", "decision"
    )
    return rows.get(pk=made.pk)


def ticks(made: Complaint) -> list[str]:
    """All statements of its regime."""
    return [tick.code for tick in made.regime.ticks]


def submit(made: Complaint) -> None:
    """Hand in."""
    signature = CONTACT["name"] if made.regime.signed else ""
    intake.submit_complaint(complaint=made, by=made.complainant, ticks=ticks(made), signature=signature)


def run_jobs() -> None:
    """Everything that is due, and what becomes due within a minute by waiting for it; mails and pages stay aside."""
    _drain()
    with clock.freeze_time(clock.now() + timedelta(minutes=1)):
        _drain()


def open_papers() -> None:
    """Have stored papers opened, each in a child process."""
    runner.run_due_jobs(["evidence.render"])


def _drain() -> None:
    due = Job.objects.filter(state=JobState.QUEUED).exclude(kind__in=("notifications.notification", "evidence.render"))
    while (job := due.filter(run_after__lte=clock.now()).order_by("pk").first()) is not None:
        runner.run_job(job.pk)


def run_kind(kind: str) -> None:
    """The due jobs of one kind."""
    for job in Job.objects.filter(kind=kind, state=JobState.QUEUED).order_by("pk"):
        runner.run_job(job.pk)


def compare(_made: Complaint) -> None:
    """All jobs run: the complaint comes to the other side, or before a person."""
    run_jobs()


def lose_copy(made: Complaint) -> None:
    """The account deletes the copy before it is fetched."""
    from dataclasses import replace

    assert made.copy is not None
    key = made.copy.external_id
    fake().works[key] = replace(fake().works[key], state="deleted")


def authorise(made: Complaint) -> None:
    """The author has the account on their list."""
    from complaints.actions import authorisations

    authorisations.authorise_account(by=made.complainant, platform="fake", account=made.account_id)


def answer(made: Complaint, text: str = "I filmed this myself, before.", **more: Any) -> None:
    """The respondent answers, with everything that the regime asks for."""
    regime, respondent = made.regime, made.respondent
    assert respondent is not None
    said: dict[str, Any] = {"ticks": [tick.code for tick in regime.answer_ticks]}
    if regime.answer_contact:
        said |= {"contact": {**CONTACT, "name": "Demo Respondent"}, "signature": "Demo Respondent"}
    respondent_answers.submit_answer(complaint=made, by=respondent, text=text, **(said | more))


def let_wait_end(made: Complaint) -> None:
    """Nobody answers in time."""
    assert made.answer_by is not None
    with clock.freeze_time(made.answer_by + timedelta(seconds=1)):
        respondent_answers.end_answer_periods()


def withdraw(made: Complaint) -> None:
    """The complainant takes it back."""
    intake.withdraw_complaint(complaint=made, by=made.complainant)


def let_lapse(made: Complaint) -> None:
    """Nobody completes it in time."""
    assert made.complete_by is not None
    with clock.freeze_time(made.complete_by + timedelta(seconds=1)):
        intake.lapse_overdue_complaints()


def claim(made: Complaint | ReviewCase, by: User | None = None) -> tuple[User, ReviewCase]:
    """A reviewer holds the case (the screening while there is no other); its version is what their form would carry."""
    case = made if isinstance(made, ReviewCase) else (fresh(made).case or fresh(made).screening)
    assert case is not None
    case.refresh_from_db()
    user = by or (senior() if case.level > 1 else reviewer())
    held = queue.claim_next_case(by=user, skills=[case.skill])
    assert held is not None
    assert held.pk == case.pk, "another case was first; have one open case in a test"
    return user, held


Step = Callable[[Complaint], object]
NOTIFIED: Sequence[Step] = (submit, compare)
IN_REVIEW: Sequence[Step] = (*NOTIFIED, answer)
# Every path begins with a whole draft.
PATHS: dict[State, Sequence[Step]] = {
    State.DRAFT: (),
    State.RECEIVED: (submit,),
    State.INCOMPLETE: (submit, lose_copy, compare),
    State.SCREENING: (authorise, submit, compare),
    State.NOTIFIED: NOTIFIED,
    State.IN_REVIEW: IN_REVIEW,
    State.WITHDRAWN: (submit, withdraw),
    State.LAPSED: (submit, lose_copy, compare, let_lapse),
}
