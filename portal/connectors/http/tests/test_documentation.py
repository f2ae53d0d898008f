"""The platform that docs/connect-your-platform.md shows runs as it stands there, and the portal can work with it."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.connectors.http.connector import HttpPlatform, narrow_connector
from portal.connectors.http.running_reference import wait_for_port
from portal.platforms import PlatformConfig, PlatformError, Unknown, signing

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).parents[4] / "docs" / "connect-your-platform.md"
OLD, NEW = signing.new_secret(), signing.new_secret()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    (sample,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path_factory.mktemp("sample") / "platform_sample.py"
    file.write_text(sample, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(file), str(port)], env=os.environ | {"PLATFORM_SECRETS": f"{OLD}, {NEW}"}
    )
    try:
        wait_for_port(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def platform(address: str, secret: str = NEW) -> HttpPlatform:
    config = PlatformConfig("sample", "Sample", "http", address, {"secrets": secret}, {"attempts": 1})
    return HttpPlatform(config)


@pytest.mark.parametrize("secret", [OLD, NEW, f"{NEW},{OLD}"], ids=["old", "new", "both"])
def test_the_sample_serves_accounts_and_works(address: str, secret: str) -> None:
    sample = platform(address, secret)
    sample.read_capabilities()
    assert not narrow_connector(sample.connector()).serves("messages")
    found = sample.find_account("@author")
    assert sample.find_account(found.url) == sample.account("7") == found
    assert "trust-1234" in sample.profile_text(found.id)
    (work,) = sample.works_of(found.id)
    assert sample.find_work(work.url) == work
    with sample.open_media(work.id) as stream:
        assert stream.read() == b"the bytes of the video"
    for text in ("nobody", "9", f"{address}/@nobody"):
        with pytest.raises(Unknown):
            sample.find_account(text)


def test_the_sample_refuses_who_does_not_know_its_secret(address: str) -> None:
    with pytest.raises(PlatformError, match="wrong_signature"):
        platform(address, signing.new_secret()).account("7")
