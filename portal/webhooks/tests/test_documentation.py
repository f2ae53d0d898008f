"""docs/webhooks.md: its sample verifies what is sent, and it names every type."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from portal import clock
from portal.webhooks import registry
from portal.webhooks.signatures import new_secret, signed_headers

TEXT = (settings.BASE_DIR / "docs" / "webhooks.md").read_text()
BODY = b'{"type":"webhook.test"}'


@pytest.fixture
def verify() -> Callable[..., bool]:
    (sample,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len([line for line in sample.splitlines() if line.strip()]) <= 15
    names: dict[str, Any] = {}
    exec(sample, names)  # noqa: S102 -- our own documentation
    return names["verify"]  # type: ignore[no-any-return]


def test_the_sample_takes_what_we_sign_and_nothing_else(verify: Callable[..., bool]) -> None:
    secret, other, now = new_secret(), new_secret(), clock.now()
    headers = signed_headers("msg_1", now, BODY, [secret])
    assert verify(secret, headers, BODY)
    assert not verify(other, headers, BODY)
    assert not verify(secret, headers, BODY + b" ")
    assert not verify(secret, headers | {"webhook-id": "msg_2"}, BODY)
    for minutes in (-6, 6):
        old = signed_headers("msg_1", now + timedelta(minutes=minutes), BODY, [secret])
        assert not verify(secret, old, BODY)


def test_the_sample_takes_either_secret_during_a_rotation(verify: Callable[..., bool]) -> None:
    new, old = new_secret(), new_secret()
    headers = signed_headers("msg_1", clock.now(), BODY, [new, old])
    assert verify(new, headers, BODY)
    assert verify(old, headers, BODY)


def test_every_type_is_documented_and_none_else() -> None:
    written: set[str] = set()
    for row in re.findall(r"^\| (`[a-z_]+\..*?) \|", TEXT, re.MULTILINE):
        first, *others = re.findall(r"`([a-z_.]+)`", row)
        noun = first.partition(".")[0]
        written |= {first, *(f"{noun}{verb}" for verb in others)}
    assert written == {*registry.webhook_types(), registry.TEST_TYPE}
