"""Linked accounts: claimed by name, proven by a code in the profile, held by one person at a time, ended."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, DomainError, Invalid, NotAllowed
from portal.jobs import runner
from portal.people import links
from portal.people.actions import links as actions
from portal.people.actions import profile
from portal.people.models import LinkedAccount, User
from portal.people.models.links import CODE_VALID_FOR, MOST_TRIES, new_proof_code
from portal.people.states import LinkState
from portal.people.tests.linking import claim, prove
from portal.testing.fake_platform import FakePlatform

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Which link changed to what, as told to those who registered."""
    heard: list[tuple[int, str]] = []
    monkeypatch.setattr(links, "_listeners", [lambda link: heard.append((link.pk, link.state))])
    return heard


@pytest.fixture
def account(platform: FakePlatform) -> str:
    platform.open_account("7", "Ana", region="eu", agency="North agency")
    return "7"


@pytest.mark.parametrize("text", ["@ana", "ANA", " 7 ", "https://fake.example/@ana"])
def test_an_account_is_found_by_handle_id_or_address(account: str, creator: User, text: str) -> None:
    link = claim(creator, text)
    assert (link.external_id, link.shown_handle, link.region, link.agency) == ("7", "@Ana", "eu", "North agency")
    assert (link.state, link.url) == (LinkState.CLAIMED, "https://fake.example/@Ana")
    assert links.holder_of_account("fake", "7") is None


def test_the_code_in_the_profile_proves_it(
    account: str, platform: FakePlatform, creator: User, told: list[tuple[int, str]]
) -> None:
    link = prove(creator, platform)
    assert links.holder_of_account("fake", "7") == creator
    assert list(links.proven_accounts_of(creator)) == [link]
    assert told == [(link.pk, "proven")]
    events = [event.event for event in trail.events_of(trail.subject_of(link))]
    assert events == ["people.link.claimed", "people.link.proven"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{code}", True),
        ("你好，{code}！", True),
        ("<b>{upper}</b>", True),
        ("x {code} y portal-aaaa-bbbb-cccc", True),
        ("", False),
        ("portal-aaaa-bbbb-cccc", False),
        ("{code}x", False),
        ("x{code}", False),
        ("{code}-more", False),
        ("{short}", False),
    ],
)
def test_the_code_stands_there_as_it_is(text: str, found: bool) -> None:
    link = LinkedAccount(code=new_proof_code())
    filled = text.format(code=link.code, upper=link.code.upper(), short=link.code[:-1])
    assert link.is_in_text(filled) is found


@given(st.text(max_size=200))
def test_no_text_proves_by_chance(text: str) -> None:
    assert not LinkedAccount(code=new_proof_code()).is_in_text(text)


def test_without_the_code_it_stays_claimed_and_the_tries_are_counted(
    account: str, platform: FakePlatform, creator: User
) -> None:
    link = claim(creator)
    for left in range(MOST_TRIES - 1, -1, -1):
        with pytest.raises(Invalid):
            actions.prove_account(link=link, by=creator)
        assert link.tries_left == left
    platform.profiles["7"] = link.code
    with pytest.raises(Conflict):
        actions.prove_account(link=link, by=creator)
    # Naming the account again gives no new tries before the code is old.
    assert claim(creator).tries_left == 0
    with clock.freeze_time(link.code_until):
        fresh = claim(creator)
        assert (fresh.pk, fresh.tries_left) == (link.pk, MOST_TRIES)
        assert fresh.code != link.code


def test_a_form_that_was_left_open_gets_no_try_beyond_the_bound(
    account: str, platform: FakePlatform, creator: User
) -> None:
    link = claim(creator)
    LinkedAccount.objects.filter(pk=link.pk).update(tries=MOST_TRIES)
    platform.profiles["7"] = link.code
    with pytest.raises(Conflict):
        actions.prove_account(link=link, by=creator)
    assert links.holder_of_account("fake", "7") is None


def test_a_code_counts_for_a_day(account: str, platform: FakePlatform, creator: User) -> None:
    link = claim(creator)
    platform.profiles["7"] = link.code
    with clock.freeze_time(link.claimed_at + CODE_VALID_FOR), pytest.raises(Conflict):
        actions.prove_account(link=link, by=creator)
    with clock.freeze_time(link.claimed_at + CODE_VALID_FOR - timedelta(seconds=1)):
        actions.prove_account(link=link, by=creator)
    assert link.is_proven


def test_a_platform_that_is_away_costs_no_try(account: str, platform: FakePlatform, creator: User) -> None:
    platform.fail(1)
    with pytest.raises(Invalid) as refusal:
        claim(creator)
    assert "is not responding" in str(refusal.value.fields["account"][0])
    link = claim(creator)
    platform.fail(1)
    with pytest.raises(Invalid):
        actions.prove_account(link=link, by=creator)
    assert LinkedAccount.objects.get().tries == 0
    del platform.accounts["7"]
    with pytest.raises(Invalid):
        actions.prove_account(link=link, by=creator)


@pytest.mark.parametrize(
    ("code", "text", "field"),
    [("fake", "nobody", "account"), ("fake", "closed", "account"), ("none", "ana", "platform")],
)
def test_what_cannot_be_claimed(
    account: str, platform: FakePlatform, creator: User, code: str, text: str, field: str
) -> None:
    platform.open_account("8", "closed", state="closed")
    with pytest.raises(Invalid) as refusal:
        actions.claim_account(person=creator, platform=code, account=text, by=creator)
    assert list(refusal.value.fields) == [field]
    assert not LinkedAccount.objects.exists()


def test_claiming_twice_is_one_link(account: str, platform: FakePlatform, creator: User) -> None:
    assert claim(creator) == claim(creator, "7")
    prove(creator, platform)
    with pytest.raises(Invalid):
        claim(creator)


def test_nobody_names_accounts_without_end(platform: FakePlatform, creator: User) -> None:
    for number in range(actions.CLAIMS_A_DAY + 1):
        platform.open_account(str(number), f"name-{number}")
    for number in range(actions.CLAIMS_A_DAY):
        actions.end_link(link=claim(creator, str(number)), by=creator)
    with pytest.raises(Invalid):
        claim(creator, str(actions.CLAIMS_A_DAY))
    with clock.freeze_time(clock.now() + timedelta(days=1, seconds=1)):
        claim(creator, str(actions.CLAIMS_A_DAY))


def test_who_proves_it_later_has_it_and_the_other_is_told(
    account: str, platform: FakePlatform, creator: User, stranger: User, told: list[tuple[int, str]]
) -> None:
    first = prove(creator, platform)
    with clock.freeze_time(clock.now()):
        second = prove(stranger, platform)
    assert links.holder_of_account("fake", "7") == stranger
    first.refresh_from_db()
    assert (first.state, first.ended_at) == (LinkState.ENDED, second.proven_at)
    assert told == [(first.pk, "proven"), (first.pk, "ended"), (second.pk, "proven")]
    assert [event.event for event in trail.events_of(trail.subject_of(first))][-1] == "people.link.lost"
    runner.run_due_jobs()
    assert [message.to for message in mail.outbox] == [[creator.email]]
    assert "@Ana" in str(mail.outbox[0].body)
    assert "/accounts/links/" in str(mail.outbox[0].body)


def test_the_database_knows_one_holder(account: str, platform: FakePlatform, creator: User, stranger: User) -> None:
    prove(creator, platform)
    other = claim(stranger)
    with pytest.raises(IntegrityError), transaction.atomic():
        LinkedAccount.objects.filter(pk=other.pk).update(state="proven", proven_at=clock.now())


def test_a_person_may_have_several_and_end_one(
    account: str, platform: FakePlatform, creator: User, stranger: User, told: list[tuple[int, str]]
) -> None:
    platform.open_account("8", "Second")
    one, two = prove(creator, platform), prove(creator, platform, "second")
    assert links.proven_accounts_by_person([creator, stranger]) == {creator.pk: [one, two]}
    actions.end_link(link=one, by=creator)
    assert list(links.proven_accounts_of(creator)) == [two]
    assert list(links.ever_proven_accounts_of(creator)) == [one, two]
    assert told[-1] == (one.pk, "ended")
    with pytest.raises(Conflict):
        actions.end_link(link=one, by=creator)
    assert prove(creator, platform).pk != one.pk


def test_a_claim_that_ends_changes_nothing_for_others(account: str, creator: User, told: list[tuple[int, str]]) -> None:
    actions.end_link(link=claim(creator), by=creator)
    assert told == []


def test_who_leaves_leaves_their_links(
    account: str, platform: FakePlatform, creator: User, told: list[tuple[int, str]]
) -> None:
    link = prove(creator, platform)
    profile.close_account(person=creator)
    assert links.holder_of_account("fake", "7") is None
    assert told[-1] == (link.pk, "ended")


def test_each_their_own(account: str, creator: User, stranger: User, reviewer: User) -> None:
    link = claim(creator)
    with pytest.raises(NotAllowed):
        actions.claim_account(person=creator, platform="fake", account="7", by=stranger)
    with pytest.raises(NotAllowed):
        actions.prove_account(link=link, by=stranger)
    with pytest.raises(NotAllowed):
        actions.end_link(link=link, by=stranger)
    with pytest.raises(NotAllowed):
        claim(reviewer)


def test_a_holder_is_named_by_id_before_handle(platform: FakePlatform, creator: User, stranger: User) -> None:
    platform.open_account("7", "Ana")
    platform.open_account("8", "7")
    prove(creator, platform, "7")
    prove(stranger, platform, "8")
    assert links.holder_by_name("fake", "7") == creator
    assert links.holder_by_name("fake", "@aNA") == creator
    assert links.holder_by_name("fake", "@7") == stranger
    assert links.holder_by_name("fake", "8") == stranger
    assert links.holder_by_name("other", "7") is None
    assert links.holder_by_name("fake", "") is None


def test_a_handle_names_nobody_once_the_account_was_seen_under_another(
    platform: FakePlatform, creator: User, stranger: User
) -> None:
    platform.open_account("7", "Ana")
    link = prove(creator, platform, "7")
    proven = clock.now()
    for handle, still in (("ANA", True), ("Ana-after", False), ("Ana", True), ("Ana-after", False)):
        actions.keep_account_facts(link, platform.open_account("7", handle))
        assert links.holder_by_name("fake", "7") == creator
        assert (links.holder_by_name("fake", "@ana") == creator) is still
        named = dict.fromkeys(["7", "@ana"] if still else ["7"], creator.public_id)
        assert links.holders_by_names("fake", ["7", "@ana"]) == named
    assert links.holder_by_name("fake", "ana", proven) == creator
    assert links.holders_by_names("fake", ["ana"], proven) == {"ana": creator.public_id}
    platform.open_account("8", "Ana")
    prove(stranger, platform, "8")
    assert links.holder_by_name("fake", "ana") == stranger


def test_a_handle_that_two_bore_names_nobody(platform: FakePlatform, creator: User, stranger: User) -> None:
    platform.open_account("7", "Ana")
    prove(creator, platform, "7")
    platform.open_account("7", "Ana-before")
    platform.open_account("8", "Ana")
    prove(stranger, platform, "8")
    assert links.holder_by_name("fake", "ana") is None
    assert links.holder_by_name("fake", "8") == stranger


def test_long_answers_of_a_platform_are_cut(platform: FakePlatform, creator: User) -> None:
    platform.open_account("7", "h" * 500, name="n" * 500, url="javascript:alert(1)", region="r" * 99, agency="a" * 999)
    link = claim(creator, "7")
    assert (len(link.handle), len(link.name), link.url) == (120, 200, "")


def test_accounts_of_many_people_are_one_question(
    platform: FakePlatform, make: Callable[..., User], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [make(f"person-{number}") for number in range(5)]
    for number, person in enumerate(people):
        platform.open_account(str(number), f"name-{number}")
        prove(person, platform, str(number))
    with django_assert_num_queries(1):
        found = links.proven_accounts_by_person(people)
    assert {pk: [link.person_id for link in rows] for pk, rows in found.items()} == {p.pk: [p.pk] for p in people}


def test_errors_of_rules_are_sentences(account: str, creator: User, stranger: User) -> None:
    with pytest.raises(DomainError) as refusal:
        actions.end_link(link=claim(creator), by=stranger)
    assert str(refusal.value.message).endswith(".")
