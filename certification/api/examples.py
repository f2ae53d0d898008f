"""What answers look like, for the API's own page."""

from typing import Any, cast

from drf_spectacular.utils import OpenApiExample

_LABEL = {"en": "Physician: qualification and practising licence seen", "zh-hans": "医师：已核验资格证书与执业证书"}

CERTIFICATE = {
    "serial": "CT-7H2K-9M4X-W3QA",
    "state": "active",
    "valid": True,
    "area": "cn-medicine",
    "category": "doctor",
    "label": _LABEL,
    "name": "Dr Demo",
    "speciality": "Cardiology",
    "workplace": "",
    "agency": "",
    "valid_from": "2026-01-05T09:00:00Z",
    "valid_to": "2027-01-05T09:00:00Z",
    "url": "https://portal.example/certificates/CT-7H2K-9M4X-W3QA/",
}
AREA = {
    "code": "cn-medicine",
    "name": {"en": "Medicine and health", "zh-hans": "医疗健康"},
    "jurisdiction": {"code": "cn", "name": {"en": "Mainland China", "zh-hans": "中国内地"}},
    "topic": "medicine",
    "summary": {"en": "Advice on illness, treatment and medicines", "zh-hans": "疾病、治疗与用药建议"},
    "regulated": True,
    "gate": True,
}
APPLICATION = {
    "number": "A-000042",
    "account": "p_7h2k9m4xw3qa",
    "area": "cn-medicine",
    "state": "in_review",
    "state_label": "In review",
    "started_at": "2026-01-02T08:10:00Z",
    "submitted_at": "2026-01-02T08:45:00Z",
    "decided_at": None,
    "updated_at": "2026-01-02T08:52:00Z",
    "certificate": None,
}
_GATE = {"account": "p_7h2k9m4xw3qa", "area": "cn-medicine", "at": "2026-03-01T12:00:00Z"}
GATE = [
    OpenApiExample(
        "open",
        {
            **_GATE,
            "open": True,
            "code": "certified",
            "reason": "The account holds a valid certificate in this area.",
            "certificate": "CT-7H2K-9M4X-W3QA",
            "valid_to": "2027-01-05T09:00:00Z",
        },
        response_only=True,
        status_codes=["200"],
    ),
    OpenApiExample(
        "closed",
        {
            **_GATE,
            "open": False,
            "code": "expired",
            "reason": "The account's certificate in this area has expired.",
            "certificate": None,
            "valid_to": None,
        },
        response_only=True,
        status_codes=["200"],
    ),
    OpenApiExample(
        "nobody",
        {
            **_GATE,
            "account": None,
            "open": False,
            "code": "no_person",
            "reason": "This account has not been verified by anyone.",
            "certificate": None,
            "valid_to": None,
        },
        response_only=True,
        status_codes=["200"],
    ),
]

GATE_LIST = {
    "area": "cn-medicine",
    "at": "2026-03-01T12:00:00Z",
    "results": [
        {
            "asked": "p_7h2k9m4xw3qa",
            "account": "p_7h2k9m4xw3qa",
            "open": True,
            "code": "certified",
            "certificate": "CT-7H2K-9M4X-W3QA",
            "valid_to": "2027-01-05T09:00:00Z",
        }
    ],
}
PROFESSION = {
    "code": "doctor",
    "name": {"en": "Doctor", "zh-hans": "医师"},
    "topic": "medicine",
    "categories": ["doctor"],
    "words": ["doctor", "physician", "医生"],
}
PROFESSION_ANSWER = {
    "account": "p_7h2k9m4xw3qa",
    "at": "2026-03-01T12:00:00Z",
    "results": [
        {
            "profession": "doctor",
            "areas": ["cn-medicine", "us-medicine"],
            "open": True,
            "code": "certified",
            "reason": "The account holds a valid certificate in this area.",
            "certificate": "CT-7H2K-9M4X-W3QA",
            "valid_to": "2027-01-05T09:00:00Z",
        }
    ],
}
_HELD = {
    "certificate": "CT-7H2K-9M4X-W3QA",
    "area": "cn-medicine",
    "category": "doctor",
    "state": "active",
    "valid": True,
    "valid_from": "2026-01-05T09:00:00Z",
    "valid_to": "2027-01-05T09:00:00Z",
    "accounts": ["UC4711"],
    "url": "https://portal.example/certificates/CT-7H2K-9M4X-W3QA/",
}
SNAPSHOT = {"after": 815, "more": False, "changes_after": 4710, "results": [_HELD]}
CHANGES = {"after": 4711, "more": False, "results": [{**_HELD, "position": 4711, "state_then": "active"}]}


def fixed_gate(account: str) -> dict[str, Any]:
    """What the gate tells a test client of an account: `test-open`, `test-expired`, or one that nobody has verified."""
    chosen = {"test-open": 0, "test-expired": 1}.get(account, 2)
    return dict(cast("dict[str, Any]", GATE[chosen].value))
