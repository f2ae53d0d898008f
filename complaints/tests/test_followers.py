"""The follower's page: looking changes nothing, the button works once, nobody else's link opens it."""

import base64
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from complaints import events
from complaints.actions import controls, follower_choices, follower_messages, restitution_pages, reversals
from complaints.actions.follower_messages import InvalidFollowerLink, follower_link, read_follower_link
from complaints.models import FollowerChoice, Restitution
from complaints.tests import restitutions as make
from complaints.tests.distant import use_distant_platform, work
from complaints.views.follower_moves import list_moves
from portal import clock
from portal.audit import trail
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.errors import Conflict
from portal.jobs import runner
from portal.outbound import lookups
from portal.platforms import Following, PlatformError, Unknown
from portal.reviews.tests import factories as reviews
from portal.sandbox.actions import follows
from portal.sandbox.models import Account
from portal.testing.sandbox_inboxes import delivered_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
BUTTON = "again instead"


@pytest.fixture
def stage() -> make.Stage:
    return make.stage()


@pytest.fixture
def follower(stage: make.Stage) -> Account:
    (row,) = make.viewers(1)
    make.follow(stage.source, [row], post=stage.copy)
    return row


@pytest.fixture
def moved(stage: make.Stage, follower: Account) -> Restitution:
    row = make.begun(stage)
    runner.run_due_jobs()
    return make.fresh(row)


def page(row: Restitution, follower_id: int) -> str:
    return follower_link(row).address_of(follower_id).removeprefix(settings.BASE_URL)


def unpacked(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "==")


def shown(client: Client, url: str) -> str:
    """The page as it is when the platform has answered."""
    response = client.get(f"{url}?now=1")
    assert response.status_code == 200
    return response.content.decode()


def press(client: Client, url: str) -> str:
    """Press the button; the page once the job has carried it out."""
    assert client.post(url).headers["Location"] == url
    assert "the platform is being asked" in client.get(url).content.decode() or not queued()
    runner.run_due_jobs([follower_choices.UNDO_FOLLOW])
    return shown(client, url)


def queued() -> bool:
    return FollowerChoice.objects.exclude(calling_key="").exists()


def test_the_link_in_the_message_opens_the_page(client: Client, moved: Restitution, follower: Account) -> None:
    url = delivered_notices().get(account=follower).url
    assert url == follower_link(moved).address_of(follower.pk)
    assert read_follower_link(url.rstrip("/").rpartition("/")[2]) == (moved, follower.pk)
    text = shown(client, page(moved, follower.pk))
    assert moved.source_handle in text
    assert moved.target_handle in text
    assert BUTTON in text


def test_looking_changes_nothing(client: Client, moved: Restitution, follower: Account) -> None:
    before = make.edges()
    for _ in range(2):
        shown(client, page(moved, follower.pk))
        client.head(page(moved, follower.pk))
    assert make.edges() == before
    assert not FollowerChoice.objects.exists()


def test_the_button_takes_it_back_once(
    client: Client, stage: make.Stage, moved: Restitution, follower: Account
) -> None:
    url = page(moved, follower.pk)
    for _ in range(2):
        press(client, url)
    assert {edge.account_id for edge in make.edges()} == {stage.source.pk}
    moved = make.fresh(moved)
    assert (moved.undone, FollowerChoice.objects.count()) == (1, 1)
    (event,) = (row for row in trail.events_of(moved.chain) if row.event == events.FOLLOWER_UNDID)
    assert event.data == {"undone": 1}
    text = shown(client, url)
    assert "You undid it" in text
    assert BUTTON not in text


def test_a_button_without_the_page_is_refused(moved: Restitution, follower: Account) -> None:
    assert Client(enforce_csrf_checks=True).post(page(moved, follower.pk)).status_code == 403
    assert not FollowerChoice.objects.exists()


def test_who_followed_both_gets_their_follow_again(client: Client, stage: make.Stage) -> None:
    both = make.viewers(1)
    make.follow(stage.source, both, post=stage.copy)
    make.follow(stage.target, both, source_kind="profile")
    before = {edge[:3] for edge in make.edges()}
    row = make.begun(stage)
    runner.run_due_jobs()
    url = page(make.fresh(row), both[0].pk)
    text = shown(client, url)
    assert f"Follow @{stage.source.handle} again</button>" in text
    assert "You already followed the author" in text
    assert "was therefore moved" not in text
    assert "you already followed the author" in client.get(f"{url}all/").content.decode()
    press(client, url)
    assert {edge[:3] for edge in make.edges()} == before
    assert f"your follow of @{stage.source.handle} was restored" in shown(client, url)


def test_who_followed_both_is_told_so(stage: make.Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    use_distant_platform(monkeypatch)
    both, alone = make.viewers(2)
    make.follow(stage.source, [both, alone], post=stage.copy)
    make.follow(stage.target, [both], source_kind="profile")
    row = work(make.begun(stage))
    moved, already = follower_messages.return_messages(row, row.pages.get())
    source, target = stage.source.handle, stage.target.handle
    assert (list(moved.followers), list(already.followers)) == ([alone.pk], [both.pk])
    assert moved.subject.startswith(f"You now follow @{target} instead of @{source}")
    assert already.subject.startswith(f"You no longer follow @{source}")
    assert f"You already follow @{target}, so your follow of @{source} has ended." in already.body
    assert "instead" not in already.body
    reversals.reverse_restitution(row, by=None)
    row = work(row)
    moved, already = follower_messages.reversal_messages(row, row.pages.get())
    assert "The decision that moved your follow" in moved.body
    assert "The decision that ended your follow" in already.body


def test_what_they_follow_is_shown_after_an_undo_too(client: Client, moved: Restitution, follower: Account) -> None:
    url = page(moved, follower.pk)
    press(client, url)
    text = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "Current status" in text
    assert "You undid it" in text
    whole = client.get(url).content.decode()
    assert "You undid it" in whole
    assert "was therefore moved" not in whole


def test_the_list_says_what_was_done_when_they_have_chosen_otherwise(
    client: Client, stage: make.Stage, moved: Restitution, follower: Account
) -> None:
    follows.unfollow_account(account=stage.target, by=follower)
    text = client.get(f"{page(moved, follower.pk)}all/").content.decode()
    assert "Your follow was moved to the author" in text
    assert "You follow the author instead" not in text


@pytest.mark.parametrize("token", ["", "x", "AAAA", "x" * 400, "ä", "%00", "A" * 43, "a/b"])
def test_a_wrong_link_leads_nowhere_in_a_friendly_way(client: Client, token: str) -> None:
    response = client.get(f"/complaints/follow/{token}/")
    assert response.status_code == 404
    if token and token != "a/b":
        assert "is invalid" in response.content.decode()


def test_nobody_can_make_a_link_for_somebody_else(client: Client, moved: Restitution, follower: Account) -> None:
    (stranger,) = make.viewers(1)
    mine = page(moved, follower.pk).split("/")[3]
    theirs = page(moved, stranger.pk).split("/")[3]
    forged = base64.urlsafe_b64encode(unpacked(theirs)[:16] + unpacked(mine)[16:]).decode().rstrip("=")
    assert client.get(f"/complaints/follow/{forged}/").status_code == 404
    for n, letter in enumerate(mine):
        changed = mine[:n] + ("A" if letter != "A" else "B") + mine[n + 1 :]
        try:
            assert read_follower_link(changed) == (moved, follower.pk)
        except InvalidFollowerLink:
            continue
        assert n == len(mine) - 1  # the last letter has bits that mean nothing


def test_a_link_for_a_restitution_that_is_not_there_leads_nowhere(client: Client) -> None:
    assert client.get(page(Restitution(pk=10**12), 5)).status_code == 404


def test_a_stranger_with_a_link_of_their_own_takes_nothing_back(client: Client, moved: Restitution) -> None:
    (stranger,) = make.viewers(1)
    before = make.edges()
    url = page(moved, stranger.pk)
    assert BUTTON not in shown(client, url)
    press(client, url)
    assert make.edges() == before
    assert not FollowerChoice.objects.exists()


def test_links_of_before_are_accepted(moved: Restitution, follower: Account) -> None:
    """They were signed with one key for all restitutions."""
    body = unpacked(page(moved, follower.pk).split("/")[3])[:16]
    mac = follower_messages._link_mac(follower_messages._link_key(settings.SECRET_KEY), body)
    token = base64.urlsafe_b64encode(body + mac).decode().rstrip("=")
    assert read_follower_link(token) == (moved, follower.pk)


def test_links_outlive_a_new_secret_key(settings: Any, moved: Restitution, follower: Account) -> None:
    token = page(moved, follower.pk).split("/")[3]
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, just as long as the one before it was"
    assert read_follower_link(token)[1] == follower.pk
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidFollowerLink):
        read_follower_link(token)


def test_the_page_says_when_it_is_too_late(client: Client, moved: Restitution, follower: Account) -> None:
    before = make.edges()
    assert moved.undo_until is not None
    with clock.freeze_time(moved.undo_until):
        text = shown(client, page(moved, follower.pk))
        assert "has ended" in text
        assert BUTTON not in text
        client.post(page(moved, follower.pk))
        with pytest.raises(Conflict, match="has ended"):
            follower_choices.undo_follower_return(restitution=moved, follower_id=follower.pk)
    with clock.freeze_time(moved.undo_until - timedelta(seconds=1)):
        assert BUTTON in shown(client, page(moved, follower.pk))
    assert make.edges() == before


def test_who_chose_otherwise_meanwhile_is_left_alone(
    client: Client, stage: make.Stage, moved: Restitution, follower: Account
) -> None:
    follows.unfollow_account(account=stage.target, by=follower)
    assert "You have changed whom you follow" in shown(client, page(moved, follower.pk))
    assert "Your choice is kept" in press(client, page(moved, follower.pk))
    assert make.edges() == set()


def test_the_page_shows_before_the_platform_answers(
    client: Client, moved: Restitution, follower: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, calls = page(moved, follower.pk), []
    following = SandboxPlatform.following

    def noted(*args: Any) -> Following:
        calls.append("following")
        return following(*args)

    monkeypatch.setattr(SandboxPlatform, "following", noted)
    text = client.get(url).content.decode()
    assert f'hx-get="{url}"' in text
    assert 'href="?now=1"' in text
    assert (BUTTON in text, calls) == (False, [])
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert BUTTON in fragment
    assert "<html" not in fragment
    assert calls == ["following"]


def test_the_page_comes_back_for_what_a_job_was_told(
    client: Client, moved: Restitution, follower: Account, slow_platforms: None
) -> None:
    url = page(moved, follower.pk)
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "asking the platform whom you follow now" in fragment
    assert f'hx-get="{url}"' in fragment
    runner.run_due_jobs([lookups.LOOK_UP])
    answered = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert (BUTTON in answered, "hx-get" in answered) == (True, False)


def test_the_page_says_when_all_is_taken_back_anyway(client: Client, moved: Restitution, follower: Account) -> None:
    reversals.reverse_restitution(moved, by=None)
    assert "reversed on appeal" in shown(client, page(moved, follower.pk))
    assert "reversed on appeal" in client.post(page(moved, follower.pk), follow=True).content.decode()
    runner.run_due_jobs()
    assert "reversed on appeal" in shown(client, page(moved, follower.pk))
    assert make.fresh(moved).undone == 0


def test_the_page_and_the_message_say_when_it_was_stopped(
    client: Client, stage: make.Stage, follower: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_distant_platform(monkeypatch)
    make.follow(stage.source, make.viewers(2), post=stage.copy)
    row = make.begun(stage, batch=1)
    restitution_pages.move_page(row.pk)
    proposed = controls.propose_stop(
        restitution=make.fresh(row), by=reviews.senior(), reason="The copy was published by mistake."
    )
    controls.confirm_stop(control=proposed, by=reviews.senior())
    for _each in range(2):  # while followers are restored, and afterwards
        for path in ("", "all/"):
            text = client.get(f"{page(row, follower.pk)}{path}").content.decode()
            assert ("reviewers" in text, "reversed" in text) == (True, False), path
        assert "reversed on appeal" not in client.post(page(row, follower.pk), follow=True).content.decode()
        work(row)
    (told,) = follower_messages.reversal_messages(make.fresh(row), row.pages.all()[0])
    assert "Two of our reviewers have stopped this change" in told.body
    assert "reversed" not in told.body


def test_a_silent_platform_is_no_broken_page(
    client: Client, moved: Restitution, follower: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*args: Any, **kwargs: Any) -> None:
        raise PlatformError("down")

    for call in ("following", "return_follower"):
        monkeypatch.setattr(SandboxPlatform, call, silent)
    assert "is not responding" in shown(client, page(moved, follower.pk))
    assert "You are undoing this" in press(client, page(moved, follower.pk))
    assert not FollowerChoice.objects.carried_out().exists()


def test_an_account_that_is_gone_is_not_taken_for_a_choice_of_the_follower(
    client: Client, moved: Restitution, follower: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: Any, **kwargs: Any) -> bool:
        raise Unknown("gone")

    monkeypatch.setattr(SandboxPlatform, "return_follower", gone)
    said = press(client, page(moved, follower.pk))
    assert "one of the accounts no longer exists" in said
    assert "You have changed" not in said
    with pytest.raises(Conflict, match="no longer exists"):
        follower_choices.ask_follower_undo(restitution=moved, follower_id=follower.pk)
    assert make.fresh(moved).undone == 0
    assert not FollowerChoice.objects.carried_out().exists()
    (move,) = list_moves(moved.platform, follower.pk)
    assert move.said == "Your follow was moved to the author"


def test_the_page_is_cheap_and_kept_nowhere(
    client: Client, moved: Restitution, follower: Account, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        response = client.get(page(moved, follower.pk))
    assert "no-store" in response.headers["Cache-Control"]
    with django_assert_max_num_queries(24):
        client.post(page(moved, follower.pk))


def test_links_are_made_by_the_hundred_thousand() -> None:
    link = follower_link(Restitution(pk=1))
    started = time.perf_counter()
    made = {link.address_of(number) for number in range(20_000)}
    assert len(made) == 20_000
    assert time.perf_counter() - started < 2


def test_the_page_says_when_followers_are_still_being_moved(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    use_distant_platform(monkeypatch)
    for mode, said, listed in (
        ("move", "has not ended yet", "Your follow was moved to the author"),
        ("invite", "as soon as everyone concerned has been found", "You will be asked"),
    ):
        stage = make.stage(mode=mode)
        first, *_others = fans = make.viewers(3)
        make.follow(stage.source, fans, post=stage.copy)
        row = make.begun(stage, batch=2)
        restitution_pages.move_page(row.pk)
        text = client.get(page(row, first.pk)).content.decode()
        assert said in text
        assert "has ended." not in text
        assert listed in client.get(f"{page(row, first.pk)}all/").content.decode()
        assert "has not ended yet" in client.post(page(row, first.pk), follow=True).content.decode()
        work(row)
