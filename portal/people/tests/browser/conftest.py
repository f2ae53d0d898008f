"""A browser with a passkey device in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page


@pytest.fixture
def faults(page: Page) -> Iterator[list[str]]:
    """What the browser complained about: scripts that failed or that the policy stopped."""
    page.set_default_timeout(20_000)
    seen: list[str] = []
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("console", lambda message: seen.append(message.text) if message.type == "error" else None)
    yield seen
    assert [text for text in seen if "404" not in text] == []


@pytest.fixture
def passkeys(page: Page) -> str:
    """A virtual authenticator that says yes: what a phone with a fingerprint reader does."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    answer: dict[str, str] = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return answer["authenticatorId"]
