"""Examples of requests and responses for the API documentation."""

from typing import Any

from django.utils import translation
from drf_spectacular.utils import OpenApiExample

from complaints.regimes import REGIMES, Regime

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
            "complete_at": None,
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
# What a complaint shows before anybody has looked at it, for test clients.
JUST_SUBMITTED: dict[str, Any] = {
    "state": "received",
    "state_label": "Received, being compared",
    "answer_by": None,
    "decided_at": None,
    "result": "",
    "remedies": [],
    "restitution": None,
}
_CONTACT = {
    "name": "Demo potter",
    "email": "potter@example.org",
    "address": "1 Example Street, Example City",
    "phone": "+1 555 0100",
}


def _submission(regime: Regime) -> OpenApiExample:
    """A notice that holds what the regime asks for, and no more."""
    value = {
        "platform": "sandbox",
        "complainant": "demo-potter",
        "original": "101",
        "copy": "205",
        "work_kind": "video",
        "regime": str(regime.code),
        "kind": "whole",
        "capacity": "author",
        "text": "The whole work was published again, mirrored.",
        "contact": {name: _CONTACT[name] for name in regime.contact},
        "statements": [tick.code for tick in regime.ticks],
        **({"signature": _CONTACT["name"]} if regime.signed else {}),
    }
    return OpenApiExample(str(regime.code), value, request_only=True)


def _needs(regime: Regime) -> str:
    """A regime as an item of a list in Markdown."""
    region = f"accounts in the region {', '.join(regime.regions)}" if regime.regions else "all other accounts"
    signed = " `signature` repeats the name." if regime.signed else ""
    contact = ", ".join(f"`{name}`" for name in regime.contact)
    ticks = "\n".join(f"  - `{tick.code}`: {tick.text}" for tick in regime.ticks)
    return f"- `{regime.code}`, for {region}. `contact` holds {contact}.{signed} `statements`:\n{ticks}"


def _describe_submission() -> str:
    with translation.override("en"):
        needs = "\n".join(map(_needs, REGIMES.values()))
    return (
        "A complete complaint on behalf of an account holder on your platform. The answer contains its number.\n\n"
        "The regime follows from the region of the respondent's account, unless `regime` names another. Each requires "
        f"its own statements, which the complainant must have made in these words:\n\n{needs}\n\n"
        "Invalid requests are answered with 400 or 422 and name the fields of this request, such as `contact.email`."
    )


SUBMISSION_DESCRIPTION = _describe_submission()
SUBMISSION_EXAMPLES = [_submission(regime) for regime in REGIMES.values()]
