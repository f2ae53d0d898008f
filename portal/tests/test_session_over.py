"""Every form of every page, sent after the session ended or by another account: never carried out, never lost."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from portal.tests import role_walk as walk
from portal.tests.role_table import ROWS
from portal.web.form_owners import mark_owner

pytestmark = pytest.mark.django_db
TEXT = "Typed for twenty minutes"
# The fewest forms that each walk must send: a walk that finds none proves nothing.
_FEWEST_SENT, _FEWEST_KEPT, _FEWEST_PIECES = 85, 60, 110
# Who has a form there, in the order in which they are looked for.
_WRITERS = ("creator", "holder", "judge", "agent", "admin", "area_lead", "auditor", "reviewer", "guest")
# Forms for who is not signed in: they need no session.
_FOR_STRANGERS = {
    "account_login",
    "account_signup",
    "account_signup_by_passkey",
    "account_request_login_code",
    "account_reset_password",
    "account_complete_password_reset",
    "account_confirm_login_code",
    "mfa_signup_webauthn",
    "people:guest",
    "sandbox:confirm",
}
# One button and nothing typed, or a step of signing in whose session ended with the sign-in itself.
_NOT_SHOWN_AGAIN = ("mfa_", "account_confirm_", "account_email_verification_sent", "account_reauthenticate", "admin:")
# What is not a page's form, and what anybody may send at any time.
_OTHERS = ("tokens:", "api_", "certification_api:", "complaints_api:", "media:upload", "web:", "demo:", "oidc", "idp")


def posts() -> list[tuple[str, str, list[str]]]:
    """Name, arguments and outcomes of all that can be sent."""
    rows = [line.split() for line in ROWS.strip().splitlines() if not line.startswith("#")]
    return [
        (name, wanted, outcomes)
        for name, wanted, method, *outcomes in rows
        if method == "POST" and not name.startswith(_OTHERS) and name not in _FOR_STRANGERS
    ]


def address(world: walk.World, name: str, wanted: str) -> str:
    return reverse(name, args=[] if wanted == "-" else world.args[wanted.replace("_", " ")])


def writer(outcomes: list[str]) -> str:
    """A role that can send it: nobody whose role is refused."""
    got = dict(zip(walk.ROLES, outcomes, strict=True))
    return next((role for role in _WRITERS if got[role] not in {"403", "404", "405"}), "")


def test_form_stays_where_it_is_when_its_writer_is_signed_out(world: walk.World) -> None:
    wrong, count = [], 0
    for name, wanted, outcomes in posts():
        if not (role := writer(outcomes)) or outcomes[0] != "in":
            continue
        count += 1
        person = world.people[role]
        assert person is not None
        sent, client = {"form_owner": mark_owner(person.pk), "text": TEXT}, Client()
        goal = address(world, name, wanted)
        by_script = client.post(goal, sent, headers={"HX-Request": "true"})
        upload = client.post(goal, sent, headers={"X-Upload": "1"})
        client.cookies["form_sent"] = "abc123"
        by_hand = client.post(goal, sent)
        told = [(answer.status_code, answer.get("X-Form-Refused")) for answer in (by_script, upload, by_hand)]
        if told != [(401, "signed-out"), (401, "signed-out"), (204, "signed-out")] or by_hand.content:
            wrong.append(f"{name}: {told}")
        elif client.cookies["form_sent"].value != "abc123.signed-out":
            wrong.append(f"{name}: {client.cookies['form_sent'].value}")
    assert not wrong, "\n".join(wrong)
    assert count >= _FEWEST_SENT, count


def test_form_is_kept_without_scripts_and_shown_after_signing_in(world: walk.World) -> None:
    wrong, count = [], 0
    for name, wanted, outcomes in posts():
        if not (role := writer(outcomes)) or outcomes[0] != "in" or name.startswith(_NOT_SHOWN_AGAIN):
            continue
        count += 1
        person, goal = world.people[role], address(world, name, wanted)
        client = Client(REMOTE_ADDR=f"10.0.0.{len(goal)}")  # an address has a limit
        assert person is not None
        client.post(goal, {"form_owner": mark_owner(person.pk), "text": TEXT, "password": "a secret of theirs"})
        kept = json.dumps(dict(client.session.items()), default=str)
        if "form_recovery" not in client.session or TEXT in kept or "a secret" in kept:
            wrong.append(name)
    assert not wrong, "\n".join(wrong)
    assert count >= _FEWEST_KEPT, count


def test_form_of_another_account_is_not_carried_out(world: walk.World) -> None:
    client = Client()
    creator, stranger = world.people["creator"], world.people["stranger"]
    assert creator is not None
    assert stranger is not None
    client.force_login(stranger)
    sent = {"form_owner": mark_owner(creator.pk), "display_name": "Somebody else"}
    assert client.post(reverse("people:profile"), sent).status_code == 409
    stranger.refresh_from_db()
    assert stranger.display_name != "Somebody else"
    assert client.post(reverse("people:profile"), sent, headers={"HX-Request": "true"}).status_code == 409
    client.cookies["form_sent"] = "abc123"
    assert client.post(reverse("people:profile"), sent).status_code == 204


def test_piece_of_a_page_is_never_a_sign_in_page(world: walk.World) -> None:
    rows = [line.split() for line in ROWS.strip().splitlines() if not line.startswith("#")]
    count = 0
    for name, wanted, method, *outcomes in rows:
        if method == "GET" and outcomes[0] == "in" and not name.startswith(("mfa_", "account_")):
            answer = Client().get(address(world, name, wanted), headers={"HX-Request": "true"})
            assert (answer.status_code, answer.content) == (401, b""), name
            count += 1
    assert count >= _FEWEST_PIECES, count


def test_token_from_before_a_new_sign_in_is_taken_from_this_site_only(world: walk.World) -> None:
    creator = world.people["creator"]
    assert creator is not None
    client = Client(enforce_csrf_checks=True)
    client.force_login(creator)
    page = client.get(reverse("people:profile"))
    old = {"csrfmiddlewaretoken": page.context["csrf_token"], "form_owner": mark_owner(creator.pk)}
    old |= {"display_name": "Zhuang Zi", "language": "en"}
    client.cookies.clear()
    client.force_login(creator)
    client.get(reverse("people:profile"))
    goal = reverse("people:profile")
    assert client.post(goal, old).status_code == 403, "from nowhere"
    assert client.post(goal, old, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    unmarked = {name: value for name, value in old.items() if name != "form_owner"}
    assert client.post(goal, unmarked, headers={"Origin": "http://testserver"}).status_code == 403
    assert client.post(goal, old, headers={"Origin": "http://testserver"}).status_code in {200, 302}
    creator.refresh_from_db()
    assert creator.display_name == "Zhuang Zi"


def test_party_who_came_by_a_link_loses_nothing(world: walk.World) -> None:
    client = walk.client_of(world, "respondent")
    goal = reverse("complaints:answer_file", args=[world.complaint.number])
    page = client.get(goal)
    owner = page.context["page_owner"]
    assert owner
    here = client.get(reverse("web:session")).json()["owners"]
    assert str(owner) in here
    del client.cookies["sessionid"]
    sent = {"form_owner": str(owner), "text": TEXT}
    for name in ("answer", "answer_appeal", "answer_reply"):
        there = reverse(f"complaints:{name}", args=[world.complaint.number])
        answer = client.post(there, sent, headers={"HX-Request": "true"})
        assert (answer.status_code, answer["X-Form-Refused"]) == (401, "signed-out")
    there = reverse("complaints:answer", args=[world.complaint.number])
    assert client.post(there, sent).status_code == 403
    assert "form_recovery" in client.session
