"""The pages of the life cycle: what holders and staff see and send."""

from datetime import timedelta

import pytest
from django.test import Client

from certification.actions import abolitions, batches, draw_checks, inspections
from certification.models import Abolition, Batch, Certificate, DrawCheck, Inspection, RecheckTrigger
from certification.tests import factories as make
from portal import clock
from portal.jobs.runner import run_due_jobs
from portal.people.models import User
from portal.people.roles import Role
from portal.testing.reading import page_text
from portal.testing.shared import Enter

FOUND = "The register shows that the licence was cancelled."
PAGES = "/certification"


def url(certificate: Certificate, step: str = "") -> str:
    return f"{PAGES}/certificates/{certificate.serial}/{step}"


def test_the_short_form_renews_and_too_early_says_from_when(enter: Enter, creator: User) -> None:
    certificate = make.certificate("cn-law", applicant=creator)
    early = enter(creator).get(url(certificate, "renew/unchanged/"), follow=True)
    assert "You can renew from" in page_text(early)
    with clock.freeze_time(certificate.valid_to - timedelta(days=20)):
        desk = enter(creator)
        assert "Nothing has changed" in page_text(desk.get(url(certificate)))
        page = page_text(desk.get(url(certificate, "renew/unchanged/")))
        number = certificate.application.credentials.get().identifier_masked
        assert number in page
        refused = desk.post(url(certificate, "renew/unchanged/"), {"consent": "on"})
        assert refused.status_code == 422
        assert "Please confirm that nothing has changed" in page_text(refused)
        sent = desk.post(url(certificate, "renew/unchanged/"), {"consent": "on", "unchanged": "on"}, follow=True)
        assert "Your renewal was received." in page_text(sent)


def test_a_change_is_reported_once_said_in_a_sentence(desk: Client, creator: User) -> None:
    certificate = make.certificate("cn-law", applicant=creator)
    assert "Report a change" in page_text(desk.get(url(certificate)))
    short = desk.post(url(certificate, "change/"), {"what": "employer", "text": "New."})
    assert (short.status_code, RecheckTrigger.objects.count()) == (422, 0)
    assert "New." in short.content.decode()
    said = {"what": "employer", "text": "I have worked for another firm since March."}
    assert "A reviewer looks at the change." in page_text(desk.post(url(certificate, "change/"), said, follow=True))
    inquiry = RecheckTrigger.objects.get().inquiry
    user, _case = make.claim(inquiry.case)
    client = Client()
    client.force_login(user)
    page = page_text(client.get(f"/reviews/{inquiry.case.number}/work/"))
    assert "The holder reported a change: Employer or workplace." in page
    assert said["text"] in page
    assert "Propose to revoke at once" in page


def test_an_inspection_is_announced_and_answered_on_the_holder_s_page(desk: Client, creator: User) -> None:
    certificate = make.certificate("cn-law", applicant=creator)
    inspections.draw_inspections()
    inspections.ask_inspected()
    text = page_text(desk.get(url(certificate)))
    assert "Your certificate is being inspected" in text
    assert "Surrender certificate" not in text
    answered = desk.post(url(certificate, "inspection/"), {"text": "I still work at the same firm."}, follow=True)
    assert "Your answer was received." in page_text(answered)
    assert Inspection.objects.get().answered_at is not None
    assert "There is nothing to answer." in page_text(desk.get(url(certificate, "inspection/"), follow=True))


def test_a_holder_sees_when_and_why_a_certificate_lapses(desk: Client, creator: User) -> None:
    certificate = make.certificate("cn-law", applicant=creator)
    why = {
        "en": "The area is not regulated any more.",
        "zh-hans": "该领域不再属于需要认证的重点领域，特此公告取消认证。",
    }
    row = abolitions.propose_abolition(
        by=make.person(Role.AREA_LEAD),
        takes_effect_at=clock.now() + timedelta(days=61),
        explanations=why,
        area=certificate.area,
    )
    abolitions.announce_abolition(abolition=row, by=make.person(Role.ADMIN))
    run_due_jobs()
    text = page_text(desk.get(url(certificate)))
    assert "This certificate lapses" in text
    assert why["en"] in text
    assert any(f"in {days} days" in text.replace("\xa0", " ") for days in (60, 61))
    with clock.freeze_time(row.takes_effect_at):
        public = page_text(Client().get(certificate.get_absolute_url()))
    assert "what it certified was abolished" in public


def test_area_leads_propose_and_announce_an_abolition(enter: Enter) -> None:
    first, second = enter(make.person(Role.AREA_LEAD)), enter(make.person(Role.AREA_LEAD))
    area = make.certificate("cn-law").area
    day = (clock.today() + timedelta(days=90)).isoformat()
    said = {
        "area": area.pk,
        "takes_effect_on": day,
        "explanation_en": FOUND,
        "explanation_zh_hans": "该领域不再属于需要认证的重点领域，特此公告。",
    }
    wrong = first.post(f"{PAGES}/abolitions/", {**said, "takes_effect_on": clock.today().isoformat()})
    assert wrong.status_code == 422
    assert "more than 60 days away" in page_text(wrong)
    assert FOUND in wrong.content.decode()
    nothing = first.post(f"{PAGES}/abolitions/", {**said, "area": ""})
    assert "either a key area or a credential type" in page_text(nothing)
    assert "Proposed." in page_text(first.post(f"{PAGES}/abolitions/", said, follow=True))
    row = Abolition.objects.get()
    announce = f"{PAGES}/abolitions/{row.pk}/announce/"
    assert "someone else must approve it" in page_text(first.get(announce, follow=True))
    assert "Announce this abolition?" in page_text(second.get(announce))
    assert "Announced." in page_text(second.post(announce, follow=True))


def test_suspensions_are_prepared_by_one_and_confirmed_by_another(enter: Enter) -> None:
    rows = [make.certificate("cn-law") for _ in range(2)]
    lead, senior = enter(make.person(Role.AREA_LEAD)), enter(make.senior())
    lines = "\n".join(f"{row.serial}, {FOUND}" for row in rows)
    said = {"area": rows[0].area.pk, "reasons": ["doubt-register"], "explanation": make.ENOUGH, "lines": lines}
    wrong = lead.post(f"{PAGES}/batches/new/", {**said, "lines": f"{lines}\nnonsense"})
    assert (wrong.status_code, Batch.objects.count()) == (422, 0)
    assert "Line 3: please write the certificate number" in page_text(wrong)
    assert "nonsense" in wrong.content.decode()
    page = page_text(lead.post(f"{PAGES}/batches/new/", said, follow=True))
    assert "Nothing has been suspended." in page
    batch = Batch.objects.get()
    assert lead.get(f"{PAGES}/batches/{batch.pk}/confirm/").status_code == 403
    assert "Suspend these certificates?" in page_text(senior.get(f"{PAGES}/batches/{batch.pk}/confirm/"))
    for _twice in range(2):
        senior.post(f"{PAGES}/batches/{batch.pk}/confirm/")
    run_due_jobs()
    done = page_text(senior.get(f"{PAGES}/batches/{batch.pk}/"))
    assert "Finished" in done
    assert batches.count_outcomes(batch)["done"] == 2
    assert Certificate.objects.filter(state="suspended").count() == 2


def test_a_draw_is_computed_again_on_the_page(enter: Enter) -> None:
    make.certificate("cn-law")
    inspections.draw_inspections()
    auditor, page = enter(make.person(Role.AUDITOR)), f"{PAGES}/inspections/"
    assert "Compute again" in page_text(auditor.get(page))
    drawn = Inspection.objects.get().round
    for _twice in range(2):
        assert auditor.post(page, {"round": drawn.pk}).status_code == 302
    assert DrawCheck.objects.count() == 1
    waiting = auditor.get(page)
    assert "being computed again" in page_text(waiting)
    assert "every 3s" in waiting.content.decode()
    run_due_jobs()
    done = auditor.get(page)
    assert "same certificates" in page_text(done)
    assert "every 3s" not in done.content.decode()
    Inspection.objects.update(cause="flag")
    auditor.post(page, {"round": drawn.pk})
    run_due_jobs()
    assert "The seed does not give the certificates that were drawn" in page_text(auditor.get(page))
    assert [auditor.post(page, {"round": wrong}).status_code for wrong in ("", "x", "999999")] == [404, 404, 404]


def test_a_draw_that_cannot_be_computed_is_said_and_can_be_tried_again(enter: Enter) -> None:
    make.certificate("cn-law")
    inspections.draw_inspections()
    lead, page = enter(make.person(Role.AREA_LEAD)), f"{PAGES}/inspections/"
    drawn = Inspection.objects.get().round
    lead.post(page, {"round": drawn.pk})
    draw_checks.give_up_draw({"check": DrawCheck.objects.get().pk})
    text = page_text(lead.get(page))
    assert "could not be computed" in text
    assert "Compute again" in text
    lead.post(page, {"round": drawn.pk})
    run_due_jobs()
    assert "same certificates" in page_text(lead.get(page))


def test_a_draw_is_computed_in_batches_with_its_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw_checks, "_BATCH", 2)
    for _ in range(3):
        make.certificate("cn-law")
    inspections.draw_inspections()
    seen: list[int] = []
    assert draw_checks.is_draw_as_computed(Inspection.objects.get().round, seen.append)
    assert seen == [2, 3]


def test_no_renewal_to_approve_is_said(enter: Enter) -> None:
    text = page_text(enter(make.reviewer()).get(f"{PAGES}/unchanged-renewals/"))
    assert "No renewal can be approved here at the moment." in text
