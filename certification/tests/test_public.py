"""What everybody may know: gate, register, counts."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification import public, search_ngrams
from certification.actions import indexing
from certification.models import Certificate
from certification.tests import factories as make
from portal.web.pagination import BadCursor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("area", "code", "is_open"),
    [
        ("cn-law", "no_certificate", False),
        ("cn-farming", "not_gated", True),
        ("nowhere", "unknown_area", False),
    ],
)
def test_the_gate_without_a_certificate(area: str, code: str, is_open: bool) -> None:
    make.reference()
    answer = public.check_gate(make.person().public_id, area)
    assert (answer.code, answer.open) == (code, is_open)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (make.suspend, "suspended"),
        (make.revoke, "revoked"),
    ],
)
def test_the_gate_says_why_it_is_closed(spoil: Callable[[Certificate], object], code: str) -> None:
    certificate = make.certificate("cn-law")
    account = certificate.holder.public_id
    assert public.check_gate(account, "cn-law").serial == certificate.serial
    assert public.check_gate(account, "cn-law", certificate.valid_from - timedelta(seconds=1)).code == "not_yet"
    assert public.check_gate(account, "cn-law", certificate.valid_to).code == "expired"
    spoil(certificate)
    assert public.check_gate(account, "cn-law").code == code
    assert public.check_gate(account, "cn-law", certificate.valid_to).open is False


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=800)))
def test_no_instant_is_open_without_a_certificate_in_force(certificate: Certificate, offset: timedelta) -> None:
    moment = certificate.valid_from + offset
    answer = public.check_gate(certificate.holder.public_id, certificate.area.code, moment)
    in_force = certificate.valid_from <= moment < certificate.valid_to
    assert answer.open is in_force


@pytest.fixture
def certificate(db: None) -> Certificate:
    return make.certificate("cn-law")


def named(template: Certificate, *people: str) -> list[Certificate]:
    """Many certificates at once, as the register sees them: copies with other holders and names."""
    rows = []
    for count, name in enumerate(people):
        row = Certificate.objects.get(pk=template.pk)
        row.pk, row.serial = None, f"CT-TEST-{count:04d}-{template.pk:04d}"
        row.application, row.holder = make.draft("cn-farming"), make.person()
        row.public_name, row.claims = name, ""
        row.valid_from = template.valid_from - timedelta(minutes=count)
        row.search_ngrams = search_ngrams.ngrams_of_texts(name, *row.area.names.values())
        row.save(force_insert=True)
        rows.append(row)
    return rows


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("小明", ["王小明"]),
        ("王小", ["王小明"]),
        ("明", ["王小明"]),
        ("亮", []),
        ("zha", ["Zhang Wei", "Zhao Li"]),
        ("ZHANG wei", ["Zhang Wei"]),
        ("法律 小明", ["王小明"]),
        ("law zhao", ["Zhao Li"]),
        ("%", []),
        ("'; DROP TABLE", []),
        ("x" * 500, []),
    ],
)
def test_search_in_two_languages(certificate: Certificate, query: str, found: list[str]) -> None:
    named(certificate, "王小明", "Zhang Wei", "Zhao Li")
    assert [row.public_name for row in public.search_register(query).certificates] == found


def test_certificates_indexed_before_accents_were_dropped_are_indexed_again(certificate: Certificate) -> None:
    [row, erased] = named(certificate, "José Łuk", "Gone")
    Certificate.objects.filter(pk=row.pk).update(search_ngrams=["josé"])
    Certificate.objects.filter(pk=erased.pk).update(search_ngrams=[])
    indexing.index_again()
    indexing.index_again()
    make.run_jobs()
    assert public.search_register("jose luk").certificates == [row]
    assert public.search_register("gone").certificates == []


def test_a_serial_finds_its_certificate_only(certificate: Certificate) -> None:
    assert public.search_register(f" {certificate.serial.lower()} ").certificates == [certificate]
    assert public.search_register("CT-2222-2222-2222").certificates == []
    assert public.find_certificate(certificate.serial) == certificate
    assert public.find_certificate("CT-2222-2222-2222") is None


def test_a_serial_is_read_however_it_is_typed(certificate: Certificate) -> None:
    plain = certificate.serial.replace("-", "")
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in plain)
    for typed in (
        plain,
        plain.lower(),
        certificate.serial.replace("-", " "),
        certificate.serial.replace("-", "–"),
        wide,
    ):
        assert public.find_certificate(typed) == certificate, typed
    for text in (plain[:-1], f"{plain}2", plain.removeprefix("CT"), "CT", ""):
        assert public.find_certificate(text) is None, text


def test_what_does_not_count_is_not_listed(certificate: Certificate) -> None:
    name = certificate.public_name
    assert public.search_register(name).certificates == [certificate]
    make.suspend(certificate)
    assert public.search_register(name).certificates == []
    assert public.search_register(certificate.serial).certificates == []
    assert public.search_register().certificates == []
    assert public.count_valid_certificates() == {}


def test_pages_go_by_key_and_lose_nobody(certificate: Certificate) -> None:
    named(certificate, *[f"Zhang {chr(97 + count) * 3}" for count in range(7)])
    for query in ("", "zhang"):
        seen: list[str] = []
        after: str | None = ""
        while after is not None:
            page = public.search_register(query, area="cn-law", after=after, size=3)
            seen += [row.serial for row in page.certificates]
            after = page.after
        assert len(seen) == len(set(seen)) == (8 if not query else 7)
    assert public.search_register(area="cn-medicine").certificates == []
    with pytest.raises(BadCursor):
        public.search_register(after="nonsense~x")


def test_register_page_begins_anew_for_a_made_up_cursor(client: Client, certificate: Certificate) -> None:
    answer = client.get("/register/", {"after": "nonsense~x"})
    assert (answer.status_code, certificate.serial in answer.content.decode()) == (200, True)


def test_counts_by_area(certificate: Certificate) -> None:
    named(certificate, "Zhang Wei")
    assert public.count_valid_certificates() == {"cn-law": 2}
    assert public.count_valid_certificates(certificate.valid_to) == {}
