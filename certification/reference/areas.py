"""Jurisdictions, key areas and applicant categories."""

from typing import Any

JURISDICTIONS: list[dict[str, Any]] = [
    {"code": "cn", "name_en": "China", "name_zh": "中国"},
    {"code": "us", "name_en": "United States", "name_zh": "美国"},
    {"code": "uk", "name_en": "United Kingdom", "name_zh": "英国"},
]

# Code, name in English and Chinese, what it covers in both, whether it is regulated, whether two people approve.
Topic = tuple[str, str, str, str, str, bool, bool]
TOPICS: list[Topic] = [
    (
        "medicine",
        "Medicine",
        "医疗健康",
        "Health advice, diseases, medicines, nursing",
        "疾病、用药、护理与健康建议",
        True,
        True,
    ),
    ("law", "Law", "法律", "Legal advice, court cases, contracts", "法律咨询、案例与合同", True, False),
    ("finance", "Finance", "财经", "Securities, funds, insurance, tax", "证券、基金、保险与税务", True, False),
    ("education", "Education", "教育", "School subjects, exams, teaching", "学科辅导、考试与教学", True, False),
    ("farming", "Farming", "三农", "Growing, animals, produce", "种植、养殖与农产品", False, False),
    ("cars", "Cars", "汽车", "Driving, repair, buying, transport", "驾驶、维修、选购与运输", False, False),
    ("property", "Property", "房产", "Buying, renting, building", "买房、租房与建造", False, False),
    ("crafts", "Crafts", "手工艺", "Handicraft, repair, traditional skills", "手工、修理与传统技艺", False, False),
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
        "name_en": "Doctor",
        "name_zh": "医师",
        "help_en": "You hold a licence to practise medicine.",
        "help_zh": "您持有医师执业证书。",
    },
    {
        "code": "nurse",
        "name_en": "Nurse",
        "name_zh": "护士",
        "help_en": "You hold a licence to practise nursing.",
        "help_zh": "您持有护士执业证书。",
    },
    {
        "code": "pharmacist",
        "name_en": "Pharmacist",
        "name_zh": "药师",
        "help_en": "You hold a qualification as a pharmacist.",
        "help_zh": "您持有药师资格证书。",
    },
    {
        "code": "lawyer",
        "name_en": "Lawyer",
        "name_zh": "律师",
        "help_en": "You are admitted and may practise law.",
        "help_zh": "您持有律师执业证书。",
    },
    {
        "code": "legal-background",
        "name_en": "Trained in law, not practising",
        "name_zh": "法律背景（非执业）",
        "help_en": "You passed the legal examination but hold no practising licence.",
        "help_zh": "您通过了法律职业资格考试，但未执业。",
    },
    {
        "code": "finance-professional",
        "name_en": "Registered finance professional",
        "name_zh": "金融从业人员",
        "help_en": "You are registered with the regulator or its association.",
        "help_zh": "您已在监管机构或行业协会登记。",
    },
    {
        "code": "teacher",
        "name_en": "Teacher",
        "name_zh": "教师",
        "help_en": "You hold a teaching qualification.",
        "help_zh": "您持有教师资格证书。",
    },
    {
        "code": "graduate",
        "name_en": "Graduate of the subject",
        "name_zh": "相关专业毕业生",
        "help_en": "You hold a degree in the subject, but no teaching qualification.",
        "help_zh": "您拥有相关专业学历，但没有教师资格。",
    },
    {
        "code": "organisation",
        "name_en": "Organisation",
        "name_zh": "机构",
        "help_en": "A registered organisation applies through somebody whom it has authorised.",
        "help_zh": "已登记的机构，由获授权的人员申请。",
        "organisation": True,
    },
    {
        "code": "practitioner",
        "name_en": "Experienced practitioner",
        "name_zh": "实践经验者",
        "help_en": "You do this work and can show it. The label will say “practice verified”, not “licensed”.",
        "help_zh": "您从事这项工作并能证明。标签为“实践核实”，而非“持证”。",
        "practice_only": True,
    },
]
