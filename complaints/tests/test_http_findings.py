"""What rests on a finding falls with it over HTTP, too: the part of each restitution that does, in every mode."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from complaints.actions import invitations
from complaints.models import Restitution, RestitutionPolicy
from complaints.restitution import attribution
from complaints.states import RestitutionMode
from complaints.tests import restitutions as make
from complaints.tests.findings import overturn, restitute, uphold
from complaints.tests.reference import use_reference_platform
from complaints.tests.restitutions import PUBLISHED, Stage
from complaints.tests.test_http_walk import followers_of, forget_traffic
from portal import clock
from portal.connectors.http.running_reference import RunningReference, run_reference_platform
from portal.connectors.http.tests.stage import ReferenceStage
from portal.jobs import runner
from portal.reviews.tests import factories as reviews
from portal.sandbox.models import Account, Post

pytestmark = pytest.mark.django_db
BATCH = 4


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReference]:
    with run_reference_platform(tmp_path_factory.mktemp("reference")) as running:
        yield running


@pytest.fixture
def reference(running: RunningReference, monkeypatch: pytest.MonkeyPatch) -> RunningReference:
    """The only platform, by the code that the complaints of these tests name."""
    use_reference_platform(running, monkeypatch, code="sandbox")
    return running


@pytest.fixture
def platform(reference: RunningReference) -> ReferenceStage:
    return ReferenceStage(reference.store)


def set_scene(platform: ReferenceStage, mode: str) -> Stage:
    """An account with two copies, and an author with an account, as rows that are the reference platform's alone."""
    source, target = (
        Account(pk=int(platform.account(handle)), handle=handle, region="us") for handle in ("copier", "author")
    )
    copy, other = (Post(pk=int(platform.work(str(source.pk))), account=source, published_at=PUBLISHED) for _ in "12")
    RestitutionPolicy.objects.update_or_create(region="us", defaults={"mode": mode, "hold_days": 0, "undo_days": 30})
    made = Stage(source, target, copy, other, reviews.person("creator"))
    make.link(made)
    return made


def came_by(platform: ReferenceStage, stage: Stage, work: Post) -> set[int]:
    fans = [platform.viewer() for _ in range(3)]
    for fan in fans:
        platform.follow(str(stage.source.pk), fan, at=PUBLISHED + timedelta(hours=1), work_id=str(work.pk))
    return set(fans)


def work(row: Restitution) -> Restitution:
    """Let the jobs work, also those that wait for another attempt; the ledger balances then."""
    for minutes in range(0, 30, 6):
        with clock.freeze_time(clock.now() + timedelta(minutes=minutes)):
            runner.run_due_jobs()
        forget_traffic()
    row = make.fresh(row)
    assert attribution.ledger_imbalances(row, row.pages.order_by("number"), ()) == []
    return row


def places(platform: ReferenceStage, stage: Stage) -> tuple[set[int], set[int]]:
    """Who follows the source, and who the target."""
    source, target = (followers_of(platform, str(account.pk)) for account in (stage.source, stage.target))
    return source, target


@pytest.mark.parametrize("fault", ["", "lost"])
@pytest.mark.parametrize("mode", ["move", "clear", "invite"])
def test_the_part_that_rested_on_a_reversed_finding_goes_back(
    reference: RunningReference, platform: ReferenceStage, mode: str, fault: str
) -> None:
    stage = set_scene(platform, mode)
    early, own = came_by(platform, stage, stage.other), came_by(platform, stage, stage.copy)
    before = {edge[:4] for edge in platform.edges()}
    first, second = uphold(stage, stage.other), uphold(stage, stage.copy)
    row = work(restitute(second, batch=BATCH))
    if mode == RestitutionMode.INVITE:
        for fan in sorted(early | own):
            invitations.answer_invitation(restitution=row, follower_id=fan, accepted=True)
        row = work(row)
    gone = set() if mode == RestitutionMode.CLEAR else early | own
    assert places(platform, stage) == (set(), gone)
    if fault:
        reference.inject(fault, path="/v1/followers/restore", times=4)
    overturn(first)
    row = work(row)
    assert (row.restored, row.overridden) == (3, 0)
    assert places(platform, stage) == (early, gone - early)
    assert {edge[:4] for edge in platform.edges() if edge.follower_id in early} <= before
    overturn(second)
    row = work(row)
    assert (row.state, row.restored) == ("reversed", 6)
    assert {edge[:4] for edge in platform.edges()} == before
