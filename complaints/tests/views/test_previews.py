"""The reviewer who confirms a return of followers, or proposes it, reads beforehand what it would come to."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from complaints.models import RestitutionPreview
from complaints.tests import deciding as do
from complaints.tests import factories as make
from portal.testing.shared import Enter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moving")]
HTMX = {"HX-Request": "true"}


def counts(client: Client, number: str, **headers: str) -> str:
    answer = client.get(reverse("complaints:review_preview", args=[number]), headers=headers or None)
    return " ".join(re.sub("<[^>]*>", " ", answer.content.decode()).split())


def test_a_held_decision_has_it_counted_and_the_second_person_reads_it(enter: Enter) -> None:
    complaint = do.in_review()
    do.decide(complaint, remedies=("warn", "restitution"))
    assert RestitutionPreview.objects.get(complaint=complaint).runs
    second, case, _complaint = do.claim(complaint)
    client = enter(second)
    address = reverse("complaints:review_preview", args=[case.number])
    page = client.get(reverse("reviews:case_page", args=[case.number]))
    assert f'hx-get="{address}"' in page.content.decode()
    assert "Followers counted" in counts(client, case.number, **HTMX)
    make.run_jobs()
    RestitutionPreview.objects.filter(complaint=complaint).update(
        moved=1200, excluded={"bot": 34}, passed=5, expected=9999, is_complete=False, problem=""
    )
    text = counts(client, case.number, **HTMX)
    for said in ("1,200", "known to be bots 34", "Only the first 1,239 of 9,999"):
        assert said in text
    assert "Count again" in text


def test_nothing_is_counted_for_remedies_without_followers() -> None:
    complaint = do.in_review()
    do.decide(complaint, remedies=("warn", "restrict"))
    assert not RestitutionPreview.objects.exists()


def test_who_proposes_has_it_counted_and_nobody_else_asks(enter: Enter) -> None:
    complaint = do.in_review()
    reviewer, case, _complaint = do.claim(complaint)
    client, address = enter(reviewer), reverse("complaints:review_preview", args=[case.number])
    assert "not been counted" in counts(client, case.number)
    assert client.post(address).status_code == 302
    make.run_jobs()
    assert not RestitutionPreview.objects.get(complaint=complaint).runs
    stranger = enter(make.reviewer())
    assert stranger.post(address).status_code == 404
