"""Demo content: the two demo creators hold accounts of the sandbox, and one complaint waits for a reviewer.

Made by the same steps that real people take. The copy of the potter's video is left for whoever tries the portal.
"""

from datetime import timedelta

from django.conf import settings

from complaints.actions import drafts, intake, respondent_answers
from complaints.models import Complaint, Exhibit
from complaints.reference import loading
from complaints.states import ComplaintState, Side
from portal import clock
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.people.actions import links
from portal.people.demo import demo_person
from portal.people.links import proven_accounts_of
from portal.people.models import User
from portal.sandbox.actions import profile
from portal.sandbox.models import Account, Post

PLATFORM = "sandbox"
_JOBS = ("media.probe", "complaints.prepare", "complaints.fingerprint", "complaints.compare", "complaints.message")
_CONTACT = {"name": "Demo creator B", "email": "creator-b@example.org"}


def seed() -> None:
    """Reference data, reviewers' areas, and what is not there yet."""
    loading.load_complaint_reference()
    loading.give_originality_skill()
    if not settings.SANDBOX:
        return
    for name, handle in (("creator", "demo-potter"), ("creator-b", "demo-waves")):
        _link(demo_person(name), handle)
    with clock.freeze_time(clock.now() - timedelta(days=2)):
        _complain(demo_person("creator-b"), original="Evening at the shore", copy="Sea sounds to fall asleep")


def _link(holder: User, handle: str) -> None:
    """Prove an account by a code in its profile, which then says again what it said."""
    if proven_accounts_of(holder).filter(platform=PLATFORM).exists():
        return
    account = Account.objects.get(handle=handle)
    bio = account.bio
    link = links.claim_account(person=holder, platform=PLATFORM, account=handle, by=holder)
    profile.change_bio(bio=link.code, by=account)
    links.prove_account(link=link, by=holder)
    profile.change_bio(bio=bio, by=account)


def _complain(author: User, *, original: str, copy: str) -> None:
    """A complaint that was compared and answered; one that was left half way is continued.

    Its jobs call the platform, so they run outside of any transaction.
    """
    complaint = Complaint.objects.filter(complainant=author).order_by("pk").first()
    if complaint is None or complaint.state == ComplaintState.DRAFT:
        draft = complaint or drafts.start_draft(by=author)
        complaint = _submit_complaint(draft, author, original=original, copy=copy)
    if complaint.state not in {ComplaintState.RECEIVED, ComplaintState.NOTIFIED}:
        return
    _run_jobs()
    complaint.refresh_from_db()
    if complaint.state == ComplaintState.NOTIFIED and complaint.respondent is not None:
        text = "Demo: I found this video on another site and thought that everybody may use it."
        ticks = [tick.code for tick in complaint.regime.answer_ticks]
        with clock.freeze_time(clock.now() + timedelta(days=1)):
            respondent_answers.submit_answer(complaint=complaint, by=complaint.respondent, text=text, ticks=ticks)
            _run_jobs()


def _submit_complaint(complaint: Complaint, author: User, *, original: str, copy: str) -> Complaint:
    drafts.name_copied_video(complaint=complaint, by=author, address=_address(copy))
    drafts.name_original_video(complaint=complaint, by=author, address=_address(original))
    text = "Demo: my video of the shore is shown on this account, with a black border around it and without my name."
    drafts.save_draft(complaint=complaint, by=author, text=text)
    drafts.set_complainant_contact(complaint=complaint, by=author, contact=_CONTACT)
    level, note = Exhibit.Level.EARLIER_HERE, "Demo: my own post is three days older."
    if not complaint.exhibits.exists():
        drafts.add_exhibit(complaint=complaint, by=author, side=Side.COMPLAINANT, level=level, note=note)
    intake.submit_complaint(complaint=complaint, by=author, ticks=[tick.code for tick in complaint.regime.ticks])
    return complaint


def _address(title: str) -> str:
    return f"{settings.BASE_URL}{Post.objects.get(title=title).get_absolute_url()}"


def _run_jobs() -> None:
    """Run the comparison jobs in this process without delays; mails are left to the workers."""
    queued = Job.objects.filter(kind__in=_JOBS, state=JobState.QUEUED).order_by("run_after", "pk")
    while job := queued.first():
        with clock.freeze_time(max(clock.now(), job.run_after)):
            runner.run_job(job.pk)
