"""The register of the demo: certificates in every area, issued over the last months to people who do not exist.

They come one by one, the newest first, in a process of its own beside the open site.
"""

import logging
from collections.abc import Iterator
from itertools import cycle, islice

from django.db import Error

from certification.demo.applications import DemoApplication, create_demo_application
from portal.errors import DomainError
from portal.people import demo

logger = logging.getLogger(__name__)

# area: category, credentials, the longest time ago in days, what they speak about.
_PRACTICE = ("practitioner", ("practice-work", "practice-record"), 320)
_AREAS: dict[str, tuple[tuple[str, tuple[str, ...], int], tuple[str, ...]]] = {
    "cn-farming": (_PRACTICE, ("水稻种植", "茶园管理", "蜜蜂养殖", "大棚蔬菜")),
    "us-farming": (_PRACTICE, ("Dairy", "Beekeeping", "Orchards", "Vegetables under glass")),
    "cn-crafts": (_PRACTICE, ("竹编", "陶艺", "剪纸", "木工")),
    "us-crafts": (_PRACTICE, ("Joinery", "Weaving", "Stoneware", "Bookbinding")),
    "cn-cars": (_PRACTICE, ("发动机维修", "新能源汽车", "二手车检测")),
    "us-cars": (_PRACTICE, ("Brakes and tyres", "Electric cars", "Bodywork")),
    "cn-property": (_PRACTICE, ("旧房翻新", "水电安装", "室内设计")),
    "us-property": (_PRACTICE, ("Roofs", "Plumbing", "Old houses")),
    "cn-education": (("teacher", ("cn-teacher",), 340), ("小学语文", "高中物理", "英语")),
    "us-education": (("teacher", ("us-teacher",), 340), ("Mathematics", "Reading", "Chemistry")),
    "cn-finance": (("finance-professional", ("cn-securities",), 170), ("债券", "养老金", "家庭理财")),
    "us-finance": (("finance-professional", ("us-crd",), 170), ("Pensions", "Index funds", "Mortgages")),
    "us-medicine": (("doctor", ("us-npi", "us-medical-licence"), 340), ("Skin", "Heart and vessels", "Children")),
    "us-law": (("lawyer", ("us-bar",), 340), ("Tenants' rights", "Copyright", "Family law")),
    "cn-medicine": (("nurse", ("cn-nurse-practising", "cn-employment"), 340), ("母婴护理", "老年护理")),
    "uk-medicine": (("doctor", ("uk-gmc",), 340), ("General practice", "Sleep", "Nutrition")),
    "cn-law": (("lawyer", ("cn-lawyer",), 340), ("婚姻家事", "合同", "知识产权")),
}
PER_AREA = 11
_FIRST_NAMES = (
    "Alice",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Grace",
    "Hugo",
    "Iris",
    "Jonas",
    "Kate",
    "Leo",
    "Mia",
)
_LAST_NAMES = (
    "Ashdown",
    "Birch",
    "Cobble",
    "Dale",
    "Elmfield",
    "Fernley",
    "Garth",
    "Heath",
    "Ivory",
    "Juniper",
    "Knoll",
)
_SURNAMES = ("林", "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐")
_GIVEN = ("安然", "子墨", "雨桐", "思远", "嘉禾", "清和", "若水", "明轩", "静怡", "书瑶", "云帆", "晓峰", "乐山")


def register_entries() -> list[DemoApplication]:
    """Every certificate that the demo's register has besides those of seed(): of all areas in turn, newest first."""
    entries = [entry for code in _AREAS for entry in _entries_of_area(code)]
    return sorted(entries, key=lambda entry: (entry.days_ago, entry.who))


def fill_register() -> None:
    """Issue what is not there yet. What fails is left out and tried again at the next start."""
    for entry in register_entries():
        demo.note_filling()
        try:
            create_demo_application(entry)
        except (DomainError, Error, RuntimeError):  # RuntimeError: no demo reviewer can take the case
            logger.exception("demo_entry_failed", extra={"entry": entry.who})
    demo.note_filling(over=True)


def _entries_of_area(code: str) -> Iterator[DemoApplication]:
    (category, codes, longest), claims = _AREAS[code]
    place = list(_AREAS).index(code)
    for number, claim in enumerate(islice(cycle(claims), PER_AREA)):
        days_ago = 3 + (number * longest // PER_AREA + place * 7) % (longest - 3)
        who = f"{code}-{number + 1}"
        yield DemoApplication(who, _name(code, place * PER_AREA + number), code, category, codes, days_ago, claim)


def _name(code: str, number: int) -> str:
    """An invented name; no two of one language are the same (11 surnames and 13 first names)."""
    if code.startswith("cn-"):
        return f"{_SURNAMES[number % 11]}{_GIVEN[number % 13]}（演示）"
    return f"{_FIRST_NAMES[number % 13]} {_LAST_NAMES[number % 11]} (demo)"
