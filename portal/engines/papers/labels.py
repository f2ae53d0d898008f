"""The labels before values, in Chinese and English: found at the beginning of a line, whatever its spaces and script.

A label without a kind is one whose value is not wanted; it is known so that its value is not taken for another's.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from portal.engines.papers import scripts
from portal.engines.papers.limits import FieldKind

_LABELS: Final[dict[FieldKind | None, str]] = {
    FieldKind.NAME: """姓名 持证人 持证人姓名 持有人 持有人姓名 本人姓名 医师姓名 执业人姓名 单位名称 企业名称 机构名称 名称 兹证明
        name|full name|name of holder|holder|holder name|certificate holder|licensee|licensee name|name of licensee|registrant
        |name of registrant|awarded to|presented to|this is to certify that|this certifies that|legal name|practitioner|issued to""",
    FieldKind.NUMBER: """证书编号 证书号 证书号码 证书编码 编号 编码 执业证号 执业证书编号 执业证书编码 执业证书号 资格证书编号
        资格证书编码 医师资格证书编码 医师资格证书编号 医师执业证书编码 医师执业证书编号 资格证号 注册编号 注册号 登记号 登记编号 证号 许可证编号 许可证号
        执照编号 执业许可证号 统一社会信用代码 管理号 批准文号
        certificate no|certificate number|licence no|licence number|license no|license number|registration no
        |registration number|no|number|npi|npi number|serial no|serial number|registration id|license id|licence id
        |certificate id|credential id|credential no|credential number|permit no|permit number|reg no""",
    FieldKind.IDENTITY: """身份证号 身份证号码 公民身份号码 身份证件号 身份证件号码 证件号码 居民身份证号码 身份号码
        id no|id number|identity number|identity no|identity card no|identity card number|national id""",
    FieldKind.ISSUER: """发证机关 签发机关 颁发机关 颁发机构 发证机构 发证单位 颁发单位 签发单位 批准机关 登记机关 审批机关 核发机关 发证部门
        issued by|issuing authority|issuer|authority|issuing body|awarded by|certifying body|issuing office|licensing board""",
    FieldKind.ISSUED_ON: """发证日期 签发日期 颁发日期 发证时间 批准日期 核发日期 颁证日期 签发时间 取得日期 发放日期 发证年月日
        date of issue|issue date|issued on|date issued|issued|dated|date of award|award date|granted on""",
    FieldKind.FIRST_ISSUE: """首次发证日期 首次签发日期 首次颁发日期 首次颁证日期 首次核发日期 首次领证日期 首次领取日期 首次取得日期 首次批准日期 首次发证时间
        初次发证日期 初次签发日期 初次颁发日期 初次领证日期 初次领取日期 初次取得日期 初次发证时间 初次领证时间 初领日期 初发日期
        original issue date|original date of issue|originally issued|originally issued on|date originally issued|first issue date
        |date of first issue|first issued|first issued on|date first issued|initial issue date|date of initial issue|initially issued
        |original licence date|original license date|original award date""",
    FieldKind.EXPIRES_ON: """有效期至 有效期截止 有效期限至 有效截止日期 截止日期 到期日期 到期日 失效日期 有效期 有效期限 有效日期 证书有效期
        valid until|valid till|valid to|valid through|expires|expires on|expiry date|expiry|expiration date|expiration|date of expiry
        |expiration on|valid thru|validity|period of validity|good through""",
    None: """性别 出生日期 出生年月 出生年月日 出生 民族 学历 专业 类别 级别 执业范围 执业地点 执业类别 主要执业机构 执业机构 法定代表人 住所 地址
        国籍 职称 照片 注册日期 单位 工作单位 备注 资格类别 证书类别 科别 考核日期 核准日期 打印日期 查询日期 成立日期 首次注册日期
        date of birth|birth date|born|born on|sex|gender|nationality|profession|specialty|speciality|class|type|category|address|status
        |place of birth|date of first registration|print date|printed on|date printed|verified on|degree|title|position|employer
        |valid from|first registered|last renewed|next review|signature|registrar|director|photo|remarks""",
}
_SIGNS: Final = " :：.。·•*()（）[]【】/|,，-—–_\"'“”"
_AFTER: Final = re.compile(r"^[\s:：.。#()（）\[\]【】/|,，\-—–_]*")
_LONG: Final = 7  # letters of an English label in which one may be misread


# Of the labels of an end: those after which a period or a length of time may follow as well.
_OF_PERIODS: Final = ("有效期", "有效期限", "有效日期", "证书有效期", "validity", "periodofvalidity")
# Of the labels of a name: those with which a sentence begins.
_OF_SENTENCES: Final = ("兹证明", "thisistocertifythat", "thiscertifiesthat", "awardedto", "presentedto", "issuedto")


@dataclass(frozen=True)
class Label:
    """A label at the beginning of a line, and the text after it. `ends`: a colon or the end of the line follows it.

    `exact`: it says of its value what kind it is: the end of a period and not the period, a name and not a sentence.
    """

    kind: FieldKind | None
    rest: str
    ends: bool
    exact: bool = True


def _tabled() -> dict[str, FieldKind | None]:
    """Compact label -> kind."""
    found: dict[str, FieldKind | None] = {}
    for kind, text in _LABELS.items():
        han = [word for word in text.split() if scripts.has_han(word)]
        latin = " ".join(word for word in text.split() if not scripts.has_han(word)).split("|")
        found |= {_compact(label): kind for label in [*han, *latin] if label.strip()}
    return found


def _compact(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign not in _SIGNS)


KINDS: Final = _tabled()
_LONGEST: Final = max(map(len, KINDS))


def match_label(text: str) -> Label | None:
    """The longest label with which a plain() text begins, and further names of the same label behind it; None without one."""
    first = _match_once(text)
    if first is None:
        return None
    while first.rest and (more := _match_once(first.rest)) is not None and more.kind == first.kind and more.ends:
        first = replace(more, exact=_either_exact(first, more))
    return first


def _either_exact(first: Label, second: Label) -> bool:
    """Of two names of one label: one that says "until" is enough, and one with which a sentence begins is too much."""
    if first.kind is FieldKind.EXPIRES_ON:
        return first.exact or second.exact
    return first.exact and second.exact


def cut_at_label(text: str) -> str:
    """The text up to the next label in it, which must stand behind a space and before a colon."""
    for found in re.finditer(r"[\s,，;；(（]+(?=[^\s:：]{1,14}(?: [^\s:：]{1,12}){0,3}\s*[:：])", text):
        label = _match_once(text[found.end() :])
        if label is not None and label.ends:
            return text[: found.start()]
    return text


def _match_once(text: str) -> Label | None:
    ends = _compact_ends(text)
    for count in range(min(_LONGEST + 1, len(ends)), 0, -1):
        compact, end = ends[count - 1]
        kinds = _kinds_of(compact)
        if len(kinds) == 1 and _is_whole(text, end, compact):
            rest = text[end:]
            ends_there = not rest.strip(_SIGNS) or re.match(r"^\s*[)）\]】.。]*\s*[#:：]", rest) is not None
            return Label(kinds.pop(), _AFTER.sub("", rest), ends_there, exact=_is_exact(compact))
    return None


def _is_exact(compact: str) -> bool:
    vague = (*_OF_PERIODS, *_OF_SENTENCES)
    return compact not in vague and not any(_is_one_off(label, compact) for label in vague)


def _compact_ends(text: str) -> list[tuple[str, int]]:
    """The compact beginnings of the text, each with where it ends in the text."""
    found, compact = [], ""
    for place, sign in enumerate(text):
        if sign in _SIGNS:
            if sign in ":：" and compact:
                break
            continue
        compact += "no" if sign == "#" else sign.lower()
        found.append((compact, place + 1))
        if len(compact) > _LONGEST:
            break
    return found


def _kinds_of(compact: str) -> set[FieldKind | None]:
    """The kinds of the labels that the text may be: none for what is no label."""
    if compact in KINDS:
        return {KINDS[compact]}
    if len(compact) < _LONG or scripts.has_han(compact):
        return set()
    return {kind for label, kind in KINDS.items() if _is_one_off(label, compact)}


def _is_one_off(label: str, text: str) -> bool:
    """Whether one letter of a long label was misread; none was lost."""
    if len(label) != len(text) or len(label) < _LONG:
        return False
    return sum(one != other for one, other in zip(label, text, strict=True)) == 1


def _is_whole(text: str, end: int, compact: str) -> bool:
    """Whether the label ends with its word: no letter goes on behind it."""
    if scripts.has_han(compact) or end >= len(text):
        return True
    before, after = text[end - 1], text[end]
    return not after.isalpha() or (before.islower() and after.isupper())
