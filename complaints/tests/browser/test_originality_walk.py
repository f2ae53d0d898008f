"""The whole path in a real browser, with real workers, films and followers: there, and back again on appeal."""

import re
from urllib.parse import urlsplit

import pytest
from django.db import connection
from playwright.sync_api import expect

from complaints.models import Complaint, MatchSegment, Restitution
from complaints.reference import loading
from complaints.tests import factories as make
from complaints.tests.browser import steps
from portal.people.models import LinkedAccount
from portal.sandbox import demo
from portal.sandbox.models import Account, Follow, Post
from portal.testing import visitors
from portal.testing.visitors import Arrive, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

COPY = "Making a bowl, so relaxing"
VIEWER = "demo-viewer-0300"  # came by the copy, and nothing keeps their follow


def test_followers_return_and_go_back_on_appeal(arrive: Arrive) -> None:
    make_the_world()
    before = edges()
    author = arrive()
    visitors.sign_in(author, make.person(display_name="Demo Potter"), second_factor=False)
    prove_the_account(author)
    register_the_work(author)
    complain(author)
    visitors.wait_until(lambda: Complaint.objects.get().state == "notified")
    author.page.reload()
    author.look()
    assert MatchSegment.objects.filter(orientation__contains="mirror").exists()

    copycat = arrive()
    answer(copycat)
    steps.decide(arrive(width=1280), make.reviewer())
    assert Complaint.objects.get().state == "second_review"
    steps.confirm(arrive(width=1280), make.senior())
    assert Complaint.objects.get().state == "upheld"

    author.go(Complaint.objects.get().get_absolute_url())
    assert edges() == before
    steps.let_the_hold_end()
    visitors.wait_until(lambda: Restitution.objects.get().state == "done")
    # The page follows by itself.
    expect(author.page.locator("main").get_by_text("Followers were returned").first).to_be_visible(timeout=60_000)
    moved = Restitution.objects.get()
    see_on_the_sandbox(arrive(), moved, before)
    undo(arrive(), VIEWER)

    steps.appeal(copycat)
    steps.reverse(arrive(width=1280), make.senior())
    author.waits_for("Reversed on appeal")
    wait_until_taken_back(author)
    assert {row: at for row, at in edges().items() if row[1] != follower(300)} == {
        row: at for row, at in before.items() if row[1] != follower(300)
    }
    copycat.go(Post.objects.get(title=COPY).get_absolute_url())
    expect(copycat.page.locator("video")).to_have_count(1)


def test_a_complaint_and_its_answer_on_a_phone_in_chinese(arrive: Arrive) -> None:
    make_the_world()
    author = arrive(locale="zh-CN")
    visitors.sign_in(author, make.person(display_name="示例陶艺师", language="zh-hans"), second_factor=False)
    prove_the_account(author)
    register_the_work(author)
    complain(author)
    visitors.wait_until(lambda: Complaint.objects.get().state == "notified")
    copycat = arrive(locale="zh-CN")
    answer(copycat)
    steps.decide(arrive(width=1280), make.reviewer(), remedies=("warn", "remove"))
    complaint = Complaint.objects.get()
    assert complaint.state == "upheld"
    author.go(complaint.get_absolute_url())
    author.sees("Your complaint was upheld. Below are the reasons and the consequences.")
    copycat.go(complaint.answer_url)
    copycat.sees("Appeal")


def make_the_world() -> None:
    loading.load_complaint_reference()
    demo.seed()


def edges() -> dict[tuple[int, int], object]:
    """Who follows whom, since when and by what."""
    rows = Follow.objects.values_list("account_id", "follower_id", "created_at", "post_id", "source_kind")
    return {(account, follower): rest for account, follower, *rest in rows}


def follower(number: int) -> int:
    return Account.objects.get(handle=f"demo-viewer-{number:04}").pk


def act_as(visitor: Visitor, handle: str) -> None:
    """On the sandbox one is whom one chooses to be."""
    visitor.go(f"/sandbox/@{handle}/")
    visitor.press("Act as this account")


def prove_the_account(author: Visitor) -> None:
    author.go("/accounts/links/new/")
    author.type("Handle or address of your profile", "@demo-potter")
    author.press("Continue to the code")
    page = author.page.url.removeprefix(author.base)
    act_as(author, "demo-potter")
    author.go("/sandbox/profile/")
    author.page.locator("main textarea").fill(f"Demo account. {LinkedAccount.objects.get().code}")
    author.page.locator("main form:has(textarea) button[type=submit]").first.click()
    author.page.wait_for_load_state()
    author.go(page)
    author.press("I have added it: verify now")
    assert LinkedAccount.objects.get().state == "proven"


def register_the_work(author: Visitor) -> None:
    author.go("/complaints/works/new/")
    author.type("Title", "A bowl, the original file")
    film = demo.draw_scene("potter", 1)
    author.page.locator("input[type=file]").first.set_input_files(
        {"name": "vase.mp4", "mimeType": "video/mp4", "buffer": film}
    )
    expect(author.page.locator("main input[name=video-kept]")).to_have_count(1)
    author.page.locator("main form[enctype] button[type=submit]").last.click()
    author.page.wait_for_url(re.compile(r"/complaints/works/\d+/"))
    author.look()


def complain(author: Visitor) -> None:
    author.go("/complaints/new/")
    author.page.locator("main form button[type=submit]").first.click()
    author.page.wait_for_url("**/copy/")
    author.type("Address of the copy", author.base + Post.objects.get(title=COPY).get_absolute_url())
    author.press("Save and continue")
    author.page.locator("input[name=way][value=work]").check()
    author.page.get_by_label(author.text("Your work")).last.select_option(index=1)
    author.press("Save and continue")
    steps.tell_what_happened(author)
    author.sees(Complaint.objects.get().number)


def open_the_message(visitor: Visitor, handle: str, words: str) -> None:
    """Follow the link of the newest message that holds the words."""
    act_as(visitor, handle)
    visitor.go("/sandbox/inbox/")
    visitor.waits_for(words)
    link = visitor.page.locator("article", has_text=words).first.get_by_role("link").first
    # The workers write the portal's address; here it listens on another port.
    visitor.go(urlsplit(link.get_attribute("href") or "").path)


def answer(copycat: Visitor) -> None:
    open_the_message(copycat, "demo-copycat", "OC-")
    steps.answer(copycat)


def see_on_the_sandbox(viewer: Visitor, moved: Restitution, before: dict[tuple[int, int], object]) -> None:
    """The counts on the platform's own pages are those of the ledger, and the copy is not shown any more."""
    moved.refresh_from_db()
    assert moved.moved > 700
    assert moved.already > 120
    assert moved.looked_at == moved.moved + moved.already + sum(moved.excluded.values()) + moved.passed == 1_500
    for handle, change in (("demo-copycat", -(moved.moved + moved.already)), ("demo-potter", moved.moved)):
        pk = Account.objects.get(handle=handle).pk
        expected = sum(account == pk for account, _follower in before) + change
        viewer.go(f"/sandbox/@{handle}/")
        expect(viewer.page.locator("dl.sandbox-facts dd").first).to_have_text(re.compile(rf"^\s*{expected:,}\s*$"))
    viewer.go(Post.objects.get(title=COPY).get_absolute_url())
    expect(viewer.page.locator("video")).to_have_count(0)


def undo(viewer: Visitor, handle: str) -> None:
    open_the_message(viewer, handle, "demo-copycat")
    viewer.press("Follow @demo-copycat again instead")
    viewer.waits_for("You undid it")
    assert Follow.objects.filter(
        account=Account.objects.get(handle="demo-copycat"), follower=Account.objects.get(handle=handle)
    ).exists()


def wait_until_taken_back(author: Visitor) -> None:
    visitors.wait_until(lambda: Restitution.objects.get().state.endswith("reversed"))
    author.waits_for("Reversed")
    row = Restitution.objects.get()
    assert (row.state, row.overridden + row.restored) == ("partly_reversed", row.moved + row.already)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sandbox_follow WHERE order_key <> ''")
        assert cursor.fetchone() == (0,)
