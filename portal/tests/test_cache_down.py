"""With the shared cache down every page still answers, rate limits still count, and /healthz/ says so."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client, override_settings
from django.urls import reverse

from portal.people.models import User
from portal.web.callers import count_in_window

pytestmark = pytest.mark.django_db
_PUBLIC = ["web:landing", "web:about", "account_login", "account_signup", "account_reset_password"]
_PUBLIC += ["account_request_login_code", "certification:areas", "certification:register", "api_docs", "api_schema"]
_PUBLIC += ["platform_contract", "platform_contract_document"]
_OWN = ["web:home", "certification:home", "certification:area_choice", "complaints:home", "notifications:inbox"]


@pytest.fixture(autouse=True)
def _cache_down() -> Iterator[None]:
    down = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    with override_settings(CACHES=down):
        caches["default"].clear()  # what an earlier test left in this process's memory
        yield


@pytest.mark.parametrize("name", _PUBLIC)
def test_public_pages_answer(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", _OWN)
def test_pages_of_people_answer(client: Client, creator: User, name: str) -> None:
    client.force_login(creator)
    assert client.get(reverse(name), follow=True).status_code == 200


@pytest.mark.parametrize("name", ["reviews:queue", "reviews:team"])
def test_pages_of_staff_answer(client: Client, reviewer: User, name: str) -> None:
    client.force_login(reviewer)
    assert client.get(reverse(name)).status_code == 200


def test_people_sign_in_and_wrong_passwords_are_still_counted(client: Client, creator: User) -> None:
    creator.set_password("a long enough password")
    creator.save()
    sent = {"login": creator.email, "password": "a wrong password"}
    answers = [client.post(reverse("account_login"), sent) for _ in range(11)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429 or b"Too many" in answers[-1].content
    assert {answer.status_code for answer in answers} <= {200, 422, 429}


def test_the_quota_of_the_api_is_counted_by_each_process() -> None:
    assert [count_in_window("quota:x", 60), count_in_window("quota:x", 60)] == [1, 2]


def test_the_api_and_the_health_check_say_what_is_wrong(client: Client) -> None:
    assert client.get("/api/v1/areas/").status_code == 200
    answer = client.get(reverse("healthz"))
    assert answer.status_code == 503
    assert answer.json()["checks"]["cache"] == "failing"
