"""A look into the register at one number counts for every period of a certificate, and no case waits for a look that it cannot take."""

from datetime import timedelta

import pytest

from certification.actions import decisions, inquiries, rechecks, register_rechecks, renewals, reports
from certification.models import (
    Certificate,
    Credential,
    CredentialType,
    Inquiry,
    RecheckCause,
    RecheckTrigger,
    RegisterRecheck,
)
from certification.tests import factories as make
from portal import clock
from portal.errors import NotAllowed
from portal.people.models import User

pytestmark = pytest.mark.django_db
AREA, DAY, EVERY = "cn-law", timedelta(days=1), 10
DOUBT = "This person is not a lawyer, I have asked the bar."


@pytest.fixture
def first() -> Certificate:
    """A certificate whose register a person looks up every ten days."""
    make.reference()
    CredentialType.objects.filter(code="cn-lawyer").update(recheck_every=EVERY)
    return make.certificate(AREA)


def renew(row: Certificate, *, unchanged: bool) -> Certificate:
    """Renew it with the same number or with another one, looked up on approval."""
    if not unchanged:
        return make.certificate(AREA, applicant=row.holder, renews=row)
    renewal, _submitted = renewals.renew_unchanged(certificate=row, by=row.holder, consent=True)
    make.run_jobs()
    make.approve_wholly(renewal)
    return make.fresh(renewal).certificate


def credential_of(row: Certificate) -> Credential:
    return row.application.credentials.select_related("type", "application").get()


def look_up(row: Certificate, by: User, result: str = "pass") -> None:
    """Note what the register says about the number of a certificate."""
    credential = credential_of(row)
    decisions.record_registry_check(
        credential=credential,
        by=by,
        result=result,
        url=make.register_url(credential.type),
        seen="As before.",
        page=make.register_page(by),
    )


def put_due_looks_before_people(*only: Certificate) -> int:
    """Do the work of the day, as if only these certificates had been planned."""
    register_rechecks.plan_rechecks()
    if only:
        RegisterRecheck.objects.exclude(credential__application__certificate__in=only).delete()
    return register_rechecks.recheck_due_credentials()


@pytest.mark.parametrize("result", ["pass", "fail"])
@pytest.mark.parametrize("reported", ["running", "renewal"])
def test_a_look_at_either_period_settles_what_is_due_of_both(first: Certificate, reported: str, result: str) -> None:
    with clock.freeze_time(first.valid_to - 20 * DAY):
        second = renew(first, unchanged=True)
    concerned, other = (first, second) if reported == "running" else (second, first)
    with clock.freeze_time(first.valid_to - 5 * DAY):
        reports.report_certificate(certificate=concerned, text=DOUBT, by=None)
        assert put_due_looks_before_people(other) == 1
        inquiry = Inquiry.objects.select_related("certificate__application").get()
        assert (inquiry.certificate, inquiry.triggers.get().credential) == (concerned, credential_of(other))
        put_due_looks_before_people()
        assert inquiry.triggers.count() == 1
        reviewer, case = make.claim(inquiry.case)
        for answer in (None, "inconclusive"):
            if answer:
                look_up(concerned, reviewer, answer)
            with pytest.raises(NotAllowed, match="look it up"):
                inquiries.dismiss_doubt(inquiry=inquiry, by=reviewer, version=case.version)
        look_up(concerned, reviewer, result)
        assert not RegisterRecheck.objects.filter(due_at__lte=clock.now() + 9 * DAY).exists()
        inquiries.dismiss_doubt(inquiry=inquiry, by=reviewer, version=case.version)
        assert put_due_looks_before_people() == 0
    assert not Inquiry.objects.filter(ended_at=None).exists()


def test_a_number_of_the_other_period_alone_is_looked_up_in_a_case_about_that_period(first: Certificate) -> None:
    with clock.freeze_time(first.valid_to - 20 * DAY):
        second = renew(first, unchanged=False)
    with clock.freeze_time(first.valid_to - 5 * DAY):
        reports.report_certificate(certificate=first, text=DOUBT, by=None)
        put_due_looks_before_people(second)
        assert not RecheckTrigger.objects.exists()
        # As earlier releases had it join.
        rechecks.trigger_recheck(
            second, RecheckCause.LOOK_UP, occasion="look_up:before", credential=credential_of(second)
        )
        inquiry = Inquiry.objects.select_related("certificate__application").get()
        reviewer, case = make.claim(inquiry.case)
        inquiries.dismiss_doubt(inquiry=inquiry, by=reviewer, version=case.version)
        put_due_looks_before_people(second)
        inquiry = Inquiry.objects.select_related("certificate__application").get(ended_at=None)
        assert inquiry.certificate == second
        reviewer, case = make.claim(inquiry.case)
        with pytest.raises(NotAllowed, match="look it up"):
            inquiries.dismiss_doubt(inquiry=inquiry, by=reviewer, version=case.version)
        look_up(second, reviewer)
        inquiries.dismiss_doubt(inquiry=inquiry, by=reviewer, version=case.version)


def test_what_has_no_number_is_looked_up_for_each_period(first: Certificate) -> None:
    with clock.freeze_time(first.valid_to - 20 * DAY):
        renew(first, unchanged=True)
    Credential.objects.update(fingerprint="")
    with clock.freeze_time(first.valid_to - 5 * DAY):
        assert put_due_looks_before_people() == 2
        inquiry = Inquiry.objects.select_related("certificate__application").get()
        reviewer, _case = make.claim(inquiry.case)
        look_up(inquiry.certificate, reviewer)
        later = RegisterRecheck.objects.filter(due_at__gt=clock.now()).values_list("credential", flat=True)
        register_rechecks.plan_rechecks()
        assert list(later) == [credential_of(inquiry.certificate).pk]


def test_the_look_of_a_renewal_that_was_approved_stands_instead_of_the_next_one(first: Certificate) -> None:
    CredentialType.objects.filter(code="cn-lawyer").update(recheck_every=180)
    with clock.freeze_time(first.valid_from + 181 * DAY):
        assert put_due_looks_before_people() == 1
        reviewer, case = make.claim(Inquiry.objects.get().case)
        look_up(first, reviewer)
        inquiries.dismiss_doubt(inquiry=Inquiry.objects.get(), by=reviewer, version=case.version)
    with clock.freeze_time(first.valid_from + 320 * DAY):
        renew(first, unchanged=True)
    with clock.freeze_time(first.valid_from + 362 * DAY):
        assert first.valid_to > clock.now()
        assert put_due_looks_before_people() == 0
