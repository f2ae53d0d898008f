"""What other sites show of a certificate: badge, snippet, oEmbed, PDF; the state on a past date; reports by the public."""

import io
import json
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pikepdf
import pypdfium2
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from certification.actions import inquiries
from certification.models import Certificate, CertificateReport
from certification.proof import badge, printed
from certification.states import CertificateState
from certification.tests import factories as make
from certification.views import reports
from portal import clock
from portal.reviews.actions import queue
from portal.reviews.tests.factories import case_url
from portal.testing.reading import page_text

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


def named(name: str, area: str = "cn-farming") -> Certificate:
    return make.certificate(area, applicant=make.person(display_name=name))


def badge_of(certificate: Certificate, client: Client, **query: str) -> str:
    answer = client.get(f"{certificate.get_absolute_url()}badge.svg", query)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("image/svg+xml")
    ET.fromstring(answer.content)  # noqa: S314 -- our own drawing
    return answer.content.decode()


def pdf_text(answer: Any) -> str:
    document = pypdfium2.PdfDocument(answer.content)
    assert len(document) == 1
    return str(document[0].get_textpage().get_text_range())


def test_the_badge_changes_with_the_state_before_any_task(client: Client) -> None:
    certificate = named("李梅")
    assert ">Valid<" in badge_of(certificate, client)
    with clock.freeze_time(certificate.valid_to - SECOND):
        assert ">Valid<" in badge_of(certificate, client)
    with clock.freeze_time(certificate.valid_to):
        assert ">Expired<" in badge_of(certificate, client)
    first = client.get(f"{certificate.get_absolute_url()}badge.svg")
    make.suspend(certificate)
    again = client.get(f"{certificate.get_absolute_url()}badge.svg", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert ">Suspended<" in again.content.decode()


def test_no_cache_keeps_what_it_says_beyond_the_last_second(client: Client) -> None:
    certificate = make.certificate()
    page = certificate.get_absolute_url()
    with clock.freeze_time(certificate.valid_to - timedelta(seconds=10)):
        for address in (f"{page}badge.svg", f"{page}certificate.pdf"):
            assert client.get(address)["Cache-Control"] == "public, max-age=10"
    with clock.freeze_time(certificate.valid_to):
        assert client.get(f"{page}badge.svg")["Cache-Control"] == "public, max-age=60"


def test_the_badge_speaks_the_language_that_its_address_names(client: Client) -> None:
    certificate = named("李梅")
    english = badge_of(certificate, client, lang="en")
    chinese = badge_of(certificate, client, lang="zh-hans")
    assert ">Valid<" in english
    assert ">有效<" in chinese
    assert badge_of(certificate, client, lang="xx") == english


@pytest.mark.parametrize("name", ['<script>"', "A&B", "王" * 80, "W" * 80, "Ὀδυσσεύς", "שלום"])
def test_any_name_fits_into_the_badge(client: Client, name: str) -> None:
    certificate = make.certificate()
    Certificate.objects.filter(pk=certificate.pk).update(public_name=name)
    drawn = badge_of(certificate, client)
    for forbidden in ("<script", "style=", "href", "http://www.w3.org/1999/xlink"):
        assert forbidden not in drawn
    assert badge._width(badge.shortened(name, 16, 320), 16) <= 320


def test_the_state_fits_on_its_ground(client: Client) -> None:
    certificate = make.certificate()
    make.suspend(certificate)
    drawn = badge_of(certificate, client, lang="en")
    # "Suspended" is 81 px wide in DejaVu Sans Bold, the widest of the usual fonts.
    [ground] = re.findall(r'<rect x="20" y="68" width="(\d+)"', drawn)
    assert int(ground) >= 81 + 10
    assert f'<text x="{20 + int(ground) / 2}"' in drawn


def test_the_snippet_has_a_link_and_a_picture_and_no_script(client: Client, settings: Settings) -> None:
    settings.BASE_URL = "https://trust.example"
    certificate = named("李梅")
    page = client.get(certificate.get_absolute_url()).content.decode()
    snippet = f"https://trust.example{certificate.get_absolute_url()}badge.svg?lang=en"
    assert f"&quot;{snippet}&quot;" in page
    [found] = re.findall(r'<link rel="alternate" type="application/json\+oembed" href="([^"]+)"', page)
    answer = client.get(found.removeprefix("https://trust.example"))
    told = answer.json()
    assert (told["type"], told["version"], told["width"]) == ("rich", "1.0", 360)
    assert told["html"].startswith(
        f'<a href="https://trust.example{certificate.get_absolute_url()}"><img src="{snippet}"'
    )
    assert "script" not in told["html"]
    assert "Valid" not in told["html"]
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"url": ""}, 404),
        ({"url": "https://elsewhere.example/register/CT-AAAA-AAAA-AAAA/"}, 404),
        ({"url": "https://trust.example/areas/"}, 404),
        ({"url": "https://trust.example/register/CT-AAAA-AAAA-AAAA/"}, 404),
        ({"url": "https://trust.example/nowhere"}, 404),
        ({"url": "//["}, 404),
        ({"url": "https://trust.example/register/", "format": "xml"}, 501),
    ],
    ids=["none", "elsewhere", "another-page", "unknown", "no-page", "no-address", "xml"],
)
def test_oembed_knows_certificates_only(client: Client, settings: Settings, query: dict[str, str], status: int) -> None:
    settings.BASE_URL = "https://trust.example"
    assert client.get("/oembed/", query).status_code == status


@pytest.mark.parametrize(("language", "word"), [("en", "Valid"), ("zh-hans", "有效")])
def test_the_pdf_says_what_the_page_says(client: Client, language: str, word: str) -> None:
    certificate = named("王小明", "cn-law")
    answer = client.get(f"{certificate.get_absolute_url()}certificate.pdf", {"lang": language})
    assert answer["Content-Type"] == "application/pdf"
    text = pdf_text(answer)
    with translation.override(language):
        assert certificate.label.replace(" ", "") in text.replace(" ", "").replace("\r\n", "")
    for shown in ("王小明", word, certificate.serial):
        assert shown in text
    with pikepdf.open(io.BytesIO(answer.content)) as document:
        assert document.Root.Lang is not None
        assert document.Root.MarkInfo.Marked
        fonts = [
            font for font in document.objects if isinstance(font, pikepdf.Dictionary) and "/FontDescriptor" in font
        ]
        assert fonts
        assert all({"/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys()) for font in fonts)


def test_the_pdf_of_one_that_ended_says_so(client: Client) -> None:
    certificate = named("李梅")
    with clock.freeze_time(certificate.valid_to):
        assert "it has expired" in pdf_text(client.get(f"{certificate.get_absolute_url()}certificate.pdf"))


def test_letters_that_the_fonts_lack_are_refused_and_others_are_drawn(client: Client) -> None:
    certificate = make.certificate()
    for name in ("ไทย", "ᠮᠣᠩᠭᠣᠯ", "देव", "A😀", "王\U00020000"):
        cache.clear()
        Certificate.objects.filter(pk=certificate.pk).update(public_name=name)
        answer = client.get(f"{certificate.get_absolute_url()}certificate.pdf")
        assert answer.status_code == 422, name
        assert "print the page itself" in answer.content.decode()
    for name in ("Nguyễn Thị Ánh", "Ayşe Ğ", "Ζωή", "Иван", "김철수", "山田ひろ・ミ", "𠮷野", "O’Neil-Łuk Jr."):
        Certificate.objects.filter(pk=certificate.pk).update(public_name=name)
        cache.clear()
        text = pdf_text(client.get(f"{certificate.get_absolute_url()}certificate.pdf"))
        assert name in text, name
    for name in ("שלום", "محمد"):
        Certificate.objects.filter(pk=certificate.pk).update(public_name=name)
        cache.clear()
        assert client.get(f"{certificate.get_absolute_url()}certificate.pdf").status_code == 200, name


@pytest.mark.parametrize(
    ("limits", "size"),
    [({}, (360, 96)), ({"maxwidth": "200"}, (200, 53)), ({"maxheight": "48"}, (180, 48)), ({"maxwidth": "1"}, (1, 1))],
)
def test_what_is_embedded_is_no_larger_than_asked(
    client: Client, limits: dict[str, str], size: tuple[int, int]
) -> None:
    address = settings.BASE_URL + make.certificate().get_absolute_url()
    said = client.get("/oembed/", {"url": address, **limits}).json()
    assert (said["width"], said["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in said["html"]


def test_pdfs_are_made_a_bounded_number_of_times(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def make_pdf(page: printed.PrintedPage) -> bytes:
        made.append(page.name)
        return b"%PDF"

    monkeypatch.setattr(printed, "certificate_pdf", make_pdf)
    rows = [make.certificate() for _ in range(2)]
    monkeypatch.setattr("certification.views.proofs.PDFS_PER_MINUTE", 1)
    answers = [
        client.get(f"{row.get_absolute_url()}certificate.pdf").status_code for row in (rows[0], rows[0], rows[1])
    ]
    assert answers == [200, 200, 429]
    assert len(made) == 1


def test_nothing_private_is_on_any_proof(client: Client) -> None:
    certificate = named("李梅", "cn-law")
    credential, paper = certificate.application.credentials.get(), certificate.application.documents.get()
    private = [
        *(certificate.holder.email, certificate.holder.public_id, credential.name_on_document),
        *(credential.identifier_masked, credential.identifier_sealed, credential.fingerprint, str(paper.file_id)),
        *(certificate.decision.by.display_name, certificate.decision.by.email),
    ]
    url = certificate.get_absolute_url()
    token = client.get(f"{url}credential.jwt").content.decode()
    shown = {
        "badge": badge_of(certificate, client),
        "pdf": pdf_text(client.get(f"{url}certificate.pdf")),
        "credential": json.dumps(json.loads(decoded(token.split(".")[1])), ensure_ascii=False),
        "page": client.get(url).content.decode(),
        "oembed": client.get("/oembed/", {"url": f"http://localhost:8000{url}"}).content.decode(),
    }
    for where, text in shown.items():
        for secret in filter(None, private):
            assert str(secret) not in text, where


def decoded(part: str) -> bytes:
    from certification.proof import issuer

    return issuer.decode(part)


# --- the state on a past date ---------------------------------------------------------------


def past_of(certificate: Certificate, client: Client, on: str) -> str:
    text = page_text(client.get(certificate.get_absolute_url(), {"on": on}))
    return text[text.index("State on a past date") : text.index("Check it yourself")]


def test_the_state_on_a_past_date_is_told_with_every_change_of_that_day(client: Client) -> None:
    certificate = named("李梅")
    start = certificate.valid_from.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)
    with clock.freeze_time(start + timedelta(hours=14)):
        make.suspend(certificate)
    with clock.freeze_time(start + timedelta(days=10)):
        before, that, after = ((start + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1))
        assert "At the start of the day: Valid" in past_of(certificate, client, before)
        told = past_of(certificate, client, that)
        assert "At the start of the day: Valid" in told
        assert re.search(r"14:00:00 UTC ?: Suspended", told)
        assert "At the start of the day: Suspended" in past_of(certificate, client, after)
        long_ago = past_of(certificate, client, "2001-01-01")
        assert "At the start of the day: Not issued yet" in long_ago


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        ("2999-01-01", "Please choose today or a day in the past."),
        ("yesterday", "Please enter a date such as"),
        ("1024-01-01", "Please choose a day after 1969."),
        ("<script>", "Please enter a date such as"),
    ],
)
def test_another_date_is_refused_where_it_was_typed(client: Client, on: str, sentence: str) -> None:
    assert sentence in past_of(named("李梅"), client, on)


# --- reports --------------------------------------------------------------------------------

SAYS = "The register of lawyers has nobody with this name; see its page of today."


def report(client: Client, certificate: Certificate, text: str = SAYS) -> Any:
    return client.post(f"{certificate.get_absolute_url()}report/", {"text": text}, follow=True)


def test_a_report_without_an_account_reaches_the_queue(client: Client) -> None:
    certificate, reviewer = named("李梅"), make.reviewer()
    assert "Report this certificate" in page_text(client.get(certificate.get_absolute_url()))
    assert "in the queue" in page_text(report(client, certificate))
    case = queue.claim_next_case(by=reviewer)
    assert case is not None
    row = CertificateReport.objects.get()
    assert row.inquiry is not None
    assert (row.inquiry.case, row.by, row.inquiry.raised_by) == (case, None, None)
    staff = Client()
    staff.force_login(reviewer)
    assert SAYS in page_text(staff.get(case_url(case, product="certification")))
    certificate.refresh_from_db()
    assert certificate.is_valid
    inquiries.suspend_certificate(
        inquiry=row.inquiry, by=reviewer, version=case.version, reasons=["doubt-register"], explanation=make.ENOUGH
    )
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.SUSPENDED


def test_reports_about_one_certificate_come_together(client: Client) -> None:
    certificate = named("李梅")
    for text in (SAYS, "Another one says the same thing about it."):
        report(client, certificate, text)
    assert certificate.inquiries.count() == 1
    assert certificate.inquiries.get().reports.count() == 2


def test_an_empty_report_is_refused_beside_the_field_and_a_short_one_too(client: Client) -> None:
    certificate = named("李梅")
    for text in ("", "False!"):
        answer = client.post(f"{certificate.get_absolute_url()}report/", {"text": text})
        assert answer.status_code == 422
        assert text in answer.content.decode()
    assert not CertificateReport.objects.exists()


def test_reports_from_one_address_are_bounded_and_the_text_stays(client: Client) -> None:
    certificate = named("李梅")
    for _ in range(reports.REPORTS_PER_HOUR):
        report(client, certificate)
    answer = client.post(f"{certificate.get_absolute_url()}report/", {"text": SAYS})
    assert answer.status_code == 422
    assert "Too many reports" in page_text(answer)
    assert SAYS in answer.content.decode()
    assert CertificateReport.objects.count() == reports.REPORTS_PER_HOUR


def test_reports_beyond_those_that_are_announced_are_added(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certification.actions.reports.MOST_REPORTS", 1)
    certificate = named("李梅")
    report(client, certificate)
    assert "Many people have reported this certificate" in page_text(report(client, certificate))
    assert CertificateReport.objects.count() == 2


def test_the_holder_does_not_report_themselves_and_what_ended_is_not_reported(client: Client) -> None:
    certificate = named("李梅")
    client.force_login(certificate.holder)
    assert "This is your own certificate." in page_text(report(client, certificate))
    other = named("Carol")
    make.revoke(other)
    assert "no longer valid, so there is nothing to report" in page_text(report(client, other))
    assert not CertificateReport.objects.exists()


def test_the_holder_does_not_learn_who_reported(client: Client) -> None:
    certificate, person = named("李梅"), make.person(display_name="Watchful Neighbour")
    client.force_login(person)
    report(client, certificate)
    holder = Client()
    holder.force_login(certificate.holder)
    for url in (certificate.holder_url, certificate.get_absolute_url()):
        assert "Watchful" not in page_text(holder.get(url))
