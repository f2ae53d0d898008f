"""What staff, the public and platforms do about certificates of the demo: a report, a changed profile, an abolition, a batch, a rule.

Each is made once, and stays as visitors leave it.
"""

from datetime import timedelta
from typing import Final

from django.conf import settings

from certification.actions import abolitions, batches, rechecks, reports, rule_previews, rules
from certification.demo import applications
from certification.models import (
    Abolition,
    ApplicantCategory,
    Batch,
    Certificate,
    CertificateReport,
    CredentialType,
    KeyArea,
    RuleDraft,
)
from certification.policies.rules import start_of_day, zone_of
from portal import clock
from portal.jobs import runner
from portal.jobs.queue import enqueue_again
from portal.people.actions import links
from portal.people.demo import demo_person
from portal.people.links import proven_accounts_of
from portal.sandbox.actions import profile
from portal.sandbox.models import Account

_PLATFORM: Final = "sandbox"
_DAY: Final = timedelta(days=1)


def create_overseen_entries() -> None:
    """Make what is not there yet."""
    now = clock.now()
    with clock.freeze_time(now - _DAY):
        _report_certificate()
    if settings.SANDBOX:
        _change_profile()
    _abolish_category()
    with clock.freeze_time(now - 3 * _DAY):
        _prepare_suspensions()
    with clock.freeze_time(now - 2 * _DAY):
        _draft_rule()


def _report_certificate() -> None:
    """Somebody without an account has reported a certificate; it waits in the queue."""
    if not CertificateReport.objects.exists():
        text = "Demo report. The board of the state where this person works lists nobody of this name."
        reports.report_certificate(certificate=_certificate("doctor-us"), text=text, by=None)


def _change_profile() -> None:
    """The profile of a linked account named no profession when it was read first; now it names a doctor."""
    certificate, now = _certificate("carpenter"), clock.now()
    holder, account = certificate.holder, Account.objects.filter(handle="demo-carpenter").first()
    if account is None or proven_accounts_of(holder).exists():
        return
    bio = account.bio
    with clock.freeze_time(now - 30 * _DAY):
        link = links.claim_account(person=holder, platform=_PLATFORM, account=account.handle, by=holder)
        profile.change_bio(bio=link.code, by=account)
        links.prove_account(link=link, by=holder)
        profile.change_bio(bio=bio, by=account)
        _read_profile(link.pk)
    with clock.freeze_time(now - 2 * _DAY):
        profile.change_bio(bio=f"{bio} Also a doctor: ask me about your back.", by=account)
        _read_profile(link.pk)


def _read_profile(link: int) -> None:
    enqueue_again(rechecks.READ_PROFILE_JOB, {"link": link})
    runner.run_due_jobs((rechecks.READ_PROFILE_JOB,))


def _abolish_category() -> None:
    """Proposed by the area lead, announced by an administrator; holders have had notice, and certificates end on that day."""
    area, category = KeyArea.objects.get(code="cn-law"), ApplicantCategory.objects.get(code="legal-background")
    if Abolition.objects.filter(area=area, category=category).exists():
        return
    now = clock.now()
    with clock.freeze_time(now - 8 * _DAY):
        abolition = abolitions.propose_abolition(
            by=demo_person("lead"),
            takes_effect_at=start_of_day(clock.today() + 90 * _DAY, zone_of(RuleDraft(area=area, category=category))),
            explanations={
                "en": "Demo abolition. An examination shows no practice, and the label was mistaken for a lawyer's.",
                "zh-hans": "演示用的取消决定。通过考试不等于执业，该标签曾被误认为律师标签，因此不再认证此类别。",
            },
            area=area,
            category=category,
        )
    with clock.freeze_time(now - 6 * _DAY):
        abolitions.announce_abolition(abolition=abolition, by=demo_person("admin"))
        runner.run_due_jobs((abolitions.GIVE_NOTICE_JOB,))


def _prepare_suspensions() -> None:
    """Prepared by the area lead; the page shows what would become of each certificate, and nothing is suspended yet."""
    area = KeyArea.objects.get(code="us-crafts")
    if Batch.objects.filter(area=area).exists():
        return
    found = {
        "potter": "Demo finding. The photo of the kiln is on another site, with an earlier date.",
        "binder": "Demo finding. The photo of the press is on another site, with an earlier date.",
        "carpenter": "Demo finding. The photo of the workbench is on another site, with an earlier date.",
    }
    batches.prepare_suspensions(
        area=area,
        by=demo_person("lead"),
        reasons=["doubt-paper"],
        explanation="Demo batch. Pictures of the work were copied from other sites, which a comparison has found.",
        lines="\n".join(f"{_certificate(who).serial}, {text}" for who, text in found.items()),
    )


def _draft_rule() -> None:
    """Drafted and previewed by the area lead, who has asked a second person to publish it."""
    area, category = KeyArea.objects.get(code="us-education"), ApplicantCategory.objects.get(code="teacher")
    if RuleDraft.objects.filter(area=area, category=category).exists():
        return
    lead = demo_person("lead")
    draft = rules.begin_requirement_draft(area=area, category=category, by=lead)
    degree = {"is": CredentialType.objects.get(code="degree").code}
    values = {**draft.values, "expression": {"all": [*draft.expression["all"], degree]}}
    begins = start_of_day(clock.today() + 45 * _DAY, zone_of(draft))
    draft = rules.save_draft(draft=draft, revision=draft.revision, values=values, in_force_from=begins, by=lead)
    rule_previews.begin_preview(draft=draft, by=lead)
    reason = "Demo request. The state certificate does not say what its holder has studied."
    rules.ask_for_publication(draft=draft, revision=draft.revision, reason=reason, by=lead)


def _certificate(who: str) -> Certificate:
    holder = applications.demo_holder(who)
    return Certificate.objects.select_related("holder", "area__jurisdiction", "area__calendar", "application").get(
        holder=holder
    )
