"""What stands out, what of it stops a complaint before the other side is told, and that no flag dismisses one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from complaints.actions import authorisations, works
from complaints.models import Complaint
from complaints.policies import screening
from complaints.states import ComplaintState as State
from complaints.tests import engine
from complaints.tests import factories as make
from portal import clock
from portal.audit import trail
from portal.people.models import Agency, Mandate

pytestmark = pytest.mark.django_db


def compared(complaint: Complaint) -> Complaint:
    make.submit(complaint)
    make.run_jobs()
    return make.fresh(complaint)


def duplicate() -> Complaint:
    copy = make.post(make.account())
    make.submit(make.draft(copy=copy))
    return compared(make.draft(copy=copy))


def authorised() -> Complaint:
    complaint = make.draft()
    make.authorise(complaint)
    return compared(complaint)


def counter() -> Complaint:
    first = make.complaint(State.NOTIFIED, against=make.account(make.person()))
    assert first.original is not None
    assert first.copy is not None
    holder = first.respondent
    return compared(make.draft(holder, original=first.copy.url, copy=first.original.url))


def same_agency() -> Complaint:
    author = make.author(agency="Demo Agency")
    return compared(make.draft(author, against=make.account(agency="demo agency ")))


def mandated() -> Complaint:
    author, now = make.author(), clock.now()
    agency = Agency.objects.create(code="demo", name="Demo Agency")
    Mandate.objects.create(creator=author, agency=agency, starts_at=now, ends_at=now + timedelta(days=9))
    return compared(make.draft(author, against=make.account(agency="Demo Agency")))


def unproven() -> Complaint:
    return compared(make.draft(make.guest(), original=make.post(make.account())))


def no_match() -> Complaint:
    return compared(make.draft(copy=make.post(make.account(), engine.sample_video("city"))))


@pytest.mark.parametrize(
    ("arrange", "found"),
    [
        (duplicate, [screening.DUPLICATE]),
        (authorised, [screening.AUTHORISED]),
        (counter, [screening.COUNTER_COMPLAINT]),
        (same_agency, [screening.SAME_AGENCY]),
        (mandated, [screening.SAME_AGENCY]),
        (unproven, [screening.UNPROVEN]),
        (no_match, [screening.NO_MATCH]),
        (lambda: compared(make.draft()), []),
    ],
)
def test_each_flag_stands_for_what_it_says(arrange: Callable[[], Complaint], found: list[str]) -> None:
    complaint = arrange()
    assert complaint.flags == found
    screened = bool(screening.NEEDS_SCREENING.intersection(found))
    assert complaint.state == (State.SCREENING if screened else State.NOTIFIED)
    assert (complaint.screening is not None) is screened
    if complaint.screening is not None:
        assert complaint.screening.reasons == found
        assert complaint.told_at is None


def test_the_first_of_two_is_no_duplicate_though_it_is_compared_later() -> None:
    copy = make.post(make.account())
    first, second = make.draft(copy=copy), make.draft(copy=copy)
    make.submit(first)
    make.submit(second)
    make.run_jobs()
    assert make.fresh(first).flags == []
    assert make.fresh(second).flags == [screening.DUPLICATE]


@pytest.mark.parametrize("over", [make.withdraw])
def test_what_was_withdrawn_stands_against_nothing(over: Callable[[Complaint], None]) -> None:
    earlier = make.complaint(State.NOTIFIED)
    over(earlier)
    assert earlier.copy is not None
    assert compared(make.draft(copy=earlier.copy.url)).flags == []


def test_an_authorisation_counts_for_its_work_and_as_long_as_it_stands() -> None:
    author, account = make.author(), make.account()
    work = works.register_work(by=author, title="Other", media=make.video(author))
    authorisations.authorise_account(by=author, platform="fake", account=account.id, work=work)
    assert compared(make.draft(author, against=account)).flags == []
    ended = authorisations.authorise_account(by=author, platform="fake", account=account.id)
    authorisations.end_authorisation(authorisation=ended, by=author)
    assert compared(make.draft(author, against=account)).flags == []


def test_both_accounts_of_one_person_are_flagged_when_they_prove_the_other_later() -> None:
    complaint = make.complaint(State.RECEIVED)
    make.link(complaint.complainant, make.fake().accounts[complaint.account_id])
    make.run_jobs()
    assert screening.SAME_PERSON in make.fresh(complaint).flags


def test_every_flag_has_words() -> None:
    codes = {value for name, value in vars(screening).items() if name.isupper() and isinstance(value, str)}
    assert codes == set(screening.FLAG_TEXTS)


def test_flags_stand_in_the_trail_as_codes() -> None:
    complaint = authorised()
    rows = {row.event: row.data for row in trail.events_of(complaint.chain)}
    assert rows["complaints.complaint.screened"] == {"flags": ["authorised"]}
