"""Version 1 of what each category must prove in each area, and the label it earns."""

from typing import Any

Expression = dict[str, Any]


def _is(code: str) -> Expression:
    return {"is": code}


def _all(*parts: Expression) -> Expression:
    return {"all": list(parts)}


def _any(*parts: Expression) -> Expression:
    return {"any": list(parts)}


_PRACTICE = _all(_is("practice-work"), _any(_is("practice-record"), _is("practice-voucher")))
_CN_ORGANISATION = _all(_is("cn-organisation"), _is("authorisation"))
_ORGANISATION = _all(_is("lei"), _is("authorisation"))

# area, category, expression, label in English, label in Chinese, longest validity in days
REQUIREMENTS: list[tuple[str, str, Expression, str, str, int]] = [
    (
        "cn-medicine",
        "doctor",
        _all(_is("cn-identity"), _is("cn-doctor-qualification"), _is("cn-doctor-practising"), _is("cn-employment")),
        "Doctor: qualification, licence and workplace checked",
        "医师：已核对资格证书、执业证书和执业机构",
        365,
    ),
    (
        "cn-medicine",
        "nurse",
        _all(_is("cn-nurse-practising"), _is("cn-employment")),
        "Nurse: licence and workplace checked",
        "护士：已核对执业证书和执业机构",
        365,
    ),
    (
        "cn-medicine",
        "pharmacist",
        _all(_is("cn-pharmacist"), _is("cn-employment")),
        "Pharmacist: qualification and workplace checked",
        "药师：已核对资格证书和工作单位",
        365,
    ),
    (
        "cn-medicine",
        "organisation",
        _all(_is("cn-organisation"), _is("medical-institution"), _is("authorisation")),
        "Medical institution: registration and licence checked",
        "医疗机构：已核对登记证照和执业许可证",
        365,
    ),
    ("cn-law", "lawyer", _is("cn-lawyer"), "Lawyer: practising licence checked", "律师：已核对执业证", 365),
    (
        "cn-law",
        "legal-background",
        _is("cn-legal-qualification"),
        "Legal background: examination checked; not a practising lawyer",
        "法律背景：已核对法律职业资格；非执业律师",
        730,
    ),
    (
        "cn-law",
        "organisation",
        _CN_ORGANISATION,
        "Organisation in law: registration checked",
        "法律领域机构：已核对登记证照",
        365,
    ),
    (
        "cn-finance",
        "finance-professional",
        _is("cn-securities"),
        "Finance professional: securities registration checked",
        "金融从业人员：已核对证券从业登记",
        183,
    ),
    (
        "cn-finance",
        "organisation",
        _CN_ORGANISATION,
        "Organisation in finance: registration checked",
        "财经领域机构：已核对登记证照",
        365,
    ),
    (
        "cn-education",
        "teacher",
        _is("cn-teacher"),
        "Teacher: qualification checked",
        "教师：已核对教师资格证书",
        365,
    ),
    (
        "cn-education",
        "graduate",
        _is("cn-degree"),
        "Graduate: degree checked; no teaching licence",
        "毕业生：已核对学历；非教师资格",
        365,
    ),
    (
        "cn-education",
        "organisation",
        _CN_ORGANISATION,
        "Organisation in education: registration checked",
        "教育领域机构：已核对登记证照",
        365,
    ),
    (
        "us-medicine",
        "doctor",
        _all(_is("us-npi"), _is("us-medical-licence")),
        "Doctor: state licence and NPI checked",
        "医师：已核对州执照和 NPI",
        365,
    ),
    ("us-medicine", "nurse", _is("us-nurse-licence"), "Nurse: state licence checked", "护士：已核对州执照", 365),
    (
        "us-medicine",
        "organisation",
        _all(_is("lei"), _is("medical-institution"), _is("authorisation")),
        "Medical institution: registration and licence checked",
        "医疗机构：已核对登记和执业许可",
        365,
    ),
    ("us-law", "lawyer", _is("us-bar"), "Lawyer: state bar membership checked", "律师：已核对州律师协会会籍", 365),
    (
        "us-finance",
        "finance-professional",
        _is("us-crd"),
        "Finance professional: CRD registration checked",
        "金融从业人员：已核对 CRD 注册",
        183,
    ),
    ("us-finance", "organisation", _ORGANISATION, "Organisation in finance: LEI checked", "财经机构：已核对 LEI", 365),
    (
        "us-education",
        "teacher",
        _is("us-teacher"),
        "Teacher: state certificate checked",
        "教师：已核对州教师证书",
        365,
    ),
    (
        "us-education",
        "graduate",
        _all(_is("degree"), _is("orcid")),
        "Graduate: degree and ORCID checked; no teaching licence",
        "毕业生：已核对学位和 ORCID；非教师资格",
        365,
    ),
    (
        "uk-medicine",
        "doctor",
        _is("uk-gmc"),
        "Doctor: GMC registration and licence checked",
        "医师：已核对 GMC 注册和执业许可",
        365,
    ),
]
_PRACTICE_LABELS = {
    "farming": ("Practice verified: farming", "实践核实：三农"),
    "cars": ("Practice verified: cars", "实践核实：汽车"),
    "property": ("Practice verified: property", "实践核实：房产"),
    "crafts": ("Practice verified: crafts", "实践核实：手工艺"),
}
REQUIREMENTS += [
    (f"{place}-{topic}", "practitioner", _PRACTICE, english, chinese, 730)
    for place in ("cn", "us")
    for topic, (english, chinese) in _PRACTICE_LABELS.items()
]
