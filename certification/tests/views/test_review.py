"""The reviewer's case page: what they see, notes, asks and decides."""

import pytest
from django.test import Client

from certification.actions import applications, decisions
from certification.models import Application, CheckKind
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.evidence.actions import files
from portal.evidence.models import EvidenceAccess, MarkedCopy
from portal.jobs import runner
from portal.people.models import User
from portal.people.roles import Role
from portal.privacy import content
from portal.reviews.actions import queue as review_queue
from portal.reviews.clocks import LEASE
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.tests.factories import case_url
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

WHY = "The licence on page 1 belongs to somebody else."


@pytest.fixture
def application(creator: User) -> Application:
    return make.application("in_review", "cn-law", applicant=creator)


@pytest.fixture
def reviewer(application: Application) -> User:
    return make.claim(application)[0]


@pytest.fixture
def reviewer_client(enter: Enter, reviewer: User) -> Client:
    return enter(reviewer)


def case_of(application: Application) -> ReviewCase:
    case = make.fresh(application).case
    assert case is not None
    return case


def url(application: Application, verb: str = "") -> str:
    return case_url(case_of(application), verb, product="certification")


def test_the_holder_sees_papers_declared_data_and_checks(reviewer_client: Client, application: Application) -> None:
    reviewer_client.get(url(application))
    runner.run_due_jobs(["evidence.mark"])
    answer = reviewer_client.get(url(application))
    text = page_text(answer)
    document = application.documents.get()
    assert f"/evidence/{document.file_id}/pages/1/" in answer.content.decode()
    assert "Lawyer's practising certificate" in text
    assert "not looked up yet" in text
    assert "Format of the number" in text
    assert "•" in text
    assert '<td class="input masked" data-label="On which input">' in answer.content.decode()


def test_every_look_at_a_page_is_logged(reviewer_client: Client, application: Application, reviewer: User) -> None:
    file = application.documents.get().file
    reviewer_client.get(url(application))
    runner.run_due_jobs(["evidence.mark"])
    assert reviewer_client.get(f"/evidence/{file.pk}/pages/1/").status_code == 200
    look = EvidenceAccess.objects.get(file=file)
    assert (look.by, look.page, look.why) == (reviewer, 1, case_of(application).number)


def test_a_reviewer_sees_marked_pages_only_and_keeps_the_frames(
    reviewer_client: Client, application: Application, reviewer: User, creator: User, enter: Enter
) -> None:
    file = application.documents.get().file
    page, viewer = f"/evidence/{file.pk}/pages/1/", f"/evidence/{file.pk}/"
    assert reviewer_client.get(page).status_code == 404
    assert "being prepared" in page_text(reviewer_client.get(url(application)))
    assert MarkedCopy.objects.get(file=file).mark.startswith(f"{reviewer.public_id}   {case_of(application).number}   ")
    runner.run_due_jobs(["evidence.mark"])
    assert f'src="{page}"' in reviewer_client.get(viewer).content.decode()
    assert f'src="{page}"' in reviewer_client.get(url(application)).content.decode()
    own = enter(creator).get(page).content
    assert own != reviewer_client.get(page).content
    assert reviewer_client.get(f"/evidence/{file.pk}/original/").status_code == 404
    review_queue.release_case(case_of(application), by=reviewer, why="Not for me.")
    assert reviewer_client.get(page).status_code == 404


def test_other_staff_see_where_it_stands_and_no_paper(
    enter: Enter, reviewer_client: Client, application: Application, creator: User
) -> None:
    file = application.documents.get().file
    for role in (Role.REVIEWER, Role.SENIOR_REVIEWER, Role.AREA_LEAD):
        client = enter(make.person(role))
        answer = client.get(url(application), follow=True)
        assert creator.display_name not in page_text(answer)
        assert str(file.pk) not in answer.content.decode()
        assert client.get(f"/evidence/{file.pk}/pages/1/").status_code == 404
    assert enter(creator).get(url(application)).status_code == 403


def test_when_the_lease_is_over_the_papers_are_closed(reviewer_client: Client, application: Application) -> None:
    file = application.documents.get().file
    with clock.freeze_time(clock.now() + LEASE * 2):
        assert str(file.pk) not in reviewer_client.get(url(application), follow=True).content.decode()
        assert reviewer_client.get(f"/evidence/{file.pk}/pages/1/").status_code == 404


def test_a_case_that_is_not_there(reviewer_client: Client) -> None:
    for number in ("C-999999", "C-1", "x", "C-" + "9" * 40, "C-00000१"):
        assert reviewer_client.get(f"/reviews/{number}/work/").status_code == 404


def test_a_number_is_shown_in_full_once_and_noted(reviewer_client: Client, application: Application) -> None:
    credential = application.credentials.get()
    shown = page_text(reviewer_client.post(url(application, f"number/{credential.pk}/")))
    number = applications.reveal_credential_number(credential=credential, by=application.applicant)
    assert number in shown
    assert "A number was shown in full" in shown
    assert number not in page_text(reviewer_client.get(url(application)))


def test_a_look_up_is_noted_with_what_was_seen(
    reviewer_client: Client, application: Application, reviewer: User
) -> None:
    credential = application.credentials.select_related("type").get()
    pk, page = credential.pk, make.register_page(reviewer)
    address = f"{make.register_url(credential.type)}li"
    sent = {f"look-{pk}-result": "pass", f"look-{pk}-url": address, f"look-{pk}-seen": "Li, active"}
    sent |= {f"look-{pk}-seen_at": f"{clock.now():%Y-%m-%dT%H:%M}", f"look-{pk}-page-kept": str(page.pk)}
    assert reviewer_client.post(url(application, f"look-up/{pk}/"), sent).status_code == 302
    row = application.checks.get(kind=CheckKind.REGISTRY)
    assert (row.note, row.url, row.by, row.file) == ("Li, active", address, reviewer, page)
    assert "Li, active" in page_text(reviewer_client.get(url(application)))


def test_a_registers_page_is_marked_for_each_reviewer_also_for_who_added_it(
    reviewer_client: Client, application: Application, reviewer: User, enter: Enter
) -> None:
    page = make.register_page(reviewer)
    runner.run_due_jobs(["evidence.render"])
    shown, original = f"/evidence/{page.pk}/pages/1/", f"/evidence/{page.pk}/original/"
    credential = make.fresh(application).credentials.select_related("type").get()
    decisions.record_registry_check(
        credential=credential,
        by=reviewer,
        result="pass",
        url=make.register_url(credential.type),
        seen="Li, active",
        page=page,
    )
    assert [reviewer_client.get(address).status_code for address in (shown, original)] == [404, 404]
    assert "being prepared" in page_text(reviewer_client.get(url(application)))
    runner.run_due_jobs(["evidence.mark"])
    first = reviewer_client.get(shown)
    assert first.status_code == 200
    assert first.content != files.page_content(page.pages.get())
    look = EvidenceAccess.objects.get(file=page)
    assert (look.by, look.page, look.why) == (reviewer, 1, case_of(application).number)
    review_queue.release_case(case_of(application), by=reviewer, why="Not for me.")
    assert [reviewer_client.get(address).status_code for address in (shown, original)] == [404, 404]
    other, _case = make.claim(application)
    client = enter(other)
    assert client.get(shown).status_code == 404
    client.get(url(application))
    runner.run_due_jobs(["evidence.mark"])
    assert client.get(shown).content not in (first.content, b"")
    assert set(EvidenceAccess.objects.filter(file=page).values_list("by", flat=True)) == {reviewer.pk, other.pk}
    assert not [one.name for one in content.entries_of(reviewer) if one.name.startswith("documents/")]
    assert [one.name for one in content.entries_of(application.applicant) if one.name.startswith("documents/")]


def test_a_look_up_without_words_keeps_the_rest(reviewer_client: Client, application: Application) -> None:
    pk = application.credentials.get().pk
    sent = {f"look-{pk}-result": "pass", f"look-{pk}-url": "javascript:alert(1)", f"look-{pk}-seen": "Li, active"}
    sent |= {f"look-{pk}-registered_name": "LI MING", f"look-{pk}-registered_until": "2031-02-03"}
    sent |= {f"look-{pk}-registered_issuer": "Bar of Here", f"look-{pk}-registered_issue": "2021-02-04"}
    answer = reviewer_client.post(url(application, f"look-up/{pk}/"), sent)
    assert answer.status_code == 422
    for typed in ("Li, active", 'value="LI MING"', 'value="2031-02-03"', 'value="Bar of Here"', 'value="2021-02-04"'):
        assert typed in answer.content.decode()
    assert not application.checks.filter(kind=CheckKind.REGISTRY).exists()


def test_what_a_paper_says_is_noted(reviewer_client: Client, application: Application) -> None:
    pk = application.documents.get().pk
    sent = {f"paper-{pk}-result": "inconclusive", f"paper-{pk}-seen": "The stamp cannot be read"}
    assert reviewer_client.post(url(application, f"paper/{pk}/"), sent).status_code == 302
    assert application.checks.get(kind=CheckKind.DOCUMENT_READ).note == "The stamp cannot be read"


def test_approving_needs_the_register_first(reviewer_client: Client, application: Application) -> None:
    pk = application.credentials.get().pk
    sent = filled_form(reviewer_client.get(url(application)), "approve/") | {"accepted": [str(pk)]}
    answer = reviewer_client.post(url(application, "approve/"), sent)
    assert answer.status_code == 422
    assert "no one has looked it up in the register" in page_text(answer)
    assert make.fresh(application).state == State.IN_REVIEW


def test_approving_makes_the_certificate(reviewer_client: Client, application: Application, reviewer: User) -> None:
    make.look_up_all(make.fresh(application), reviewer)
    sent = filled_form(reviewer_client.get(url(application)), "approve/") | {
        "accepted": [str(application.credentials.get().pk)]
    }
    assert reviewer_client.post(url(application, "approve/"), sent).status_code == 302
    assert make.fresh(application).state == State.APPROVED
    assert reviewer_client.post(url(application, "approve/"), sent, follow=True).status_code == 409
    assert Decision.objects.count() == 1


def test_rejecting_needs_reasons_and_words_and_keeps_what_was_typed(
    reviewer_client: Client, application: Application
) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "reject/") | {"explanation": "No."}
    answer = reviewer_client.post(url(application, "reject/"), sent)
    assert answer.status_code == 422
    assert "Choose at least one reason." in page_text(answer)
    assert ">\nNo.</textarea>" in answer.content.decode()


def test_the_reviewer_sees_what_the_person_will_read(reviewer_client: Client, application: Application) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "reject/") | {
        "reasons": ["not-shown"],
        "explanation": WHY,
        "preview": "1",
    }
    text = page_text(reviewer_client.post(url(application, "reject/"), sent))
    assert "Your documents do not meet the requirement." in text
    assert make.fresh(application).state == State.IN_REVIEW


def test_rejecting_tells_the_applicant_why(
    reviewer_client: Client, enter: Enter, application: Application, creator: User
) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "reject/") | {
        "reasons": ["not-shown"],
        "explanation": WHY,
    }
    assert reviewer_client.post(url(application, "reject/"), sent).status_code == 302
    text = page_text(enter(creator).get(application.get_absolute_url()))
    assert WHY in text
    assert "Your documents do not meet the requirement." in text
    assert "Appeal" in text


def test_an_old_form_is_refused_and_keeps_the_words(reviewer_client: Client, application: Application) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "reject/") | {
        "reasons": ["not-shown"],
        "explanation": WHY,
    }
    ReviewCase.objects.filter(pk=case_of(application).pk).update(version=case_of(application).version + 1)
    answer = reviewer_client.post(url(application, "reject/"), sent)
    assert answer.status_code == 409
    assert WHY in page_text(answer)
    assert make.fresh(application).state == State.IN_REVIEW
    again = filled_form(answer, "reject/") | {"reasons": ["not-shown"]}
    assert reviewer_client.post(url(application, "reject/"), again).status_code == 302


def test_words_written_for_a_case_that_went_elsewhere_are_shown_once_more(
    reviewer_client: Client, application: Application
) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "reject/") | {
        "reasons": ["not-shown"],
        "explanation": WHY,
    }
    with clock.freeze_time(clock.now() + LEASE * 2):
        answer = reviewer_client.post(url(application, "reject/"), sent)
    assert answer.status_code == 409
    assert WHY in page_text(answer)
    assert make.fresh(application).state == State.IN_REVIEW


def test_asking_rests_the_case(reviewer_client: Client, application: Application) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "ask/") | {
        "text": "Please send page 2 of it.",
        "items": "page 2\n\nthe stamp",
    }
    assert reviewer_client.post(url(application, "ask/"), sent).status_code == 302
    row = make.fresh(application).info_requests.get()
    assert row.items == [{"text": "page 2"}, {"text": "the stamp"}]
    assert make.fresh(application).state == State.INFO_REQUESTED


def test_asking_for_too_much_is_refused(reviewer_client: Client, application: Application) -> None:
    sent = filled_form(reviewer_client.get(url(application)), "ask/")
    for bad in (
        {"text": ""},
        {"text": "?" + " " * 40},
        {"text": "Page 2?"},
        {"text": "x" * 5000},
        {"text": "Please send page 2 of it.", "items": "a\n" * 11},
        {"text": "Please send page 2 of it.", "version": "x"},
    ):
        assert reviewer_client.post(url(application, "ask/"), sent | bad).status_code == 422, bad
    assert make.fresh(application).state == State.IN_REVIEW


def test_opening_an_address_of_a_form_leads_back_to_the_page(reviewer_client: Client, application: Application) -> None:
    pk = application.credentials.get().pk
    for verb in (
        "ask/",
        "approve/",
        "reject/",
        "confirm/",
        "send-back/",
        f"look-up/{pk}/",
        f"ask-register/{pk}/",
        f"number/{pk}/",
        "paper/1/",
    ):
        assert reviewer_client.get(url(application, verb))["Location"] == url(application)


def test_a_creator_cannot_decide(
    enter: Enter, reviewer_client: Client, application: Application, creator: User
) -> None:
    for verb in ("ask/", "approve/", "reject/", "confirm/"):
        assert enter(creator).post(url(application, verb), {}).status_code == 403
