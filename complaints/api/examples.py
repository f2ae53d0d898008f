"""Examples of requests and responses for the API documentation."""

from drf_spectacular.utils import OpenApiExample

COMPLAINT_EXAMPLE = {
    "number": "OC-000042",
    "regime": "us_dmca",
    "state": "upheld",
    "state_label": "Upheld",
    "platform": "sandbox",
    "account": "17",
    "original": "101",
    "copy": "205",
    "submitted_at": "2026-03-01T08:45:00Z",
    "answer_by": "2026-03-08T08:50:00Z",
    "decided_at": "2026-03-10T14:00:00Z",
    "result": "upheld",
    "remedies": [
        {
            "kind": "restitution",
            "state": "active",
            "not_before": "2026-03-17T14:00:00Z",
            "applied_at": "2026-03-17T14:01:00Z",
            "lifted_at": None,
        }
    ],
    "restitution": {
        "state": "done",
        "hold_until": "2026-03-17T14:00:00Z",
        "moved": 884,
        "already": 131,
        "excluded": {"blocked": 12, "bot": 9},
        "passed": 464,
        "undone": 3,
        "restored": 0,
    },
}
SUBMISSION_EXAMPLES = [
    OpenApiExample(
        "notice",
        {
            "platform": "sandbox",
            "complainant": "demo-potter",
            "original": "101",
            "copy": "205",
            "regime": "us_dmca",
            "kind": "whole",
            "capacity": "author",
            "text": "The whole video was uploaded again, mirrored.",
            "contact": {
                "name": "Demo potter",
                "email": "potter@example.org",
                "address": "1 Example Street, Example City",
                "phone": "+1 555 0100",
            },
            "statements": ["good_faith", "perjury"],
            "signature": "Demo potter",
        },
        request_only=True,
    )
]
