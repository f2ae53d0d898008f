"""Invented papers: who holds which number from when to when, and how a paper of a layout writes it."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from certification import specimens

_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
_GIVEN: Final = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲建华红宇浩然子轩梓涵欣怡思雨佳琪博嘉诚志鹏俊晓东海燕春梅雪松柏青云飞翔天乐雅婷慧颖淑贞国庆永康瑞祥鑫淼睿哲彦宏毅靖琛珂琳瑶璐莹倩茜薇蕾晗旭晨曦昊"
_FIRST: Final = [
    "Anna",
    "Brian",
    "Carla",
    "David",
    "Elena",
    "Frank",
    "Grace",
    "Henry",
    "Irene",
    "James",
    "Karen",
    "Louis",
    "Maria",
    "Nathan",
    "Olivia",
    "Peter",
    "Quentin",
    "Rachel",
    "Samuel",
    "Teresa",
    "Ursula",
    "Victor",
    "Wendy",
    "Xavier",
    "Yvonne",
    "Zachary",
    "Isla",
    "Oliver",
    "Lillian",
    "Illya",
]
_LAST: Final = [
    "Anderson",
    "Baker",
    "Carter",
    "Dawson",
    "Ellis",
    "Foster",
    "Griffin",
    "Holloway",
    "Ingram",
    "Jenkins",
    "Keller",
    "Lawson",
    "Mitchell",
    "Norton",
    "Osborne",
    "Parker",
    "Quigley",
    "Reynolds",
    "Sullivan",
    "Thornton",
    "Underhill",
    "Vaughn",
    "Whitfield",
    "Yates",
    "Zimmerman",
    "O'Brien",
    "Smith-Jones",
    "McAllister",
    "Bell",
    "Ill",
]
_ZH_ISSUERS: Final = [
    "国家卫生健康委员会",
    "四川省卫生健康委员会",
    "北京市司法局",
    "上海市教育委员会",
    "中国证券业协会",
    "广东省市场监督管理局",
    "浙江省人力资源和社会保障厅",
]
_EN_ISSUERS: Final = (
    "Board of Medicine",
    "State Board of Nursing",
    "Royal College of Physicians",
    "Department of Health",
    "Bar Association",
)
_ZH_TITLES: Final = ("执业证书", "资格证书", "专业技术资格证书", "执业许可证")
_EN_TITLES: Final = ("CERTIFICATE OF REGISTRATION", "LICENCE TO PRACTISE", "Professional Licence", "CERTIFICATE")


@dataclass(frozen=True)
class Paper:
    """What a paper says, and its words in one language. `number` is as compared, `printed` as written."""

    language: str  # zh | en
    title: str
    name: str
    number: str
    issued_on: date
    expires_on: date
    issuer: str
    words: dict[str, tuple[str, str]]  # kind -> label, text


def draw_paper(chance: random.Random, language: str) -> Paper:
    """A paper of a person who does not exist."""
    issued = date(2006, 1, 1) + timedelta(days=chance.randrange(7000))
    expires = issued + timedelta(days=chance.randrange(365, 3650))
    chinese = language == "zh"
    name = _chinese_name(chance) if chinese else f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
    number, printed = _chinese_number(chance) if chinese else _english_number(chance)
    issuer = chance.choice(_ZH_ISSUERS if chinese else _EN_ISSUERS)
    style = chance.randrange(5)
    texts = {
        "name": name if not chinese or len(name) > 2 or chance.random() < 0.7 else f"{name[0]}  {name[1]}",
        "number": printed,
        "issuer": issuer,
        "issued_on": _written(issued, language, style),
        "expires_on": _written(expires, language, style),
    }
    labels = {kind: chance.choice(names) for kind, names in (_ZH_LABELS if chinese else _EN_LABELS).items()}
    title = chance.choice(_ZH_TITLES if chinese else _EN_TITLES)
    words = {kind: (labels[kind], text) for kind, text in texts.items()}
    return Paper(language, title, name, number, issued, expires, issuer, words)


_ZH_LABELS: Final = {
    "name": ("姓名", "姓 名", "姓    名", "持证人"),
    "number": ("证书编号", "编号", "执业证号", "证书号码", "资格证书编号"),
    "issuer": ("发证机关", "签发机关", "颁发机构", "发证单位"),
    "issued_on": ("发证日期", "签发日期", "批准日期"),
    "expires_on": ("有效期至", "有效期限至", "有效期截止"),
}
_EN_LABELS: Final = {
    "name": ("Name", "Full name", "Licensee", "Holder", "Name of holder"),
    "number": ("Licence No.", "License Number", "Certificate No.", "Registration No.", "Number"),
    "issuer": ("Issued by", "Issuing authority", "Authority"),
    "issued_on": ("Date of issue", "Issue date", "Issued on"),
    "expires_on": ("Valid until", "Expires", "Expiry date", "Expiration date"),
}


def _chinese_name(chance: random.Random) -> str:
    return chance.choice(_SURNAMES) + "".join(chance.choice(_GIVEN) for _ in range(chance.choice((1, 2, 2, 2))))


def _chinese_number(chance: random.Random) -> tuple[str, str]:
    kind = chance.randrange(5)
    identity = specimens.specimen_identity_number(chance)
    number = (
        specimens.specimen_doctor_number(chance, identity),
        specimens.specimen_digits(chance, 15),
        specimens.specimen_digits(chance, 17),
        specimens.specimen_digits(chance, 12),
        specimens.specimen_social_credit_code(chance),
    )[kind]
    return number, number


def _english_number(chance: random.Random) -> tuple[str, str]:
    digits = specimens.specimen_digits(chance, chance.choice((6, 7, 8)))
    printed = (
        specimens.specimen_npi(chance),
        f"RN {digits}",
        f"A-{digits}",
        digits,
        f"MD{digits}",
        f"{chance.randrange(10, 99)}-{digits}",
    )[chance.randrange(6)]
    return printed.replace(" ", "").replace("-", ""), printed


def _written(day: date, language: str, style: int) -> str:
    if language == "en":
        return (
            f"{day.day} {day:%B %Y}",
            f"{day:%B} {day.day}, {day.year}",
            f"{day:%d %b %Y}",
            f"{day:%Y-%m-%d}",
            f"{day:%d-%b-%Y}",
        )[style]
    han = "〇一二三四五六七八九"
    written_year = "".join(han[int(digit)] for digit in str(day.year))
    spoken = f"{written_year}年{_spoken(day.month)}月{_spoken(day.day)}日"
    return (
        f"{day:%Y年%m月%d日}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y-%m-%d}",
        f"{day:%Y.%m.%d}",
        spoken,
    )[style]


def _spoken(number: int) -> str:
    han = "一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{han[tens - 1]}十") + (han[ones - 1] if ones else "")
