"""Demo people, the mails of a demo and its clock; outside demo mode nothing of it exists."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from portal import clock
from portal.people import demo, mandates
from portal.people.models import Mandate, User
from portal.people.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> None:
    demo.seed()


@pytest.fixture
def real(settings: Settings) -> None:
    settings.DEMO = False


def test_seeding_twice_makes_one_of_each(cast: None) -> None:
    before = list(User.objects.order_by("pk").values_list("email", "public_id"))
    demo.seed()
    assert list(User.objects.order_by("pk").values_list("email", "public_id")) == before
    assert set(User.objects.values_list("role", flat=True)) == set(Role.values)
    assert Mandate.objects.count() == 1
    assert all(name.startswith("Demo ") for name in User.objects.values_list("display_name", flat=True))
    assert mandates.may_act_for(demo.demo_person("agent"), demo.demo_person("creator"), clock.now())


def test_one_click_signs_in(cast: None, client: Client) -> None:
    assert "Demo reviewer A" in client.get("/accounts/login/").content.decode()
    reviewer = demo.demo_person("reviewer")
    answer = client.post("/demo/sign-in/", {"person": reviewer.public_id})
    assert answer.headers["Location"] == "/home/"
    assert client.session["_auth_user_id"] == str(reviewer.pk)
    admin = demo.demo_person("admin")
    answer = client.post("/demo/sign-in/", {"person": admin.public_id, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/home/"
    assert client.session["_auth_user_id"] == str(admin.pk)


def test_sign_in_page_describes_demo_people_in_the_readers_language(cast: None, client: Client) -> None:
    def buttons(language: str) -> str:
        page = client.get("/accounts/login/", headers={"Accept-Language": language}).content.decode()
        return page.partition('id="demo-people"')[2].partition("</form>")[0]

    english, chinese = buttons("en"), buttons("zh-hans")
    for part in demo.DEMO_PEOPLE:
        assert part.display_name in chinese, "names stay as they are"
        for text in (part.role.label, part.about):
            with translation.override("en"):
                assert str(text) in english
                assert str(text) not in chinese
            with translation.override("zh-hans"):
                assert str(text) in chinese


@pytest.mark.parametrize("person", ["", "nobody", "p_'--", "\x00"])
def test_only_demo_people_sign_in_so(cast: None, client: Client, creator: User, person: str) -> None:
    assert client.post("/demo/sign-in/", {"person": person}).status_code == 404
    assert client.post("/demo/sign-in/", {"person": creator.public_id}).status_code == 404
    assert client.get("/demo/sign-in/").status_code == 405


def test_outside_demo_nothing_of_it_exists(cast: None, real: None, client: Client) -> None:
    person = demo.demo_person("admin")
    assert client.post("/demo/sign-in/", {"person": person.public_id}).status_code == 404
    assert client.get("/demo/outbox/").status_code == 404
    assert client.get("/demo/clock/").status_code == 404
    assert "Demo administrator" not in client.get("/accounts/login/").content.decode()


def test_demo_people_stay_out_of_a_real_installation(cast: None, real: None, client: Client) -> None:
    person = demo.demo_person("admin")
    person.set_password("a long enough phrase")
    person.save()
    client.post("/accounts/login/", {"login": person.email, "password": "a long enough phrase"})
    assert "_auth_user_id" not in client.session


def test_outbox_shows_the_newest_mail_first(client: Client, settings: Settings, tmp_path: Path, db: None) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    EmailMessage("First", "plain words", to=["a@demo.example"]).send()
    EmailMessage("验证码", "您的验证码 <b>1234</b>", to=["b@demo.example"]).send()
    answer = client.get("/demo/outbox/")
    assert [mail.subject for mail in answer.context["mails"]] == ["验证码", "First"]
    assert answer.context["mails"][0].body == "您的验证码 <b>1234</b>"
    assert "<b>1234</b>" not in answer.content.decode()


def test_outbox_says_when_mails_go_to_a_real_server(client: Client, db: None) -> None:
    answer = client.get("/demo/outbox/")
    assert (answer.context["kept"], answer.context["mails"]) == (False, [])


@pytest.fixture
def hands(settings: Settings, tmp_path: Path) -> None:
    settings.CLOCK_FILE = tmp_path / "clock"


def test_clock_moves_for_every_process(client: Client, hands: None, settings: Settings) -> None:
    before = clock.now()
    assert client.post("/demo/clock/", {"days": 30, "hours": 2}).status_code == 302
    client.post("/demo/clock/", {"days": 0, "hours": 1})
    assert timedelta(days=30, hours=3) <= clock.now() - before < timedelta(days=30, hours=4)
    assert settings.CLOCK_FILE.read_text() == str(30 * 86400 + 3 * 3600)


@pytest.mark.parametrize(
    ("days", "hours"), [("-1", "0"), ("0", "0"), ("", ""), ("x", "1"), ("3661", "0"), ("1", "24"), ("9" * 50, "0")]
)
def test_clock_refuses_nonsense(client: Client, hands: None, days: str, hours: str) -> None:
    answer = client.post("/demo/clock/", {"days": days, "hours": hours})
    assert answer.context["form"].errors
    assert clock.demo_offset() == timedelta()


def test_clock_does_not_go_beyond_ten_years_in_all(client: Client, hands: None) -> None:
    client.post("/demo/clock/", {"days": 3650, "hours": 0})
    assert client.post("/demo/clock/", {"days": 11, "hours": 0}).context["form"].errors


def test_one_click_keeps_what_was_typed_without_a_session(cast: None, client: Client) -> None:
    page = "/complaints/authorisations/"
    chosen = {"person": demo.demo_person("creator").public_id, "next": page}
    client.post("/demo/sign-in/", chosen)
    client.get(page)
    del client.cookies["sessionid"]
    client.post(page, {"note": "Typed while signed out"})
    client.post("/demo/sign-in/", chosen)
    assert "Typed while signed out" in client.get(page).content.decode()
