"""Version 1 of what each category must prove in each area, and the label it earns."""

from typing import Any

from portal.languages import Texts

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

# area, category, expression, label by language, longest validity in days
REQUIREMENTS: list[tuple[str, str, Expression, Texts, int]] = [
    (
        "cn-medicine",
        "doctor",
        _all(_is("cn-identity"), _is("cn-doctor-qualification"), _is("cn-doctor-practising"), _is("cn-employment")),
        {
            "en": "Doctor: qualification, licence and workplace checked",
            "zh-hans": "医师：已核对资格证书、执业证书和执业机构",
        },
        365,
    ),
    (
        "cn-medicine",
        "nurse",
        _all(_is("cn-nurse-practising"), _is("cn-employment")),
        {"en": "Nurse: licence and workplace checked", "zh-hans": "护士：已核对执业证书和执业机构"},
        365,
    ),
    (
        "cn-medicine",
        "pharmacist",
        _all(_is("cn-pharmacist"), _is("cn-employment")),
        {"en": "Pharmacist: qualification and workplace checked", "zh-hans": "药师：已核对资格证书和工作单位"},
        365,
    ),
    (
        "cn-medicine",
        "organisation",
        _all(_is("cn-organisation"), _is("medical-institution"), _is("authorisation")),
        {
            "en": "Medical institution: registration and licence checked",
            "zh-hans": "医疗机构：已核对登记证照和执业许可证",
        },
        365,
    ),
    (
        "cn-law",
        "lawyer",
        _is("cn-lawyer"),
        {"en": "Lawyer: practising licence checked", "zh-hans": "律师：已核对执业证"},
        365,
    ),
    (
        "cn-law",
        "legal-background",
        _is("cn-legal-qualification"),
        {
            "en": "Legal background: examination checked; not a practising lawyer",
            "zh-hans": "法律背景：已核对法律职业资格；非执业律师",
        },
        730,
    ),
    (
        "cn-law",
        "organisation",
        _CN_ORGANISATION,
        {"en": "Organisation in law: registration checked", "zh-hans": "法律领域机构：已核对登记证照"},
        365,
    ),
    (
        "cn-finance",
        "finance-professional",
        _is("cn-securities"),
        {"en": "Finance professional: securities registration checked", "zh-hans": "金融从业人员：已核对证券从业登记"},
        183,
    ),
    (
        "cn-finance",
        "organisation",
        _CN_ORGANISATION,
        {"en": "Organisation in finance: registration checked", "zh-hans": "财经领域机构：已核对登记证照"},
        365,
    ),
    (
        "cn-education",
        "teacher",
        _is("cn-teacher"),
        {"en": "Teacher: qualification checked", "zh-hans": "教师：已核对教师资格证书"},
        365,
    ),
    (
        "cn-education",
        "graduate",
        _is("cn-degree"),
        {"en": "Graduate: degree checked; no teaching licence", "zh-hans": "毕业生：已核对学历；非教师资格"},
        365,
    ),
    (
        "cn-education",
        "organisation",
        _CN_ORGANISATION,
        {"en": "Organisation in education: registration checked", "zh-hans": "教育领域机构：已核对登记证照"},
        365,
    ),
    (
        "us-medicine",
        "doctor",
        _all(_is("us-npi"), _is("us-medical-licence")),
        {"en": "Doctor: state licence and NPI checked", "zh-hans": "医师：已核对州执照和 NPI"},
        365,
    ),
    (
        "us-medicine",
        "nurse",
        _is("us-nurse-licence"),
        {"en": "Nurse: state licence checked", "zh-hans": "护士：已核对州执照"},
        365,
    ),
    (
        "us-medicine",
        "organisation",
        _all(_is("lei"), _is("medical-institution"), _is("authorisation")),
        {"en": "Medical institution: registration and licence checked", "zh-hans": "医疗机构：已核对登记和执业许可"},
        365,
    ),
    (
        "us-law",
        "lawyer",
        _is("us-bar"),
        {"en": "Lawyer: state bar membership checked", "zh-hans": "律师：已核对州律师协会会籍"},
        365,
    ),
    (
        "us-finance",
        "finance-professional",
        _is("us-crd"),
        {"en": "Finance professional: CRD registration checked", "zh-hans": "金融从业人员：已核对 CRD 注册"},
        183,
    ),
    (
        "us-finance",
        "organisation",
        _ORGANISATION,
        {"en": "Organisation in finance: LEI checked", "zh-hans": "财经机构：已核对 LEI"},
        365,
    ),
    (
        "us-education",
        "teacher",
        _is("us-teacher"),
        {"en": "Teacher: state certificate checked", "zh-hans": "教师：已核对州教师证书"},
        365,
    ),
    (
        "us-education",
        "graduate",
        _all(_is("degree"), _is("orcid")),
        {
            "en": "Graduate: degree and ORCID checked; no teaching licence",
            "zh-hans": "毕业生：已核对学位和 ORCID；非教师资格",
        },
        365,
    ),
    (
        "uk-medicine",
        "doctor",
        _is("uk-gmc"),
        {"en": "Doctor: GMC registration and licence checked", "zh-hans": "医师：已核对 GMC 注册和执业许可"},
        365,
    ),
]
_PRACTICE_LABELS = {
    "farming": {"en": "Practice verified: farming", "zh-hans": "实践核实：三农"},
    "cars": {"en": "Practice verified: cars", "zh-hans": "实践核实：汽车"},
    "property": {"en": "Practice verified: property", "zh-hans": "实践核实：房产"},
    "crafts": {"en": "Practice verified: crafts", "zh-hans": "实践核实：手工艺"},
}
REQUIREMENTS += [
    (f"{place}-{topic}", "practitioner", _PRACTICE, labels, 730)
    for place in ("cn", "us")
    for topic, labels in _PRACTICE_LABELS.items()
]
