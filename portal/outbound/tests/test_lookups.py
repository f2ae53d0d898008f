"""Questions to platforms: a job asks, the answer counts for minutes, what went wrong is said once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory

from portal import clock, pools
from portal.engines.limited_process import answering_request
from portal.jobs import runner
from portal.outbound import deadlines, lookups
from portal.outbound.lookups import AnswerPending, TooManyQuestions
from portal.outbound.models import Lookup, LookupState
from portal.people.models import User
from portal.platforms import PlatformError, Unknown, Work, registry
from portal.testing.fake_platform import FakePlatform
from portal.testing.shared import Enter
from portal.web.callers import request_being_answered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("slow_platforms")]
PUBLISHED = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)


def find_work(text: str) -> Work:
    """As a page asks."""
    with answering_request():
        return registry.get_connector("fake").works.find_work(text)


def profile_text(account: str) -> str:
    with answering_request():
        return registry.get_connector("fake").accounts.profile_text(account)


def answer() -> None:
    runner.run_due_jobs([lookups.LOOK_UP])


@pytest.fixture
def work(platform: FakePlatform) -> Work:
    found = Work("w1", "7", "Kiln", "https://fake.example/works/w1", PUBLISHED)
    platform.open_account("7", "ana", joined_at=PUBLISHED)
    platform.publish(found)
    return found


def test_a_job_asks_and_everybody_who_asks_the_same_gets_its_answer(platform: FakePlatform, work: Work) -> None:
    for _ in range(2):
        with pytest.raises(AnswerPending, match="We are asking Fake platform"):
            find_work("w1")
    assert platform.calls == []
    answer()
    assert [find_work("w1"), find_work("w1")] == [work, work]
    assert platform.calls == ["find_work"]


def test_an_answer_counts_for_some_minutes(platform: FakePlatform, work: Work) -> None:
    with pytest.raises(AnswerPending):
        find_work("w1")
    answer()
    with clock.freeze_time(clock.now() + lookups.ANSWER_COUNTS), pytest.raises(AnswerPending):
        find_work("w1")


def test_a_question_whose_job_was_lost_is_put_again(platform: FakePlatform, work: Work) -> None:
    with pytest.raises(AnswerPending):
        find_work("w1")
    Lookup.objects.update(asked_at=clock.now() - lookups.PATIENCE)
    with pytest.raises(AnswerPending):
        find_work("w1")
    assert Lookup.objects.get().asked_at > clock.now() - lookups.PATIENCE
    answer()
    assert find_work("w1") == work


def test_what_went_wrong_is_said_once(platform: FakePlatform, work: Work) -> None:
    for fault, fails in ((Unknown, 0), (PlatformError, 1)):
        text = "none" if fault is Unknown else "w1"
        with pytest.raises(AnswerPending):
            find_work(text)
        platform.fail(fails)
        answer()
        with pytest.raises(fault):
            find_work(text)
        with pytest.raises(AnswerPending):
            find_work(text)
        answer()


def test_a_profile_is_read_anew_each_time(platform: FakePlatform, work: Work) -> None:
    for text in ("", "the code"):
        platform.profiles["7"] = text
        with pytest.raises(AnswerPending):
            profile_text("7")
        answer()
        assert profile_text("7") == text


def test_a_platform_that_breaks_its_job_counts_as_silent(
    platform: FakePlatform, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "find_work", lambda _text: 1 / 0)
    with pytest.raises(AnswerPending):
        find_work("w1")
    for attempt in range(lookups.LOOK_UP_ATTEMPTS):
        with clock.freeze_time(clock.now() + attempt * lookups.PATIENCE / 2):
            answer()
    assert Lookup.objects.get().state == LookupState.SILENT


def test_all_questions_are_put_before_the_first_answer_is_waited_for(platform: FakePlatform, work: Work) -> None:
    with pytest.raises(AnswerPending):
        lookups.gather_answers(lambda: find_work("w1"), lambda: profile_text("7"))
    answer()
    assert lookups.gather_answers(lambda: find_work("w1"), lambda: profile_text("7")) == [work, ""]


def test_the_fragment_asks_until_there_is_an_answer(client: Client, platform: FakePlatform, work: Work) -> None:
    with pytest.raises(AnswerPending) as pending:
        find_work("w1")
    url = f"/lookups/{lookups.lookup_token(pending.value.lookup)}/"
    assert 'data-asked="yes"' in client.get(url).content.decode()
    answer()
    for _ in range(2):
        text = client.get(url).content.decode()
        assert ('data-asked="no"' in text, "hx-get" in text) == (True, False)
        Lookup.objects.all().delete()
    assert client.get("/lookups/made-up/").status_code == 404


@pytest.mark.parametrize("who", ["person", "address"])
def test_one_caller_may_ask_so_much_in_some_minutes(
    platform: FakePlatform, creator: User, stranger: User, enter: Enter, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    monkeypatch.setattr(lookups, "MOST_OF_CALLER", 3)
    request = RequestFactory().get("/")

    def ask(user: Any, text: str, refused: bool) -> None:
        request.user = user
        with request_being_answered(request), pytest.raises(TooManyQuestions if refused else AnswerPending):
            find_work(text)

    one, other = (creator, stranger) if who == "person" else (AnonymousUser(), creator)
    for number in range(5):
        ask(one, f"w{number}", refused=number >= 3)
    ask(one, "w1", refused=False)  # the same again is no new question
    ask(other, "w9", refused=False)
    assert Lookup.objects.count() == 4


def test_a_form_says_that_somebody_asked_too_much(
    platform: FakePlatform, creator: User, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "MOST_OF_CALLER", 0)
    page = enter(creator).post("/accounts/links/new/", {"platform": "fake", "account": "ana"})
    assert (page.status_code, "many accounts and works" in page.content.decode()) == (422, True)
    assert 'value="ana"' in page.content.decode()


def test_a_platform_on_which_too_many_questions_wait_counts_as_silent(
    platform: FakePlatform, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "MOST_OPEN", 2)
    for text in ("w1", "w2"):
        with pytest.raises(AnswerPending):
            find_work(text)
    with pytest.raises(PlatformError):
        find_work("w3")
    answer()
    assert find_work("w1") == work
    with pytest.raises(AnswerPending):
        find_work("w3")


def test_questions_are_deleted_after_an_hour(platform: FakePlatform, work: Work) -> None:
    with pytest.raises(AnswerPending):
        find_work("w1")
    assert lookups.purge_lookups() == 0
    Lookup.objects.update(asked_at=clock.now() - lookups.KEPT)
    with clock.freeze_time(clock.now() + lookups.PATIENCE):
        assert lookups.purge_lookups() == 1


def test_the_calls_of_one_question_are_over_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "_questions", {"how_long": lambda: deadlines.limited_seconds(45)})
    with pytest.raises(AnswerPending):
        lookups.recorded_answer("how_long", [], platform="Fake platform")
    answer()
    assert 0 < lookups.recorded_answer("how_long", [], platform="Fake platform") <= lookups.LOOK_UP_SECONDS
    assert deadlines.limited_seconds(45) == 45


def test_questions_have_workers_of_their_own() -> None:
    """However long a platform is silent, codes and mails have theirs."""
    assert [kind for kind, pool in pools.ROUTES.items() if pool == "lookups"] == [lookups.LOOK_UP]
