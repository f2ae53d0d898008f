"""The pages of one restitution: nothing that was typed is lost, and whoever may not act reads why."""

import pytest
from django.test import Client
from django.urls import reverse

from complaints.actions import controls, restitution_pages
from complaints.models import Reconciliation, Restitution
from complaints.tests import restitutions as make
from complaints.tests.distant import use_distant_platform
from portal.people.roles import Role
from portal.reviews.tests import factories as reviews

pytestmark = pytest.mark.django_db
REASON = "The platform reports that the copy was published by mistake."


@pytest.fixture
def row(platform: object, monkeypatch: pytest.MonkeyPatch) -> Restitution:
    use_distant_platform(monkeypatch)
    stage = make.stage()
    make.follow(stage.source, make.viewers(3), post=stage.copy)
    begun = make.begun(stage, batch=2)
    restitution_pages.move_page(begun.pk)
    return make.fresh(begun)


def test_a_reason_stays_when_somebody_else_was_first(client: Client, row: Restitution) -> None:
    controls.propose_stop(restitution=row, by=reviews.senior(), reason=REASON)
    client.force_login(reviews.senior())
    address = reverse("complaints:control", args=[row.pk, "stop"])
    answer = client.post(address, {"reason": "What I have typed about this return."})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "What I have typed about this return." in text
    assert "Someone proposed to stop this return" in text
    assert client.get(address).headers["Location"] == reverse("complaints:restitution", args=[row.pk])


def test_whoever_may_not_act_reads_why_instead_of_buttons(client: Client, row: Restitution) -> None:
    page = reverse("complaints:restitution", args=[row.pk])
    pause = reverse("complaints:control", args=[row.pk, "pause"])
    for person, refused in ((reviews.person(Role.AUDITOR), True), (reviews.senior(), False)):
        client.force_login(person)
        text = client.get(page).content.decode()
        assert ("Only senior reviewers can do this." in text) == refused
        assert (pause in text) != refused


def test_a_comparison_that_runs_shows_itself_again(client: Client, row: Restitution) -> None:
    Restitution.objects.filter(pk=row.pk).update(state="done", ended_at=row.begun_at)
    Reconciliation.objects.create(restitution=row)
    client.force_login(reviews.senior())
    address = reverse("complaints:restitution", args=[row.pk])
    assert 'hx-select="#comparison"' in client.get(address).content.decode()
    Reconciliation.objects.update(ended_at=row.begun_at)
    text = client.get(address).content.decode()
    assert ('hx-select="#comparison"' in text, "Compare again" in text) == (False, True)
