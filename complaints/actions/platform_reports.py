"""Reports about rights to a platform's moderators: taken over as drafts of whoever reported, and answered when decided.

The draft belongs to the visitor that stands for the reporter's account, or to the person who has proven it. The platform
tells the reporter where it is; once they have proven the account, it is theirs (actions/account_claims.py). Its
row and its draft are written together, so that a report is taken over once.
"""

import random

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.actions import drafts, works
from complaints.models import Complaint, PlatformReport
from complaints.policies.terms import DRAFT_KEPT
from complaints.states import DECIDED_STATES, Outcome
from portal import clock
from portal.errors import Invalid, NotAllowed
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.languages import supported_language
from portal.outbound.shares import longest_untried_first, share_of_each
from portal.people import links
from portal.people.actions import people
from portal.people.addresses import visitor_address
from portal.people.models import User
from portal.platforms import Account, Connector, PlatformError, Report, Unknown, registry, served
from portal.workflow import lock_names

READ_REPORTS, TELL_REPORTER, ANSWER_REPORT = (
    "complaints.read_reports",
    "complaints.tell_reporter",
    "complaints.answer_report",
)
REPORT_ATTEMPTS, READ_ATTEMPTS, EVERY_SECONDS = 12, 2, 600
_MOST_AT_ONCE = 50  # new reports of one platform in a run
_ACCEPTED = (Outcome.UPHELD, Outcome.PARTLY)
# Why a report does not become a draft.
REMOTE, GONE, REFUSED = "remote", "gone", "refused"


def count_by_platform() -> dict[str, int]:
    """How many reports are known, of each platform that has any or serves reports."""
    serving = [code for code in registry.platform_codes() if registry.get_connector(code).serves("reports")]
    counted = PlatformReport.objects.order_by().values_list("platform").annotate(number=Count("pk"))
    return dict.fromkeys(serving, 0) | dict(counted)


def ask_for_reports() -> int:
    """Have every platform that serves reports asked for new ones; returns how many."""
    serving = [code for code in registry.platform_codes() if registry.get_connector(code).serves("reports")]
    slot = int(clock.now().timestamp()) // EVERY_SECONDS
    for code in serving:
        queue.enqueue_job(READ_REPORTS, {"platform": code}, key=f"{READ_REPORTS}:{code}@{slot}")
    return len(serving)


def read_reports(run: JobAttempt) -> None:
    """Job: take over the new reports of one platform. One about which it does not answer holds up no other, and is tried again."""
    connector = registry.get_connector(run.payload["platform"])
    silent: PlatformError | None = None
    for report in _new_reports(connector):
        try:
            _take_over(connector, report)
        except PlatformError as error:
            silent = error
    if silent is not None:
        raise silent
    with run.finish():
        pass


def tell_reporter(run: JobAttempt) -> None:
    """Job: have the platform tell the reporter where their draft is."""
    row = PlatformReport.objects.select_related("complaint__complainant", "complaint__copy").get(
        pk=run.payload["report"]
    )
    if row.complaint is not None and row.told_at is None:
        reports = served(registry.get_connector(row.platform).reports)
        try:
            reports.tell_reporter(row.report, _message(row.complaint))
        except Unknown:
            row.problem = GONE
    with run.finish():
        told_at = None if row.problem else clock.now()
        PlatformReport.objects.filter(pk=row.pk).update(told_at=told_at, problem=row.problem)


def answer_decided_reports() -> int:
    """Have reports answered whose complaint was decided, anew where an appeal has changed it; returns how many."""
    accepted = Q(complaint__result__in=_ACCEPTED)
    told, other = Q(answer=PlatformReport.Answer.ACCEPTED), Q(answer=PlatformReport.Answer.REJECTED)
    due = PlatformReport.objects.filter((accepted & ~told) | (~accepted & ~other), complaint__state__in=DECIDED_STATES)
    rows = share_of_each(due.exclude(problem=GONE), platform="platform", order_by=longest_untried_first())
    return sum(_try_answer(pk) for pk in rows.values_list("pk", flat=True))


def _try_answer(pk: int) -> bool:
    PlatformReport.objects.filter(pk=pk).update(tried_at=clock.now())
    return queue.enqueue_again(ANSWER_REPORT, {"report": pk})


def answer_report(run: JobAttempt) -> None:
    """Job: tell the platform's moderators how the complaint was decided."""
    row = PlatformReport.objects.select_related("complaint").get(pk=run.payload["report"])
    complaint = row.complaint
    if complaint is None or complaint.state not in DECIDED_STATES:
        return
    accepted, problem = complaint.result in _ACCEPTED, ""
    answer = PlatformReport.Answer.ACCEPTED if accepted else PlatformReport.Answer.REJECTED
    before = row.answer == PlatformReport.Answer.ACCEPTED if row.answer else None
    comment = f"{settings.BASE_URL} {complaint.number}"
    try:
        reports = served(registry.get_connector(row.platform).reports)
        reports.answer_report(row.report, accepted=accepted, comment=comment, before=before)
    except Unknown:
        problem = GONE
    with run.finish():
        PlatformReport.objects.filter(pk=row.pk).update(answer=answer, answered_at=clock.now(), problem=problem)


def _new_reports(connector: Connector) -> list[Report]:
    found = served(connector.reports).open_reports()
    known = PlatformReport.objects.filter(platform=connector.code, report__in=[report.id for report in found])
    taken = set(known.values_list("report", flat=True))
    new = [report for report in found if report.id not in taken]
    # At random, so that those that fail every time do not keep their places before others.
    return random.sample(new, min(len(new), _MOST_AT_ONCE))


def _take_over(connector: Connector, report: Report) -> None:
    """Write the draft, or why there is none. The platform is asked first, outside the transaction."""
    problem = "" if report.is_local else REMOTE
    if not problem:
        try:
            reporter = connector.accounts.account(report.reporter_id)
            post = connector.works.find_work(report.work_id)
            copy = drafts.FoundCopy(connector.code, post, connector.accounts.account(post.account_id))
            _keep_draft(connector, report, reporter, copy)
        except Unknown:
            problem = GONE
        except (Invalid, NotAllowed):
            problem = REFUSED
        except IntegrityError:
            # Another worker has taken it over meanwhile.
            return
    if problem:
        PlatformReport.objects.get_or_create(platform=connector.code, report=report.id, defaults={"problem": problem})


@transaction.atomic
def _keep_draft(connector: Connector, report: Report, reporter: Account, copy: drafts.FoundCopy) -> None:
    lock_names(
        *(visitor_address(connector.code, one.id) for one in (reporter, copy.account)),
        works.post_name(connector.code, copy.post),
    )
    person = links.holder_of_account(connector.code, reporter.id) or people.find_or_add_visitor(
        platform=connector.code,
        external_id=reporter.id,
        display_name=reporter.name,
        language=supported_language(reporter.language),
    )
    complaint = drafts.start_draft(by=person)
    drafts.name_found_copy(complaint=complaint, by=person, copy=copy)
    drafts.save_draft(complaint=complaint, by=person, text=_draft_text(report, person))
    row = PlatformReport.objects.create(platform=connector.code, report=report.id, complaint=complaint)
    queue.enqueue_job(TELL_REPORTER, {"report": row.pk}, key=f"{TELL_REPORTER}:{row.pk}")


def _draft_text(report: Report, person: User) -> str:
    """What the reporter wrote, and the part of the video that they named."""
    with translation.override(person.language):
        parts = {
            (True, True): _("Part of the video: %(start)s to %(end)s"),
            (True, False): _("Part of the video: from %(start)s"),
            (False, True): _("Part of the video: until %(end)s"),
        }
        named = parts.get((report.start is not None, report.end is not None), "")
        line = named % {"start": _clock_time(report.start), "end": _clock_time(report.end)}
    return "\n\n".join(part for part in (report.text.strip(), line) if part)


def _clock_time(seconds: int | None) -> str:
    minutes, left = divmod(seconds or 0, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{left:02}"


def _message(complaint: Complaint) -> str:
    """What the reporter is told, in their language: where the draft is, what to do, and until when."""
    person, copy = complaint.complainant, complaint.copy
    with translation.override(person.language):
        facts = {
            "number": complaint.number,
            "title": copy.title if copy else "",
            "days": DRAFT_KEPT.days,
            "url": f"{settings.BASE_URL}{complaint.get_absolute_url()}",
            "link": f"{settings.BASE_URL}{reverse('people:link_claim')}",
        }
        ready = _("Your report about “%(title)s” can become a complaint. A draft is ready: %(number)s.")
        member = _("Complete and submit it here: %(url)s")
        visitor = _(
            "1. Sign in or create an account here, and verify your account on this platform: %(link)s\n"
            "2. Then complete and submit the draft: %(url)s"
        )
        kept = _(
            "A draft that is not changed for %(days)s days is deleted. The moderators of this platform still see your report."
        )
        return "\n\n".join((ready, visitor if person.is_visitor else member, kept)) % facts
