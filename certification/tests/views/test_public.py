"""What everybody sees: the register, a certificate at every second of its life, the areas."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from certification.actions import certificates
from certification.models import ApplicantCategory, Certificate, CredentialType, KeyArea, RegistryKind, Requirement
from certification.tests import factories as make
from portal import clock
from portal.people.actions import links
from portal.people.tests.linking import prove
from portal.testing.fake_platform import FakePlatform
from portal.testing.reading import page_text

SECOND = timedelta(seconds=1)


def named(name: str, area: str = "cn-farming") -> Certificate:
    return make.certificate(area, applicant=make.person(display_name=name))


def test_people_are_found_in_english_and_chinese(client: Client) -> None:
    named("李梅")
    named("Carol Jones", "cn-crafts")
    for query, found, other in (
        ("李梅", "李梅", "Carol"),
        ("carol", "Carol Jones", "李梅"),
        ("jon", "Carol Jones", "李梅"),
    ):
        text = page_text(client.get("/register/", {"q": query}))
        assert found in text
        assert other not in text


def test_one_letter_is_too_little_and_one_chinese_character_is_not(client: Client) -> None:
    named("李梅", "cn-crafts")
    assert "Please enter at least two letters" in page_text(client.get("/register/", {"q": "l"}))
    assert "Please enter at least two letters" not in page_text(client.get("/register/", {"q": "龘"}))
    assert "李梅" in page_text(client.get("/register/", {"q": "李"}))


def test_an_area_narrows_the_list(client: Client) -> None:
    named("李梅")
    named("Carol Jones", "cn-crafts")
    text = page_text(client.get("/register/", {"area": "cn-crafts"}))
    assert "Carol Jones" in text
    assert "李梅" not in text


@pytest.mark.parametrize("query", ["zzzz", "<script>alert(1)</script>", "%", "\x00", "x" * 5000, "CT-", "'", "😀"])
def test_any_query_gets_an_answer(client: Client, query: str) -> None:
    answer = client.get("/register/", {"q": query, "area": query, "after": query})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_pages_follow_each_other_without_gap_or_repetition(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from certification import public

    monkeypatch.setattr(public.search_register, "__kwdefaults__", {"area": "", "after": "", "size": 2, "since": None})
    serials = {named(f"Person {n}").serial for n in range(5)}
    url, seen = "/register/", []
    while url:
        page = client.get(url)
        seen += [row.serial for row in page.context["page"].certificates]
        url = page.context["next_url"]
    assert sorted(seen) == sorted(serials)


def test_a_serial_leads_to_the_certificate_whatever_its_state(client: Client) -> None:
    certificate = named("李梅")
    make.suspend(certificate)
    assert "李梅" not in page_text(client.get("/register/"))
    answer = client.get("/register/", {"q": certificate.serial.lower()})
    assert answer["Location"] == certificate.get_absolute_url()


def test_a_certificate_says_exactly_what_was_checked_and_what_that_does_not_mean(client: Client) -> None:
    certificate = named("王小明", "cn-law")
    text = page_text(client.get(certificate.get_absolute_url()))
    assert "Lawyer: practising licence checked" in text
    assert "against version 1 of the rules" in text
    assert "A person looked up the number in the official register" in text
    assert "It does not mean" in text
    assert "This certificate is valid." in text


def test_practice_is_never_called_a_licence(client: Client) -> None:
    text = page_text(client.get(named("李梅").get_absolute_url()))
    assert "Practice verified: farming" in text
    assert "That they hold a licence. None is required, and none was checked." in text


def test_it_expires_at_its_second(client: Client) -> None:
    certificate = named("李梅")
    with clock.freeze_time(certificate.valid_to - SECOND):
        assert "This certificate is valid." in page_text(client.get(certificate.get_absolute_url()))
    with clock.freeze_time(certificate.valid_to):
        text = page_text(client.get(certificate.get_absolute_url()))
        assert "it has expired" in text
        assert "Expired" in text
        assert "李梅" not in page_text(client.get("/register/"))


def test_suspension_and_revocation_show_at_once_with_their_history(client: Client) -> None:
    certificate = named("李梅")
    client.get(certificate.get_absolute_url())
    make.revoke(certificate)
    text = page_text(client.get(certificate.get_absolute_url()))
    assert "two people decided to revoke it" in text
    for word in ("Issued", "Suspended", "Revoked"):
        assert word in text


def test_no_cache_keeps_a_certificate(client: Client) -> None:
    for url in (named("李梅").get_absolute_url(), "/register/"):
        assert "no-store" in client.get(url)["Cache-Control"]


def test_nothing_private_is_on_the_page(client: Client) -> None:
    certificate = named("李梅", "cn-law")
    page = client.get(certificate.get_absolute_url()).content.decode()
    credential = certificate.application.credentials.get()
    assert certificate.holder.email not in page
    assert credential.identifier_masked not in page
    assert credential.name_on_document not in page
    assert str(certificate.application.documents.get().file_id) not in page


def test_the_code_leads_to_the_page_and_carries_no_style(client: Client) -> None:
    page = client.get(named("李梅").get_absolute_url()).content.decode()
    svg = page[page.index("<svg", page.index('class="qr"')) :].split("</svg>")[0]
    assert "style=" not in svg
    assert "viewBox" in svg


def test_an_unknown_serial_is_not_there(client: Client) -> None:
    for serial in ("CT-AAAA-AAAA-AAAA", "x", "1"):
        assert client.get(f"/register/{serial}/").status_code == 404


def test_areas_say_what_has_to_be_shown(client: Client) -> None:
    assert "Medicine" in page_text(client.get("/areas/"))
    text = page_text(client.get("/areas/cn-medicine/"))
    assert "Two people must approve before a certificate is issued." in text
    assert "Nurse: licence and workplace checked" in text
    assert client.get("/areas/nowhere/").status_code == 404


LICENCE_FREE = "No licence is required"
FRESH = "What the official registers say must be at most 30 days old when we decide."


@pytest.mark.parametrize("regulated", [True, False])
def test_what_areas_say_of_licences_and_registers_follows_from_their_requirements(
    client: Client, regulated: bool
) -> None:
    KeyArea.objects.update(regulated=regulated)
    medicine, farming = (page_text(client.get(f"/areas/{code}/")) for code in ("cn-medicine", "cn-farming"))
    assert (FRESH in medicine, LICENCE_FREE in medicine) == (True, False)
    assert (FRESH in farming, LICENCE_FREE in farming) == (False, True)
    CredentialType.objects.filter(code="practice-work").update(registry=RegistryKind.MANUAL)
    assert FRESH in page_text(client.get("/areas/cn-farming/"))


def test_cards_of_areas_say_what_their_requirements_say(client: Client) -> None:
    practice, documents = "Practice is verified; no licence is required", "Professional documents are checked"
    KeyArea.objects.exclude(code__in=["cn-law", "cn-farming"]).update(active=False)
    text = page_text(client.get("/areas/"))
    assert (text.count(practice), text.count(documents)) == (1, 1)
    lawyer = ApplicantCategory.objects.get(code="lawyer")
    Requirement.objects.filter(area__code="cn-farming").update(category=lawyer)
    KeyArea.objects.filter(code="cn-law").update(active=False)
    text = page_text(client.get("/areas/"))
    assert (text.count(practice), text.count(documents)) == (0, 1)


def test_accounts_stand_on_the_certificate_and_in_the_register(client: Client, platform: FakePlatform) -> None:
    certificate = named("李梅")
    platform.open_account("7", "Ana")
    for url in (certificate.get_absolute_url(), "/register/"):
        assert "@Ana" not in page_text(client.get(url))
    link = prove(certificate.holder, platform)
    for url in (certificate.get_absolute_url(), "/register/"):
        page = client.get(url)
        assert "@Ana Fake platform" in page_text(page)
        assert 'href="https://fake.example/@Ana"' in page.content.decode()
        assert certificate.holder.public_id not in page.content.decode()
    links.end_link(link=link, by=certificate.holder)
    for url in (certificate.get_absolute_url(), "/register/"):
        assert "@Ana" not in page_text(client.get(url))


def test_the_sitemap_holds_valid_certificates_and_public_pages_only(client: Client) -> None:
    valid, over = named("李梅"), named("Carol Jones", "cn-crafts")
    certificates.surrender_certificate(certificate=over, by=over.holder)
    index = client.get("/sitemap.xml").content.decode()
    parts = re.findall(r"<loc>(.*?)</loc>", index)
    assert len(parts) == 3
    pages = "".join(client.get(part).content.decode() for part in parts)
    assert valid.get_absolute_url() in pages
    assert over.get_absolute_url() not in pages
    assert "/areas/" in pages
    for path in {urlsplit(place).path for place in re.findall(r"<loc>(.*?)</loc>", pages)}:
        assert client.get(path).status_code == 200, path


def test_a_certificate_can_be_shared_copied_and_printed(client: Client) -> None:
    row = make.certificate()
    page = client.get(row.get_absolute_url()).content.decode()
    address = f"http://testserver{row.get_absolute_url()}"
    assert f'data-shares="{address}"' in page
    assert f">{address}</code>" in page
    assert "data-prints" in page
    # The code stands within the certificate, before what it says, so that a phone shows it without scrolling.
    assert page.index('class="qr"') < page.index('class="label-line"')


def test_pictures_of_ones_own_work_name_no_issuer(client: Client) -> None:
    text = page_text(client.get(make.certificate("cn-crafts").get_absolute_url()))
    assert "Pictures of your work A person read" in text
    assert "Yourself" not in text
