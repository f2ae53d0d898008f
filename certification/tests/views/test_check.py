"""Step 4: everything once more, consent, handing in; deleting a draft."""

from django.test import Client

from certification.models import Application
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal.people.models import User
from portal.testing.reading import page_text
from portal.testing.shared import Enter


def url(draft: Application, step: str = "check") -> str:
    return f"/certification/applications/{draft.number}/{step}/"


def test_what_becomes_public_and_what_never_does_is_said(desk: Client, draft: Application) -> None:
    text = page_text(desk.get(url(draft)))
    assert text.index("Public once you are certified") < text.index("Lawyer: practising licence checked")
    assert text.index("Never public") < text.index("Li Ming", text.index("Never public"))


def test_without_consent_nothing_is_sent(desk: Client, draft: Application) -> None:
    answer = desk.post(url(draft), {})
    assert answer.status_code == 422
    assert "Please agree to the check of your documents." in page_text(answer)
    assert make.fresh(draft).state == State.DRAFT


def test_handing_in_leads_to_the_status_page_and_a_second_click_too(desk: Client, draft: Application) -> None:
    for _ in range(2):
        assert desk.post(url(draft), {"consent": "on"})["Location"] == draft.get_absolute_url()
    assert make.fresh(draft).state == State.SUBMITTED


def test_what_is_missing_is_said_with_the_way_to_it(desk: Client, draft: Application) -> None:
    draft.documents.all().delete()
    answer = desk.get(url(draft))
    assert "please add the document" in page_text(answer)
    assert url(draft, "evidence") in answer.content.decode()
    assert desk.post(url(draft), {"consent": "on"}).status_code == 422
    assert make.fresh(draft).state == State.DRAFT


def test_an_agent_hands_in_and_stands_in_the_record(enter: Enter, agent: User, draft: Application) -> None:
    assert enter(agent).post(url(draft), {"consent": "on"}).status_code == 302
    assert Application.objects.get(pk=draft.pk).submitted_by == agent


def test_a_draft_is_deleted_only_when_asked_twice(desk: Client, draft: Application) -> None:
    assert desk.get(url(draft, "discard")).status_code == 200
    assert Application.objects.filter(pk=draft.pk).exists()
    assert desk.post(url(draft, "discard"))["Location"] == "/certification/"
    assert not Application.objects.filter(pk=draft.pk).exists()
    assert desk.post(url(draft, "discard")).status_code == 404


def test_another_persons_is_not_there(enter: Enter, stranger: User, draft: Application) -> None:
    for step in ("check", "discard"):
        assert enter(stranger).post(url(draft, step), {"consent": "on"}).status_code == 404
    assert make.fresh(draft).state == State.DRAFT
