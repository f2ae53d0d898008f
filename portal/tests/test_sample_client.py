"""docs/sample_client.py runs against a live server: with a test client, and with a real one on a platform in memory."""

import importlib.util
import json
import re
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings as configured
from pytest_django.live_server_helper import LiveServer

from certification.tests import factories as make
from complaints.api import examples
from complaints.models import Complaint
from complaints.tests import factories as originality
from portal import clock
from portal.people.actions import api_clients
from portal.people.tokens import Scope
from portal.testing.fake_platform import FakePlatform
from portal.webhooks.signatures import new_secret, signed_headers

PATH = configured.BASE_DIR / "docs" / "sample_client.py"
Load = Callable[..., ModuleType]


@pytest.fixture
def load(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Load:
    """The sample as a module, with an API client of a platform of its own."""

    def load(platform: str, *, test: bool) -> ModuleType:
        client, secret = api_clients.create_client(name="Sample", platform=platform, scopes=list(Scope), test=test)
        values = {"PORTAL": live_server.url, "CLIENT_ID": client.pk, "CLIENT_SECRET": secret, "PLATFORM": platform}
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        spec = importlib.util.spec_from_file_location("sample_client", PATH)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def test_it_is_short() -> None:
    assert len(PATH.read_text().splitlines()) <= 60


@pytest.mark.django_db(transaction=True)
def test_it_runs_with_a_test_client(load: Load) -> None:
    sample = load("sandbox", test=True)
    token = sample.get_token()
    assert sample.may_publish(token, "test-open", "cn-medicine") == (True, "certified")
    assert sample.may_publish(token, "test-expired", "cn-medicine") == (False, "expired")
    number = sample.file_complaint(token, "notice-0001", examples.SUBMISSION_EXAMPLES[0].value)
    assert sample.complaint_status(token, number)["result"] == "upheld"
    assert not Complaint.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_runs_with_a_real_client(load: Load, platform: FakePlatform) -> None:
    make.reference()
    sample = load("fake", test=False)
    token = sample.get_token()
    assert sample.may_publish(token, "nobody", "cn-medicine") == (False, "no_person")
    mine, theirs = originality.account(region="us"), originality.account(region="us")
    notice: dict[str, Any] = {
        "platform": "fake",
        "complainant": mine.handle,
        "original": originality.post(mine),
        "copy": originality.post(theirs),
        "text": "The whole film was uploaded again, mirrored.",
        "contact": dict(originality.CONTACT),
        "statements": ["good_faith", "perjury"],
        "signature": originality.CONTACT["name"],
    }
    number = sample.file_complaint(token, "notice-0001", notice)
    assert sample.file_complaint(token, "notice-0001", notice) == number
    assert Complaint.objects.get().number == number
    assert sample.complaint_status(token, number)["state"] == "received"


@pytest.mark.django_db(transaction=True)
def test_it_verifies_webhooks(load: Load) -> None:
    sample, secret, body = load("sandbox", test=True), new_secret(), b'{"type":"webhook.test"}'
    headers = signed_headers("msg_1", clock.now(), body, [new_secret(), secret])
    assert sample.verify_webhook(secret, headers, body) == json.loads(body)
    with pytest.raises(ValueError, match="not signed"):
        sample.verify_webhook(new_secret(), headers, body)
    old = signed_headers("msg_1", clock.now(), body, [secret]) | {"webhook-timestamp": str(int(time.time()) - 600)}
    with pytest.raises(ValueError, match="too old"):
        sample.verify_webhook(secret, old, body)


def test_the_documentation_names_every_scope() -> None:
    text = (configured.BASE_DIR / "docs" / "api-clients.md").read_text()
    assert set(re.findall(r"`([a-z]+:[a-z]+)`", text)) == set(Scope.values)
