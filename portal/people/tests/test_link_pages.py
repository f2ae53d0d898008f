"""The pages of linked accounts: from a handle to a proof and to the end of the link."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from portal import clock
from portal.people.models import LinkedAccount, User
from portal.people.roles import Role
from portal.people.tests.linking import claim
from portal.platforms import registry
from portal.testing.fake_platform import FakePlatform
from portal.testing.reading import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(platform: FakePlatform) -> str:
    platform.open_account("7", "Ana")
    return "7"


def test_from_the_name_to_the_proof(client: Client, account: str, platform: FakePlatform, creator: User) -> None:
    client.force_login(creator)
    assert "You have no linked accounts" in client.get("/accounts/links/").content.decode()
    answer = client.post("/accounts/links/new/", {"platform": "fake", "account": "@ana"})
    link = LinkedAccount.objects.get()
    assert answer.headers["Location"] == f"/accounts/links/{link.pk}/"
    assert link.code in client.get(f"/accounts/links/{link.pk}/").content.decode()
    answer = client.post(f"/accounts/links/{link.pk}/")
    assert answer.status_code == 422
    assert "not in the profile yet" in answer.content.decode()
    platform.profiles["7"] = link.code
    assert client.post(f"/accounts/links/{link.pk}/").headers["Location"] == "/accounts/links/"
    assert "@Ana" in client.get("/accounts/profile/").content.decode()
    assert "@Ana" in client.get("/accounts/links/").content.decode()
    assert link.code not in client.get(f"/accounts/links/{link.pk}/").content.decode()
    assert "no longer shows" in client.get(f"/accounts/links/{link.pk}/end/").content.decode()
    assert client.post(f"/accounts/links/{link.pk}/end/").status_code == 302
    assert client.post(f"/accounts/links/{link.pk}/end/").status_code == 409
    assert client.get(f"/accounts/links/{link.pk}/end/").status_code == 200


def test_it_says_where_managers_write_profiles_too(
    client: Client, account: str, platform: FakePlatform, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, said = claim(creator), "its managers can also write profile texts"
    client.force_login(creator)
    assert said not in page_text(client.get(f"/accounts/links/{link.pk}/"))
    connector = replace(platform.connector(), managers_write_profiles=True)
    monkeypatch.setattr(registry, "_connectors", {"fake": connector})
    assert said in page_text(client.get(f"/accounts/links/{link.pk}/"))


def test_an_old_code_is_replaced_on_its_page(client: Client, account: str, creator: User) -> None:
    link = claim(creator)
    client.force_login(creator)
    with clock.freeze_time(link.code_until):
        page = client.get(f"/accounts/links/{link.pk}/").content.decode()
        assert link.code not in page
        assert 'name="account" value="7"' in " ".join(page.split())
        answer = client.post("/accounts/links/new/", {"platform": "fake", "account": "7"})
        assert answer.headers["Location"] == f"/accounts/links/{link.pk}/"
        link.refresh_from_db()
        assert link.code in client.get(f"/accounts/links/{link.pk}/").content.decode()


def test_an_address_names_its_platform(client: Client, account: str, creator: User) -> None:
    client.force_login(creator)
    client.post("/accounts/links/new/", {"platform": "fake", "account": "https://fake.example/@ana/"})
    assert LinkedAccount.objects.get().external_id == "7"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"platform": "fake", "account": ""}, "account"),
        ({"platform": "fake", "account": "nobody"}, "account"),
        ({"platform": "fake", "account": "a\x00b"}, "account"),
        ({"platform": "fake", "account": "a" * 301}, "account"),
        ({"platform": "none", "account": "ana"}, "platform"),
        ({"account": "ana"}, "platform"),
    ],
)
def test_wrong_input_is_answered_at_its_field(
    client: Client, account: str, creator: User, form: dict[str, str], field: str
) -> None:
    client.force_login(creator)
    answer = client.post("/accounts/links/new/", form)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["account"].value() == form["account"]


def test_somebody_elses_link_does_not_exist(client: Client, account: str, creator: User, stranger: User) -> None:
    link = claim(creator)
    client.force_login(stranger)
    for path in (f"/accounts/links/{link.pk}/", f"/accounts/links/{link.pk}/end/"):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404


@pytest.mark.parametrize("role", Role.values)
def test_pages_by_role(client: Client, make: Callable[..., User], role: str) -> None:
    client.force_login(make("somebody", role))
    expected = 200 if role in {Role.CREATOR, Role.GUEST} else 403
    assert client.get("/accounts/links/").status_code == expected
    assert client.get("/accounts/links/new/").status_code == expected
    assert ("/accounts/links/" in client.get("/accounts/profile/").content.decode()) is (expected == 200)


def test_the_admin_reads_and_changes_nothing(client: Client, account: str, creator: User, admin: User) -> None:
    link = claim(creator)
    client.force_login(admin)
    assert creator.public_id in client.get("/admin/people/linkedaccount/").content.decode()
    page = client.get(f"/admin/people/linkedaccount/{link.pk}/change/").content.decode()
    assert "@" not in link.handle
    assert link.code not in page
    assert client.get("/admin/people/linkedaccount/add/").status_code == 403
    assert client.post(f"/admin/people/linkedaccount/{link.pk}/delete/").status_code == 403
