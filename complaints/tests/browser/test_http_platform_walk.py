"""A whole complaint on a platform that is reached over HTTP: real browsers, real workers, and the reference platform."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from complaints.models import Complaint, Restitution
from complaints.reference import loading
from complaints.tests import factories as make
from complaints.tests.browser import steps
from portal import clock
from portal.connectors.http import capabilities
from portal.connectors.http.connector import HttpPlatform
from portal.connectors.http.running_reference import RunningReference, run_reference_platform
from portal.connectors.http.tests.stage import ReferenceStage
from portal.people.models import LinkedAccount
from portal.platforms import registry
from portal.sandbox import demo
from portal.sandbox.drawing import edit_video
from portal.testing import visitors
from portal.testing.browser import workers_of_this_test
from portal.testing.visitors import Arrive, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FANS = 300


@pytest.fixture
def reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningReference]:
    """The only platform of the portal."""
    with run_reference_platform(tmp_path) as running:
        made = HttpPlatform(running.config())
        monkeypatch.setattr(registry, "_connectors", {made.code: made.connector()})
        yield running


@pytest.fixture
def workers(transactional_db: None, tmp_path: Path, reference: RunningReference) -> Iterator[Path]:
    """Workers that know this platform and no other."""
    entry = json.dumps([asdict(reference.config())])
    with workers_of_this_test(tmp_path / "workers.log", PLATFORMS=entry, SANDBOX="0") as log:
        yield log


def test_followers_return_over_http_and_go_back_on_appeal(arrive: Arrive, reference: RunningReference) -> None:
    loading.load_complaint_reference()
    visitors.wait_until(lambda: bool(capabilities.known_capabilities("reference").serves))
    stage = ReferenceStage(reference.store)
    target, source = stage.account("author", region="us"), stage.account("copier", region="us")
    original, copy = publish(stage, target, source)
    before = stage.edges()
    author = arrive()
    visitors.sign_in(author, make.person(display_name="Demo Potter"), second_factor=False)
    prove_the_account(author, reference, target)
    complain(author, copy, original)
    visitors.wait_until(lambda: Complaint.objects.get().state == "notified")

    copycat = arrive()
    visitors.wait_until(lambda: bool(stage.messages(source)))
    copycat.go(urlsplit(stage.messages(source)[-1].url).path)
    steps.answer(copycat)
    steps.decide(arrive(width=1280), make.reviewer())
    steps.confirm(arrive(width=1280), make.senior())
    assert stage.edges() == before
    reference.inject("lost", path="/v1/followers/move", times=3)
    reference.inject("error", path="/v1/messages", times=2)
    steps.let_the_hold_end()
    visitors.wait_until(lambda: Restitution.objects.get().state == "done")
    row = Restitution.objects.get()
    assert (row.moved, row.already, row.passed) == (FANS, 1, 1)
    assert followers(stage, target) == FANS + 1
    assert followers(stage, source) == 1
    author.go(Complaint.objects.get().get_absolute_url())
    author.sees("Followers were returned")

    steps.appeal(copycat)
    reference.inject("lost", path="/v1/followers/restore", times=3)
    steps.reverse(arrive(width=1280), make.senior())
    visitors.wait_until(lambda: Restitution.objects.get().state == "reversed")
    author.waits_for("Reversed")
    assert stage.edges() == before
    assert not reference.store.rows("SELECT kind FROM fault"), "every fault has happened"


def publish(stage: ReferenceStage, target: str, source: str) -> tuple[str, str]:
    """A film and its mirrored copy; the copy has brought followers, one of whom follows the author, too."""
    now, film = clock.now(), demo.draw_scene("potter", 1)
    original = stage.work(target, title="A bowl", at=now - timedelta(days=12), video=film)
    copy = stage.work(source, title="My bowl", at=now - timedelta(days=4), video=edit_video(film, mirror=True))
    since = now - timedelta(days=3)
    fans = [stage.viewer() for _ in range(FANS + 1)]
    for fan in fans:
        stage.follow(source, fan, at=since, work_id=copy)
    stage.follow(target, fans[0], at=since, kind="profile")
    stage.follow(source, stage.viewer(), at=since, kind="profile")
    return original, copy


def followers(stage: ReferenceStage, account: str) -> int:
    return sum(edge.account_id == account for edge in stage.edges())


def prove_the_account(author: Visitor, reference: RunningReference, account: str) -> None:
    author.go("/accounts/links/new/")
    author.type("Handle or address of your profile", "@author")
    author.page.get_by_role("button", name="Continue to the code").click()
    visitors.wait_until(LinkedAccount.objects.exists)
    code = LinkedAccount.objects.get().code
    reference.store.db.execute("UPDATE account SET bio = ? WHERE id = ?", (code, account))
    author.go(f"/accounts/links/{LinkedAccount.objects.get().pk}/")
    author.page.get_by_role("button", name="I have added it: verify now").click()
    visitors.wait_until(lambda: LinkedAccount.objects.get().state == "proven")


def complain(author: Visitor, copy: str, original: str) -> None:
    """Each address is looked up by workers while the page waits."""
    works = registry.get_connector("reference").works
    author.go("/complaints/new/")
    author.page.locator("main form button[type=submit]").first.click()
    author.page.wait_for_url("**/copy/")
    author.type("Address of the copy", works.find_work(copy).url)
    author.page.get_by_role("button", name="Save and continue").click()
    author.page.wait_for_url("**/original/")
    author.page.locator("input[name=way][value=address]").check()
    author.type("Address of your post", works.find_work(original).url)
    author.page.get_by_role("button", name="Save and continue").click()
    author.page.wait_for_url("**/notice/")
    steps.tell_what_happened(author)
    author.sees(Complaint.objects.get().number)
