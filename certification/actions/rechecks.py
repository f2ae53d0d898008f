"""Reasons found by the portal, or told by the holder, to look at a certificate again: each brings a person, none decides.

Profiles of linked accounts are read again every week, a mandate is looked at when it begins and when it ends.
"""

import hashlib
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Mod
from django.utils.translation import gettext as _

from certification import events, policies
from certification.actions import casework, labels, periods
from certification.actions.certificates import agency_of
from certification.models import (
    Certificate,
    Check,
    Credential,
    Inquiry,
    ProfileClaim,
    RecheckCause,
    RecheckTrigger,
    ReportedChange,
)
from certification.professions import professions_in_text
from certification.states import STANDING_STATES
from portal import clock
from portal.errors import Conflict, require_allowed
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_again, enqueue_job
from portal.people import links
from portal.people.actions.links import keep_account_facts
from portal.people.models import LinkedAccount, Mandate, User
from portal.platforms import NotServed, Unknown, registry
from portal.reviews.policies import MIN_EXPLANATION
from portal.texts import require_text

READ_PROFILE_JOB = "certification.read_profile"
READ_PROFILE_ATTEMPTS = 6
AGENCY_JOB = "certification.compare_agency"
# Each report shows in the case, where whoever decides has to look again: so many in so long.
_MOST_REPORTS, _REPORTS_COUNT = 3, timedelta(days=7)


def trigger_recheck(
    certificate: Certificate,
    cause: RecheckCause,
    *,
    occasion: str,
    facts: dict[str, Any] | None = None,
    text: str = "",
    by: User | None = None,
    credential: Credential | None = None,
    check: Check | None = None,
) -> RecheckTrigger | None:
    """Have a person look at a certificate again: in the inquiry that is open, or in a new one with a case of its own.

    The same occasion again changes nothing, for another period of the certificate too. None if none of them stands any more.
    """
    with transaction.atomic():
        casework.lock_certificate(certificate)
        standing = periods.standing_periods(certificate)
        known = RecheckTrigger.objects.filter(certificate__in=[certificate, *standing], occasion=occasion).first()
        if known is not None or not standing:
            return known
        if certificate not in standing:
            certificate = standing[0]
        inquiry = casework.open_inquiry(certificate)
        joined = inquiry is not None
        if inquiry is None:
            case = casework.open_recheck_case(certificate, cause, by=by)
            inquiry = Inquiry.objects.create(certificate=certificate, raised_at=clock.now(), case=case)
        trigger = RecheckTrigger.objects.create(
            certificate=certificate,
            inquiry=inquiry,
            cause=cause,
            occasion=occasion,
            facts=facts or {},
            text=text,
            credential=credential,
            check_result=check,
            at=clock.now(),
        )
        if joined:
            casework.show_in_open_case(inquiry, str(cause.value), by)
        case_number = (inquiry.answer_case or inquiry.case).number
        labels.record_certificate_event(
            events.RECHECK_TRIGGERED, certificate, by, cause=str(cause.value), case=case_number
        )
    return trigger


def report_change(*, certificate: Certificate, by: User, what: str, text: str) -> RecheckTrigger | None:
    """The holder says that name, profession, employer or agency changed. A person looks; the certificate counts meanwhile."""
    require_allowed(policies.refuse_change_report(certificate, by))
    text = require_text(
        "text", text, least=MIN_EXPLANATION, most=policies.TEXT_LIMIT, missing=policies.CHANGE_TOO_SHORT
    )
    changed = ReportedChange(what)
    # The same form sent twice is one report; another text is another one.
    occasion = f"holder:{hashlib.sha256(f'{changed.value}:{text}'.encode()).hexdigest()}"
    recent = RecheckTrigger.objects.filter(
        certificate=certificate, cause=RecheckCause.HOLDER, at__gt=clock.now() - _REPORTS_COUNT
    ).exclude(occasion=occasion)
    if recent.count() >= _MOST_REPORTS:
        raise Conflict(_("You have reported several changes lately. A reviewer is looking at them."))
    return trigger_recheck(
        certificate, RecheckCause.HOLDER, occasion=occasion, facts={"what": changed.value}, text=text, by=by
    )


def read_profiles_again() -> int:
    """Enqueue the reading of profiles whose turn in the week it is: of people with a certificate that counts; how many."""
    turn = int(clock.now().timestamp()) // 3600 % labels.HOURS_OF_WEEK
    holders = Certificate.objects.valid_now().order_by().values("holder")
    due = links.proven_links().annotate(turn=Mod("pk", labels.HOURS_OF_WEEK)).filter(turn=turn, person__in=holders)
    return sum(enqueue_again(READ_PROFILE_JOB, {"link": pk}) for pk in due.order_by("pk").values_list("pk", flat=True))


def read_profile(run: JobAttempt) -> None:
    """Job: read the profile of one linked account, and have certificates looked at again if name or profession changed.

    The first reading only notes what is there. Raises PlatformError when the platform does not answer.
    """
    link = LinkedAccount.objects.get(pk=run.payload["link"])
    if not link.is_proven:
        return
    try:
        accounts = registry.get_connector(link.platform).accounts
        account, text = accounts.account(link.external_id), accounts.profile_text(link.external_id)
    except (Unknown, NotServed):
        return
    with run.finish():
        link = LinkedAccount.objects.select_for_update(of=("self",), no_key=True).get(pk=link.pk)
        if not link.is_proven:
            return
        before = keep_account_facts(link, account)
        _take_up_earlier_claim(link)
        _compare_names(link, before["name"])
        _compare_professions(link, [row.code for row in professions_in_text(f"{account.name}\n{text}")])
        if before["agency"] != link.agency:
            _trigger_for_account(link, RecheckCause.AGENCY, {"before": before["agency"], "after": link.agency})


def follow_mandate(mandate: Mandate) -> None:
    """A mandate was given or ended: compare the agency on the creator's certificates now, and when it is over."""
    now = clock.now()
    enqueue_job(AGENCY_JOB, {"mandate": mandate.pk}, key=f"agency:{mandate.pk}:{int(now.timestamp())}")
    if mandate.ends_at > now:
        over = f"agency:{mandate.pk}:over"
        enqueue_job(AGENCY_JOB, {"mandate": mandate.pk}, key=over, at=mandate.ends_at)


def compare_agency(run: JobAttempt) -> None:
    """Job: have certificates looked at again that show another agency than the one that represents their holder now."""
    mandate = Mandate.objects.select_related("creator").get(pk=run.payload["mandate"])
    agency = agency_of(mandate.creator)
    for certificate in _counting(mandate.creator_id):
        if certificate.agency_name != agency:
            facts = {"before": certificate.agency_name, "after": agency}
            occasion = f"mandate:{mandate.pk}:{mandate.ends_at.isoformat()}:{bool(agency)}"
            trigger_recheck(certificate, RecheckCause.AGENCY, occasion=occasion, facts=facts)


def _counting(person_id: int) -> list[Certificate]:
    rows = Certificate.objects.filter(holder=person_id, state__in=STANDING_STATES, valid_to__gt=clock.now())
    rows = rows.select_related("holder", "area__jurisdiction", "area__calendar", "category", "application")
    return list(rows.order_by("pk"))


def _take_up_earlier_claim(link: LinkedAccount) -> None:
    """A link that was ended and proven again goes on with what the profile named before, so that nothing changes unseen."""
    if ProfileClaim.objects.filter(link=link).exists():
        return
    same = LinkedAccount.objects.filter(person=link.person_id, platform=link.platform, external_id=link.external_id)
    earlier = ProfileClaim.objects.filter(link__in=same.exclude(pk=link.pk)).order_by("-read_at")
    claim = earlier.select_related("link").first()
    if claim is not None:
        ProfileClaim.objects.create(link=link, professions=claim.professions, read_at=claim.read_at)
        _compare_names(link, claim.link.name)


def _compare_names(link: LinkedAccount, before: str) -> None:
    if before.strip().casefold() != link.name.strip().casefold() and before:
        _trigger_for_account(link, RecheckCause.PROFILE_NAME, {"before": before, "after": link.name})


def _compare_professions(link: LinkedAccount, found: list[str]) -> None:
    claim, is_new = ProfileClaim.objects.get_or_create(link=link, defaults={"professions": found})
    if is_new:
        return
    before = claim.professions
    ProfileClaim.objects.filter(pk=claim.pk).update(professions=found, read_at=clock.now())
    if before != found:
        _trigger_for_account(link, RecheckCause.PROFILE_PROFESSION, {"before": before, "after": found})


def _trigger_for_account(link: LinkedAccount, cause: RecheckCause, facts: dict[str, Any]) -> None:
    occasion = f"{cause.value}:{link.pk}:{int(clock.now().timestamp())}"
    casework.lock_certificates_of(link.person_id)
    for certificate in _counting(link.person_id):
        trigger_recheck(certificate, cause, occasion=occasion, facts={"account": link.shown_handle, **facts})
