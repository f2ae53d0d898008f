"""Two applications on a phone from sign-up to "Application received", with the time that they take by a model."""

import random

import pytest
from playwright.sync_api import FilePayload, Locator

from certification import specimens
from certification.models import Application
from certification.tests import factories as make
from certification.tests.browser.counting import CountedWalk
from portal.testing.sign_in import PASSWORD
from portal.testing.visitors import Arrive, sample_uploads

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

_SOURCE = random.Random(7)  # noqa: S311 -- numbers for a test


@pytest.fixture(autouse=True)
def _reference(transactional_db: None) -> None:
    make.reference()


def test_craft_worker_applies_within_eight_minutes(arrive: Arrive) -> None:
    walk = CountedWalk(arrive(), "en")
    walk.sign_up("ana@example.org", "Ana Potter", PASSWORD)
    begin(walk, "United States", "Crafts")
    walk.follow("Start application")
    walk.type("Specialty", "Stoneware pottery")
    walk.follow("Save and continue")
    pdf, photo = sample_uploads()
    work, record = walk.card("Pictures of your work"), walk.card("Record of your work")
    walk.choose(work, photo)
    walk.tap(work.get_by_role("button", name="Today"))
    walk.choose(record, pdf)
    walk.tap(record.get_by_role("button", name="Buyer"))
    submit(walk)
    report(walk, most=8)


def test_chinese_doctor_applies_within_twelve_minutes(arrive: Arrive) -> None:
    walk = CountedWalk(arrive(locale="zh-CN"), "zh-hans")
    walk.sign_up("lin@example.org", "林晓", PASSWORD)
    begin(walk, "中国", "医疗健康")
    walk.tap(walk.main.get_by_label("医师", exact=True))
    walk.follow("Start application")
    walk.type("Specialty", "儿童呼吸系统疾病")
    walk.type("Workplace", "杭州市儿童医院")
    walk.follow("Save and continue")
    identity = specimens.specimen_identity_number(_SOURCE)
    name = walk.said("Name on the document")
    card = walk.card("居民身份证号码")
    walk.type_into(card.get_by_role("textbox", name="身份证号码"), identity)
    walk.type_into(card.get_by_label(name), "林晓")
    for title, label, text in (
        ("医师资格证书", "医师资格证书编码", specimens.specimen_doctor_number(_SOURCE, identity)),
        ("医师执业证书", "医师执业证书编码", specimens.specimen_digits(_SOURCE, 15)),
    ):
        card = walk.card(title)
        walk.type_into(card.get_by_label(label), text)
        walk.choose(card, paper(title))
        walk.type_into(card.get_by_label(name), "林晓")
    employment = walk.card("在职证明")
    walk.type_into(employment.get_by_label("单位统一社会信用代码"), specimens.specimen_social_credit_code(_SOURCE))
    walk.choose(employment, paper("在职证明"))
    walk.type("Date on the document", "2026-11-02", employment)
    submit(walk)
    report(walk, most=12)


def begin(walk: CountedWalk, country: str, area: str) -> None:
    """Choose the country first, then the area."""
    walk.lead(link(walk, country))
    walk.lead(link(walk, area))
    assert country in walk.main.get_by_role("heading", level=1).inner_text()


def link(walk: CountedWalk, heading: str) -> Locator:
    return walk.main.get_by_role("link").filter(has=walk.visitor.page.get_by_role("heading", name=heading, exact=True))


def paper(title: str) -> FilePayload:
    data = specimens.specimen_document("Specimen", title).read()
    return {"name": f"{title}.png", "mimeType": "image/png", "buffer": data}


def submit(walk: CountedWalk) -> None:
    walk.follow("Save and continue")
    walk.tap(
        walk.main.get_by_label(
            walk.said("I agree. What I have declared is true, and my documents may be checked as described.")
        )
    )
    walk.follow("Submit the application")
    walk.visitor.sees(walk.said("Application received"))
    assert Application.objects.get().submitted_at is not None


def report(walk: CountedWalk, *, most: int) -> None:
    print(walk.effort)  # noqa: T201 -- shown with -s, and when the test fails
    assert walk.effort.seconds <= most * 60, str(walk.effort)
