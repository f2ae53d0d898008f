"""A whole complaint on a platform over HTTP, for walks with a small server of it."""

from datetime import datetime, timedelta

from complaints.actions import drafts
from complaints.models import Complaint, Remedy
from complaints.tests import factories as make
from portal import clock
from portal.jobs import runner
from portal.outbound.models import PlatformTraffic
from portal.people.models import LinkedAccount, User
from portal.people.states import LinkState
from portal.platforms import registry


def member(platform: str, account: str) -> User:
    """A person who has proven an account there."""
    person = make.person()
    proof = {"state": LinkState.PROVEN, "proven_at": clock.now()}
    LinkedAccount.objects.create(person=person, platform=platform, external_id=account, handle=account, **proof)
    return person


def file_complaint(platform: str, author: User, *, original: str, copy: str) -> Complaint:
    """A complaint about two works of the platform, by their ids, that both sides have spoken to."""
    works = registry.get_connector(platform).works
    complaint = drafts.start_draft(by=author)
    drafts.name_copied_video(complaint=complaint, by=author, address=works.find_work(copy).url)
    drafts.name_original_video(complaint=complaint, by=author, address=works.find_work(original).url)
    drafts.save_draft(complaint=complaint, by=author, text="They uploaded my video again.")
    drafts.set_complainant_contact(complaint=complaint, by=author, contact=make.CONTACT)
    for step in make.IN_REVIEW:
        step(complaint)
        complaint = make.fresh(complaint)
    return complaint


def run_jobs() -> None:
    """Let the jobs work, also those that wait for their next attempt."""
    for minutes in range(0, 60, 10):
        run_jobs_at(clock.now() + timedelta(minutes=minutes))


def run_jobs_at(at: datetime) -> None:
    """Let the jobs work that are due at a moment."""
    PlatformTraffic.objects.all().delete()  # Where time was held at a later moment, calls at an earlier one wait for it.
    with clock.freeze_time(at):
        runner.run_due_jobs()
    PlatformTraffic.objects.all().delete()


def remedy_states() -> set[str]:
    """The states of all remedies."""
    return set(Remedy.objects.values_list("state", flat=True))
