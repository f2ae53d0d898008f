"""A platform that does less than the sandbox: what it cannot do is not offered, and the rest goes to its end."""

import sys
from types import ModuleType

import pytest

from complaints import remedies as remedy_types
from complaints.actions import remedies
from complaints.states import RemedyState as State
from complaints.tests import deciding as do
from complaints.tests import factories as make
from portal.connectors.loading import make_connectors
from portal.errors import Invalid
from portal.jobs import runner
from portal.platforms import Connector, PlatformConfig, Unserved, registry, served
from portal.testing.fake_platform import FakePlatform

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Connector:
    """The only platform: made from an entry of PLATFORMS, without removals, labels and followers."""

    def make_small(config: PlatformConfig) -> Connector:
        return FakePlatform(config.code, config.name).connector(without=("removals", "labels", "followers"))

    kind = ModuleType("portal.connectors.small")
    monkeypatch.setattr(kind, "make", make_small, raising=False)
    monkeypatch.setitem(sys.modules, kind.__name__, kind)
    (connector,), _wrong = make_connectors([{"code": "fake", "name": "Small platform", "kind": "small"}])
    monkeypatch.setattr(registry, "_connectors", {connector.code: connector})
    return connector


def test_what_the_platform_does_not_do_is_refused_with_the_reason() -> None:
    complaint = do.in_review()
    refusals = remedy_types.remedy_refusals(remedy_types.remedy_situation(complaint, remedy_types.NOT_ASKED))
    assert {kind: str(reason) for kind, reason in refusals.items() if reason} == {
        "remove": "This platform does not remove works through the portal.",
        "restitution": "Followers cannot be returned through the portal on this platform.",
    }
    with pytest.raises(Invalid) as wrong:
        do.decide(complaint, remedies=("warn", "remove"))
    assert "does not remove works" in str(wrong.value.fields["remedies"][0])


def test_a_complaint_goes_to_its_end_with_what_is_left() -> None:
    complaint = do.in_review(against=make.account(make.person()))
    do.decide(complaint, remedies=("warn",))
    runner.run_due_jobs()
    assert do.states(complaint) == {"warn": State.ACTIVE}
    do.appeal(complaint)
    do.reverse(complaint)
    runner.run_due_jobs()
    assert do.states(complaint) == {"warn": State.LIFTED}
    assert remedies.active_warnings("fake", complaint.account_id) == 0


def test_what_is_not_served_cannot_be_called(small: Connector) -> None:
    with pytest.raises(Unserved):
        served(small.followers)
