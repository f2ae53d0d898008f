"""The whole life of a certificate in the browser, with real workers: read, registered, certified, verified, suspended, cleared, renewed, printed."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.core.cache import cache
from jwt import api_jwt
from openbadgeslib.ob3 import status, verifier
from playwright.sync_api import expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from certification.models import (
    Application,
    Certificate,
    Check,
    CheckKind,
    Inquiry,
    InspectionRound,
    RegisterRecheck,
    Requirement,
)
from certification.tests import factories as make
from certification.tests.browser import walk
from certification.tests.browser.leads import Leads, add_part, say_when
from certification.tests.browser.stories import DOCTOR, LAWYER, RECHECK_EVERY, Story
from portal import clock
from portal.people.actions import links
from portal.people.models import User
from portal.people.roles import Role
from portal.sandbox.models import Account
from portal.testing import visitors
from portal.testing.visitors import Arrive, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WHY = "The register says that the number was struck off. Please show us how that came about."
ANSWER = "My fee was booked too late. The register has put me back, as its page shows."
CLEARED = "The register has the number again, in force."


class MovedTime(datetime):
    """The time as the independent library asks for it: moved, as everybody's time in the walk."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "MovedTime":
        return cls.fromtimestamp(clock.now().timestamp(), tz)


@pytest.fixture(autouse=True)
def _world(
    transactional_db: None, live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.reference()
    settings.BASE_URL = live_server.url.replace("http:", "https:")
    for module in (verifier, status, api_jwt):
        monkeypatch.setattr(module, "datetime", MovedTime)
    # The only certificate there is would be drawn by lot every month.
    first = clock.today().replace(day=1)
    months = sorted({(first + timedelta(days=days)).replace(day=1) for days in range(0, 800, 20)})
    rows = [InspectionRound(month=month, seed="", population=0, drawn=0, flagged=0) for month in months]
    InspectionRound.objects.bulk_create(rows)


@pytest.mark.parametrize("story", [DOCTOR, LAWYER], ids=["desk-en", "phone-zh"])
def test_a_certificate_from_a_photo_to_its_renewal(arrive: Arrive, tmp_path: Path, story: Story) -> None:
    def come() -> Visitor:
        return arrive(width=story.width, locale=story.locale)

    holder, anybody = come(), come()
    story.connect_register()
    story.import_register(tmp_path)
    certificate = certify(holder, come, story)
    show_label(anybody, story, 1)
    credential = credential_of(anybody, certificate)
    assert verify(anybody, credential).identifiers[0].identity_hash == story.name

    story.import_register(tmp_path, ended=True)
    look_up_again()
    suspend(come())
    show_label(anybody, story, 0)
    with pytest.raises(verifier.OB3VerificationError, match="'suspension' is set"):
        verify(anybody, credential)
    anybody.go(certificate.get_absolute_url())
    anybody.sees(
        "This certificate is not valid: it is suspended while a concern is reviewed. No decision has been made."
    )

    answer(holder, certificate)
    story.import_register(tmp_path)
    clear(come, certificate)
    show_label(anybody, story, 1)
    assert verify(anybody, credential)

    tighten(Leads(arrive, make.person(Role.AREA_LEAD), make.person(Role.AREA_LEAD)), story)
    move_to(certificate.valid_to - timedelta(days=20))
    story.import_register(tmp_path)
    renewed = renew(holder, come, story, certificate)
    outlive(anybody, certificate)
    show_label(anybody, story, 1)
    print_it(anybody, renewed, story)


def move_to(moment: datetime) -> None:
    clock.set_demo_offset(clock.demo_offset() + (moment - clock.now()))


def certify(holder: Visitor, come: Callable[[], Visitor], story: Story) -> Certificate:
    visitors.sign_up(holder, f"{story.handle}@example.org", story.name)
    person = User.objects.get(email=f"{story.handle}@example.org")
    prove_account(person, story)
    holder.go("/certification/")
    holder.press("Apply for certification")
    holder.press(story.country)
    holder.page.locator("main a.area-card", has_text=story.topic).click()
    holder.look()
    holder.page.get_by_label(story.category, exact=True).check()
    holder.press("Start application")
    holder.type("Specialty", "Children's diseases" if story.locale == "en" else "劳动争议")
    holder.press("Save and continue")
    read = story.declare(holder, story)
    holder.press("Save and continue")
    correct(holder, read)
    walk.hand_in(holder)
    approve(holder, come, story)
    certificate = Certificate.objects.get()
    holder.go(certificate.holder_url)
    return certificate


def prove_account(person: User, story: Story) -> None:
    """An account of the sandbox; how it is proven in the browser, the walk of complaints shows."""
    account = Account.objects.create(handle=story.handle, name=story.name)
    link = links.claim_account(person=person, platform="sandbox", account=f"@{story.handle}", by=person)
    Account.objects.filter(pk=account.pk).update(bio=link.code)
    links.prove_account(link=link, by=person)


def correct(holder: Visitor, read: str) -> None:
    """What a worker has read is offered in place of what was mistyped, and taken."""
    holder.waits_for(read)
    holder.look()
    offer = holder.page.locator("ul.read-offers li", has_text=read)
    holder.press("Use what was read", offer)
    expect(offer).to_have_count(0)


def approve(holder: Visitor, come: Callable[[], Visitor], story: Story) -> None:
    """The register agrees; one person approves, and a second one where the area asks for two."""
    application = Application.objects.latest("pk")
    visitors.wait_until(lambda: make.fresh(application).state == "in_review")
    holder.page.reload()
    holder.look()
    answer = application.checks.filter(kind=CheckKind.REGISTRY, credential__type__code=story.type_code).latest("pk")
    assert (answer.result, answer.finding) == ("pass", "register.agrees")
    first = come()
    walk.senior(first)
    walk.take_next(first)
    first.sees("The register has this number, in force, under the declared name.")
    walk.look_everything_up(first)
    walk.decide(first, "a", walk.accept_all(first), "Approve")
    if application.area.second_approval_always:
        second = come()
        walk.senior(second)
        walk.take_next(second)
        second.sees("Second approval required")
        walk.confirm(second)
    assert make.fresh(application).state == "approved"


def look_up_again() -> None:
    """Some days later the periodic re-check finds what the new file says."""
    move_to(clock.now() + timedelta(days=RECHECK_EVERY + 1))
    visitors.wait_until(RegisterRecheck.objects.exists)
    move_to(clock.now() + timedelta(hours=1))
    visitors.wait_until(Inquiry.objects.exists)
    check = Check.objects.filter(kind=CheckKind.REGISTRY).latest("pk")
    assert (check.result, check.finding) == ("fail", "register.ended_on")
    assert Certificate.objects.get().state == "active"  # machines check, people decide


def suspend(reviewer: Visitor) -> None:
    walk.senior(reviewer)
    walk.take_next(reviewer)
    reason = "Not confirmed by the register" if reviewer.language == "en" else "官方名册未能确认"

    def fill(panel: Any) -> None:
        panel.get_by_label(reason).check()
        reviewer.type("Message to the applicant", WHY, panel)

    walk.decide(reviewer, "r", fill, "Suspend the certificate")
    assert Certificate.objects.get().state == "suspended"


def answer(holder: Visitor, certificate: Certificate) -> None:
    holder.go(certificate.holder_url)
    holder.press("See the reasons and answer")
    holder.sees(WHY)
    holder.type("Your answer", ANSWER)
    holder.page.locator("main input[type=file]").set_input_files(walk.picture("Register"))
    holder.press("Submit answer")
    holder.sees(ANSWER)


def clear(come: Callable[[], Visitor], certificate: Certificate) -> None:
    """A third and a fourth person look at the answer and at what the register says by now."""
    first = come()
    walk.senior(first)
    walk.take_next(first)
    first.sees(ANSWER)
    first.press("Ask the register again")
    checks = Check.objects.filter(kind=CheckKind.REGISTRY)
    visitors.wait_until(lambda: checks.latest("pk").finding == "register.agrees")
    first.page.reload()
    first.look()
    walk.decide(first, "a", lambda panel: first.type("Explanation", CLEARED, panel), "Propose to lift the suspension")
    second = come()
    walk.senior(second)
    walk.take_next(second)
    walk.confirm(second)
    certificate.refresh_from_db()
    assert certificate.state == "active"


def tighten(leads: Leads, story: Story) -> None:
    """From tomorrow on a degree is asked for as well."""
    for person in leads.people:
        User.objects.filter(pk=person.pk).update(language="en" if story.locale == "en" else "zh-hans")
    leads.come(width=story.width, locale=story.locale)
    lead = leads.prepare(story.area, story.category_code)
    add_part(lead, story.degree)
    say_when(lead, longest=300, begins=1)
    lead.sees(lead.text("Not shown so far: %(types)s.") % {"types": story.degree})
    leads.ask()
    version = Requirement.objects.filter(area__code=story.area, category__code=story.category_code).latest("version")
    assert "degree" in version.codes


def renew(holder: Visitor, come: Callable[[], Visitor], story: Story, certificate: Certificate) -> Certificate:
    """Nothing has changed but the rules: only what they ask for in addition is missing."""
    holder.go(certificate.holder_url)
    holder.press("Nothing has changed")
    holder.page.get_by_label(holder.text("Everything shown above is still true.")).check()
    holder.page.get_by_label(holder.text("I agree to the check of my documents as described.")).check()
    holder.press("Submit the renewal")
    holder.sees("Some documents have to be added or renewed. Everything else is filled in already.")
    degree = walk.card(holder, story.degree)
    holder.type("Name on the document", story.name, degree)
    degree.locator("input[type=file]").first.set_input_files(walk.picture(story.degree))
    walk.hand_in(holder)
    approve(holder, come, story)
    renewed = Certificate.objects.get(renews=certificate)
    assert (renewed.requirement.version, renewed.valid_from) == (2, certificate.valid_to)
    holder.go(renewed.holder_url)
    return renewed


def outlive(anybody: Visitor, certificate: Certificate) -> None:
    """Valid to its last second, and not a second longer."""
    move_to(certificate.valid_to - timedelta(seconds=8))
    anybody.go(certificate.get_absolute_url())
    anybody.sees("This certificate is valid.")
    while clock.now() < certificate.valid_to:
        time.sleep(0.05)
    anybody.page.reload()
    anybody.sees("This certificate is no longer valid: it has expired.")
    anybody.look()


def print_it(anybody: Visitor, renewed: Certificate, story: Story) -> None:
    """Whoever searches finds the new certificate, verifies it and prints it."""
    anybody.go("/register/")
    anybody.type("Name, specialty, workplace or certificate number", story.name)
    anybody.press("Search")
    anybody.press(story.name)
    anybody.sees("This certificate is valid.")
    assert verify(anybody, credential_of(anybody, renewed)).identifiers[0].identity_hash == story.name
    address = anybody.page.get_by_role("link", name="PDF", exact=True).get_attribute("href")
    answer = anybody.page.request.get(f"{anybody.base}{address}?lang={anybody.language}")
    document = pypdfium2.PdfDocument(answer.body())
    text = document[0].get_textpage().get_text_range()
    for said in (story.name, renewed.serial, story.degree, anybody.text("This certificate is valid.")):
        assert said in text, text


def show_label(viewer: Visitor, story: Story, count: int) -> None:
    """The platform shows so many labels beside the account's name, as soon as the workers have told it."""

    def is_shown() -> bool:
        viewer.page.goto(f"{viewer.base}/sandbox/@{story.handle}/")
        return viewer.page.locator(".sandbox-head .sandbox-label").count() == count

    visitors.wait_until(is_shown)
    viewer.look()


def download(visitor: Visitor, url: str) -> bytes:
    """What is at a public address."""
    answer = visitor.page.request.get(url.replace("https:", "http:"))
    assert answer.ok, url
    return answer.body()


def credential_of(visitor: Visitor, certificate: Certificate) -> str:
    """The signed credential at its public address."""
    return download(visitor, f"{visitor.base}{certificate.get_absolute_url()}credential.jwt").decode()


def verify(visitor: Visitor, token: str) -> Any:
    """What the independent library says of a credential; it fetches the issuer's keys and both status lists itself."""
    cache.clear()  # a minute later
    host = visitor.base.removeprefix("http://").replace(":", "%3A")
    fetch = partial(download, visitor)
    anchored = verifier.OB3Verifier.for_issuer_did(f"did:web:{host}", download=fetch)
    return anchored.verify(token, check_status=True, download=fetch)
