"""A whole complaint on a platform that is reached over HTTP: compared, decided, followers moved, told and given back.

The reference platform runs in a process of its own, and the jobs of the portal call it. Some of its answers are lost.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest

from complaints.actions import drafts, follower_choices, restitutions
from complaints.models import Complaint, Restitution
from complaints.restitution import attribution
from complaints.tests import deciding as do
from complaints.tests import engine
from complaints.tests import factories as make
from complaints.tests.reference import use_reference_platform
from portal import clock
from portal.connectors.http.running_reference import RunningReference, run_reference_platform
from portal.connectors.http.tests.stage import ReferenceStage
from portal.jobs import runner
from portal.outbound.models import PlatformTraffic
from portal.people.models import LinkedAccount, User
from portal.people.states import LinkState
from portal.platforms import registry

pytestmark = pytest.mark.django_db
FANS = 7


class Scene(NamedTuple):
    """The people of a case, with their accounts, and the copy with its followers."""

    author: User
    copier: User
    target: str
    source: str
    copy: str
    fans: list[int]
    complaint: Complaint


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReference]:
    with run_reference_platform(tmp_path_factory.mktemp("reference")) as running:
        yield running


@pytest.fixture
def reference(running: RunningReference, monkeypatch: pytest.MonkeyPatch) -> RunningReference:
    """The only platform of the portal, which a job has asked what it serves."""
    use_reference_platform(running, monkeypatch)
    return running


@pytest.fixture
def stage(reference: RunningReference) -> ReferenceStage:
    return ReferenceStage(reference.store)


def prove(person: User, account_id: str) -> None:
    account = registry.get_connector("reference").accounts.account(account_id)
    facts = {"handle": account.handle, "region": account.region, "agency": account.agency}
    proof = {"state": LinkState.PROVEN, "proven_at": clock.now()}
    LinkedAccount.objects.create(person=person, platform="reference", external_id=account_id, **facts, **proof)


def set_scene(stage: ReferenceStage) -> Scene:
    """An author and a copier with an account each; the copy has brought followers, and one follows both."""
    author, copier = make.person(), make.person()
    target, source = stage.account("author", region="eu"), stage.account("copier", region="eu")
    prove(author, target)
    prove(copier, source)
    since = clock.now() - timedelta(days=3)
    film = engine.sample_video("potter", "one")
    original = stage.work(target, title="A bowl", at=since - timedelta(days=9), video=film)
    copy = stage.work(source, title="My bowl", at=since - timedelta(days=1), video=engine.sample_video("potter", "two"))
    fans = [stage.viewer() for _ in range(FANS)]
    for fan in fans:
        stage.follow(source, fan, at=since, work_id=copy)
    stage.follow(target, fans[0], at=since, kind="profile")
    bot = stage.viewer(is_bot=True)
    stage.follow(source, bot, at=since, work_id=copy)
    stage.follow(source, stage.viewer(), at=since, kind="profile")
    return Scene(author, copier, target, source, copy, fans, file_complaint(author, original, copy))


def file_complaint(author: User, original: str, copy: str) -> Complaint:
    works = registry.get_connector("reference").works
    complaint = drafts.start_draft(by=author)
    drafts.name_copied_video(complaint=complaint, by=author, address=works.find_work(copy).url)
    drafts.name_original_video(complaint=complaint, by=author, address=works.find_work(original).url)
    drafts.save_draft(complaint=complaint, by=author, text="They uploaded my film again.")
    drafts.set_complainant_contact(complaint=complaint, by=author, contact=make.CONTACT)
    for step in make.IN_REVIEW:
        step(complaint)
        complaint = make.fresh(complaint)
    forget_traffic()
    return complaint


def forget_traffic() -> None:
    """Time was held at a later moment; calls at an earlier one would wait for it."""
    PlatformTraffic.objects.all().delete()


def run_until(row: Restitution, state: str) -> Restitution:
    """Let the jobs work, also those that wait for their next attempt, and look at the ledger."""
    for minutes in range(0, 60, 5):
        with clock.freeze_time(clock.now() + timedelta(minutes=minutes)):
            runner.run_due_jobs()
        forget_traffic()
        row = Restitution.objects.select_related("remedy").get(pk=row.pk)
        if row.state == state:
            break
    undone = set(row.choices.carried_out().values_list("follower_id", flat=True))
    assert (row.state, attribution.ledger_imbalances(row, row.pages.order_by("number"), undone)) == (state, [])
    return row


def followers_of(stage: ReferenceStage, account: str) -> set[int]:
    return {edge.follower_id for edge in stage.edges() if edge.account_id == account}


@pytest.mark.parametrize("fault", ["", "lost", "error", "duplicate"])
def test_a_complaint_with_its_restitution_and_reversal(
    reference: RunningReference, stage: ReferenceStage, fault: str
) -> None:
    scene = set_scene(stage)
    before = {edge[:4] for edge in stage.edges()}
    do.decide(scene.complaint, remedies=("warn", "remove", "restitution"))
    do.confirm(scene.complaint)
    row = Restitution.objects.get()
    Restitution.objects.update(batch=3)
    if fault:
        for path in ("move", "restore"):
            reference.inject(fault, path=f"/v1/followers/{path}", times=4)
        reference.inject(fault, path="/v1/messages", times=2)
        reference.inject(fault, path="/v1/works/*/removals/*", times=2)
    with clock.freeze_time(row.hold_until):
        assert restitutions.begin_due_restitutions() == 1
        row = run_until(row, "done")
        assert (row.moved, row.already, row.excluded, row.passed) == (FANS - 1, 1, {"bot": 1}, 1)
        assert followers_of(stage, scene.target) == set(scene.fans)
        run_until(row, "done")
        assert [len(stage.messages(fan)) for fan in scene.fans] == [1] * FANS
        assert registry.get_connector("reference").works.find_work(scene.copy).state == "removed"
        follower_choices.undo_follower_return(restitution=row, follower_id=scene.fans[1])
        do.appeal(scene.complaint)
        do.reverse(scene.complaint)
        row = run_until(row, "partly_reversed")
        assert (row.restored, row.overridden, row.undone) == (FANS - 1, 1, 1)
        run_until(row, "partly_reversed")
        assert registry.get_connector("reference").works.find_work(scene.copy).state == "public"
    assert {edge[:4] for edge in stage.edges()} == before
