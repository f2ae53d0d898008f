"""Jurisdictions, key areas and applicant categories."""

from typing import Any

from portal.languages import Texts

JURISDICTIONS: list[dict[str, Any]] = [
    {"code": "cn", "names": {"en": "China", "zh-hans": "中国"}},
    {"code": "us", "names": {"en": "United States", "zh-hans": "美国"}},
    {"code": "uk", "names": {"en": "United Kingdom", "zh-hans": "英国"}},
]

# Code, name and what it covers by language, whether it is regulated, whether two people approve.
Topic = tuple[str, Texts, Texts, bool, bool]
TOPICS: list[Topic] = [
    (
        "medicine",
        {"en": "Medicine", "zh-hans": "医疗健康"},
        {"en": "Health advice, diseases, medicines, nursing", "zh-hans": "疾病、用药、护理与健康建议"},
        True,
        True,
    ),
    (
        "law",
        {"en": "Law", "zh-hans": "法律"},
        {"en": "Legal advice, court cases, contracts", "zh-hans": "法律咨询、案例与合同"},
        True,
        False,
    ),
    (
        "finance",
        {"en": "Finance", "zh-hans": "财经"},
        {"en": "Securities, funds, insurance, tax", "zh-hans": "证券、基金、保险与税务"},
        True,
        False,
    ),
    (
        "education",
        {"en": "Education", "zh-hans": "教育"},
        {"en": "School subjects, exams, teaching", "zh-hans": "学科辅导、考试与教学"},
        True,
        False,
    ),
    (
        "farming",
        {"en": "Farming", "zh-hans": "三农"},
        {"en": "Growing, animals, produce", "zh-hans": "种植、养殖与农产品"},
        False,
        False,
    ),
    (
        "cars",
        {"en": "Cars", "zh-hans": "汽车"},
        {"en": "Driving, repair, buying, transport", "zh-hans": "驾驶、维修、选购与运输"},
        False,
        False,
    ),
    (
        "property",
        {"en": "Property", "zh-hans": "房产"},
        {"en": "Buying, renting, building", "zh-hans": "买房、租房与建造"},
        False,
        False,
    ),
    (
        "crafts",
        {"en": "Crafts", "zh-hans": "手工艺"},
        {"en": "Handicraft, repair, traditional skills", "zh-hans": "手工、修理与传统技艺"},
        False,
        False,
    ),
]

# Which topics a jurisdiction starts with.
OFFERED: dict[str, list[str]] = {
    "cn": ["medicine", "law", "finance", "education", "farming", "cars", "property", "crafts"],
    "us": ["medicine", "law", "finance", "education", "farming", "cars", "property", "crafts"],
    "uk": ["medicine"],
}

CATEGORIES: list[dict[str, Any]] = [
    {
        "code": "doctor",
        "names": {"en": "Doctor", "zh-hans": "医师"},
        "help_texts": {"en": "You hold a licence to practise medicine.", "zh-hans": "您持有医师执业证书。"},
    },
    {
        "code": "nurse",
        "names": {"en": "Nurse", "zh-hans": "护士"},
        "help_texts": {"en": "You hold a licence to practise nursing.", "zh-hans": "您持有护士执业证书。"},
    },
    {
        "code": "pharmacist",
        "names": {"en": "Pharmacist", "zh-hans": "药师"},
        "help_texts": {"en": "You hold a qualification as a pharmacist.", "zh-hans": "您持有药师资格证书。"},
    },
    {
        "code": "lawyer",
        "names": {"en": "Lawyer", "zh-hans": "律师"},
        "help_texts": {"en": "You are admitted and may practise law.", "zh-hans": "您持有律师执业证书。"},
    },
    {
        "code": "legal-background",
        "names": {"en": "Trained in law, not practising", "zh-hans": "法律背景（非执业）"},
        "help_texts": {
            "en": "You passed the legal examination but hold no practising licence.",
            "zh-hans": "您通过了法律职业资格考试，但未执业。",
        },
    },
    {
        "code": "finance-professional",
        "names": {"en": "Registered finance professional", "zh-hans": "金融从业人员"},
        "help_texts": {
            "en": "You are registered with the regulator or its association.",
            "zh-hans": "您已在监管机构或行业协会登记。",
        },
    },
    {
        "code": "teacher",
        "names": {"en": "Teacher", "zh-hans": "教师"},
        "help_texts": {"en": "You hold a teaching qualification.", "zh-hans": "您持有教师资格证书。"},
    },
    {
        "code": "graduate",
        "names": {"en": "Graduate of the subject", "zh-hans": "相关专业毕业生"},
        "help_texts": {
            "en": "You hold a degree in the subject, but no teaching qualification.",
            "zh-hans": "您拥有相关专业学历，但没有教师资格。",
        },
    },
    {
        "code": "organisation",
        "names": {"en": "Organisation", "zh-hans": "机构"},
        "help_texts": {
            "en": "A registered organisation applies through somebody whom it has authorised.",
            "zh-hans": "已登记的机构，由获授权的人员申请。",
        },
        "organisation": True,
    },
    {
        "code": "practitioner",
        "names": {"en": "Experienced practitioner", "zh-hans": "实践经验者"},
        "help_texts": {
            "en": "You do this work and can show it. The label will say “practice verified”, not “licensed”.",
            "zh-hans": "您从事这项工作并能证明。标签为“实践核实”，而非“持证”。",
        },
        "practice_only": True,
    },
]
