"""Followers in a real browser, with real workers: they are asked, accept or keep, and opt out."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from complaints.actions import restitutions
from complaints.actions.follower_messages import follower_link
from complaints.models import FollowerOptOut, Restitution
from complaints.states import RestitutionMode
from complaints.tests import restitutions as make
from portal.sandbox.models import Account, Follow
from portal.testing import visitors
from portal.testing.visitors import Arrive, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_followers_answer_and_opt_out_by_the_link_in_their_message(arrive: Arrive) -> None:
    stage = make.stage(mode=RestitutionMode.INVITE)
    accepts, keeps = fans = make.viewers(2)
    make.follow(stage.source, fans, post=stage.copy)
    make.held(stage)
    assert restitutions.begin_due_restitutions() == 1
    visitors.wait_until(lambda: Restitution.objects.get().state == "inviting")

    first = arrive()
    open_link(first, accepts)
    press(first, f"Follow @{stage.target.handle} instead")
    visitors.wait_until(lambda: Restitution.objects.get().moved == 1)
    assert Follow.objects.get(follower=accepts).account_id == stage.target.pk
    expect(first.page.get_by_role("button", name="again instead")).to_be_visible(timeout=60_000)

    second = arrive()
    open_link(second, keeps)
    press(second, f"Keep following @{stage.source.handle}")
    expect(second.page.get_by_text("You will not be asked about this account again")).to_be_visible(timeout=60_000)
    assert Follow.objects.get(follower=keeps).confirmed_at
    second.page.get_by_role("link", name="All decisions about your follows").click()
    expect(second.page.get_by_text(f"@{stage.source.handle}").first).to_be_visible()
    second.look()
    press(second, "Never change my follows")
    visitors.wait_until(lambda: FollowerOptOut.objects.filter(applied_at__isnull=False).exists())
    second.page.reload()
    expect(second.page.get_by_text("will not change your follows")).to_be_visible()
    assert Account.objects.get(pk=keeps.pk).is_opted_out


def open_link(visitor: Visitor, follower: Account) -> None:
    visitor.go(follower_link(Restitution.objects.get()).address_of(follower.pk).removeprefix(settings.BASE_URL))
    expect(visitor.page.get_by_text("You can answer until")).to_be_visible()
    visitor.look()


def press(visitor: Visitor, name: str) -> None:
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name=name).click()
