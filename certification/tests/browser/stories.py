"""Who walks through a whole life of a certificate, and with what: a doctor at a desk in English, a lawyer on a phone in Chinese."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.core.management import call_command
from django.utils import translation
from django.utils.formats import date_format
from playwright.sync_api import FilePayload

from certification.models import CredentialType, RegistryKind
from certification.registers import nppes
from certification.tests.browser import walk
from portal import clock
from portal.bench.certification import layouts, papers, photos
from portal.testing.visitors import Visitor

RECHECK_EVERY = 7  # days
_ISSUED, _LASTS = date(2018, 3, 5), timedelta(days=500)


@dataclass(frozen=True)
class Story:
    """One applicant. `number` is in the register, of which `type_code` is looked up; `register` is its code.

    `declare` fills the evidence step with one mistake, and returns what the machine reads instead.
    """

    locale: str
    width: int
    name: str
    handle: str
    country: str
    topic: str
    area: str
    category: str
    category_code: str
    degree: str
    type_code: str
    register: str
    layout: str
    number: str
    declare: "Callable[[Visitor, Story], str]"

    def connect_register(self) -> None:
        """The credential type is looked up in the imported file, and again each week; nothing else is looked up again."""
        CredentialType.objects.update(recheck_every=None)
        kept = {"registry": RegistryKind.FILE, "register_code": self.register, "recheck_every": RECHECK_EVERY}
        CredentialType.objects.filter(code=self.type_code).update(**kept)

    def import_register(self, folder: Path, *, ended: bool = False) -> None:
        """Import today's file of the register, in which the number is in force or struck off."""
        path = folder / f"{self.register}.csv"
        write = _write_nppes if self.layout == "nppes" else _write_plain
        write(path, self, clock.today() if ended else None)
        call_command("import_register", self.register, path, layout=self.layout, dated=clock.today(), verbosity=0)


def _write_nppes(path: Path, story: Story, ended: date | None) -> None:
    given, family = story.name.split()
    row = nppes.ended_row(story.number, f"{ended:%m/%d/%Y}") if ended else None
    with path.open("w", encoding="utf-8", newline="") as file:
        nppes.write_rows(file, [row or nppes.provider_row(story.number, given, family)])


def _write_plain(path: Path, story: Story, ended: date | None) -> None:
    columns = "number,name,other_name,issuer,state,issued_on,expires_on,ended_on"
    state, day = ("ended", str(ended)) if ended else ("in force", "")
    path.write_text(f"{columns}\n{story.number},{story.name},,,{state},{_ISSUED},,{day}\n", encoding="utf-8")


def _photo(story: Story, title: str, number: str, issuer: str) -> FilePayload:
    """A photo of a document as a phone takes it: turned a little, compressed."""
    chinese = story.locale.startswith("zh")
    expires = clock.today() + _LASTS
    dates = [f"{day.year}年{day.month}月{day.day}日" if chinese else f"{day:%d %B %Y}" for day in (_ISSUED, expires)]
    labels = ("姓名", "执业证号", "发证机关", "发证日期", "有效期至")
    if not chinese:
        labels = ("Name", "Licence No.", "Issued by", "Date of issue", "Valid until")
    kinds = ("name", "number", "issuer", "issued_on", "expires_on")
    texts = (story.name, number, issuer, *dates)
    words = {kind: (label, text) for kind, label, text in zip(kinds, labels, texts, strict=True)}
    language = "zh" if chinese else "en"
    paper = papers.Paper(language, title, story.name, number, _ISSUED, expires, issuer, words)
    chance = random.Random(3)  # noqa: S311 -- how the photo is taken
    data = photos.photograph(layouts.LAYOUTS["card"](paper, chance), chance)
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": data}


def _declare_as_doctor(visitor: Visitor, story: Story) -> str:
    """The end date is mistyped by a month."""
    npi = walk.card(visitor, "National Provider Identifier")
    visitor.type("NPI", story.number, npi)
    visitor.type("Name on the document", story.name, npi)
    licence = walk.card(visitor, "State medical licence")
    visitor.type("Licence number", "MD482971", licence)
    visitor.type("Name on the document", story.name, licence)
    right = clock.today() + _LASTS
    visitor.type("Valid until", str(right + timedelta(days=31)), licence)
    photo = _photo(story, "LICENCE TO PRACTISE", "MD482971", "Board of Medicine")
    licence.locator("input[type=file]").first.set_input_files(photo)
    with translation.override(visitor.language):
        return date_format(right)


def _declare_as_lawyer(visitor: Visitor, story: Story) -> str:
    """Two digits of the number are swapped."""
    licence = walk.card(visitor, "律师执业证")
    visitor.type("执业证号", story.number[:-2] + story.number[:-3:-1], licence)
    visitor.type("Name on the document", story.name, licence)
    photo = _photo(story, "律师执业证", story.number, "浙江省司法厅")
    licence.locator("input[type=file]").first.set_input_files(photo)
    return story.number


DOCTOR = Story(
    locale="en", width=1280, name="Ana Walker", handle="ana-walker", country="United States", topic="Medicine",
    area="us-medicine", category="Doctor", category_code="doctor", degree="Degree certificate", type_code="us-npi",
    register="us-nppes", layout="nppes", number="1993999998", declare=_declare_as_doctor,
)  # fmt: skip
LAWYER = Story(
    locale="zh-CN", width=390, name="林晓", handle="lin-xiao", country="中国", topic="法律",
    area="cn-law", category="律师", category_code="lawyer", degree="学位证书", type_code="cn-lawyer",
    register="cn-lawyers", layout="plain", number="13301201810234567", declare=_declare_as_lawyer,
)  # fmt: skip
