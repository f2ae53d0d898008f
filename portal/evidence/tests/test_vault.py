import base64
import secrets
from collections.abc import Callable

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from portal import vault
from portal.evidence import key_marks
from portal.evidence.actions import files, keys
from portal.evidence.models import EvidenceFile
from portal.people.models import User

LABELS = st.text(max_size=40)


def _entry(key_id: str) -> str:
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


@given(st.text(), LABELS)
def test_a_text_comes_back(text: str, label: str) -> None:
    token = vault.encrypt_text(text, bound_to=label)
    assert token.isascii()
    assert vault.decrypt_text(token, bound_to=label) == text


@given(st.text(min_size=4), LABELS, LABELS)
def test_a_text_does_not_open_elsewhere(text: str, here: str, there: str) -> None:
    token = vault.encrypt_text(text, bound_to=here)
    if here != there:
        with pytest.raises(vault.Tampered):
            vault.decrypt_text(token, bound_to=there)


@given(st.binary(max_size=5000), st.data())
def test_one_changed_bit_is_noticed(data: bytes, draw: st.DataObject) -> None:
    key = vault.new_data_key()
    sealed = bytearray(vault.encrypt_bytes(data, data_key=key, bound_to="row"))
    assert vault.decrypt_bytes(bytes(sealed), data_key=key, bound_to="row") == data
    sealed[draw.draw(st.integers(0, len(sealed) - 1))] ^= 1 << draw.draw(st.integers(0, 7))
    with pytest.raises(vault.Tampered):
        vault.decrypt_bytes(bytes(sealed), data_key=key, bound_to="row")


@given(st.text(max_size=60))
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(vault.Tampered):
        vault.decrypt_text(text, bound_to="row")


def test_a_text_token_is_not_a_wrapped_key() -> None:
    token = vault.encrypt_text("0" * 32, bound_to="row")
    sealed = base64.urlsafe_b64decode(token.split(".")[2])
    with pytest.raises(vault.Tampered):
        vault.unwrap_data_key(vault.WrappedKey(vault.current_key_id(), sealed), bound_to="row")


def test_the_same_text_never_gives_the_same_token() -> None:
    assert len({vault.encrypt_text("4711", bound_to="row") for _ in range(50)}) == 50


@given(st.text(), st.text())
def test_fingerprints_are_equal_exactly_for_equal_texts(one: str, other: str) -> None:
    assert (vault.keyed_fingerprint(one) == vault.keyed_fingerprint(other)) == (one == other)
    assert len(vault.keyed_fingerprint(one)) == 64


def test_fingerprints_outlive_rotation(settings: Settings) -> None:
    before = vault.keyed_fingerprint("4711")
    settings.EVIDENCE_KEYS = [_entry("new"), *settings.EVIDENCE_KEYS]
    assert vault.keyed_fingerprint("4711") == before
    settings.EVIDENCE_KEYS = settings.EVIDENCE_KEYS[:1]
    assert vault.keyed_fingerprint("4711") != before


def test_a_fingerprint_key_of_its_own_lets_old_keys_go(settings: Settings) -> None:
    settings.FINGERPRINT_KEY = base64.b64encode(bytes(32)).decode()
    before = vault.keyed_fingerprint("4711")
    settings.EVIDENCE_KEYS = [_entry("new")]
    assert vault.keyed_fingerprint("4711") == before


@pytest.mark.parametrize(
    "entries",
    [[], ["short:AAAA"], ["no key"], ["a:not base64!"], ["a.b:" + _entry("x")[2:]], [_entry("a"), _entry("a")]],
)
def test_wrong_keys_are_refused(settings: Settings, entries: list[str]) -> None:
    settings.EVIDENCE_KEYS = entries
    with pytest.raises(ImproperlyConfigured):
        vault.encrypt_text("x", bound_to="row")


def test_rotation_moves_files_and_texts_and_leaves_the_ciphertext_alone(
    stored: Callable[..., EvidenceFile],
    creator: User,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, token = stored(), vault.encrypt_text("secret", bound_to="row")
    original = files.file_content(file)
    files.freeze_files([file], at=file.stored_at, by=creator)
    held = {"token": token}

    def renew() -> int:
        held["token"] = vault.renew_text(held["token"], bound_to="row")
        return 1

    monkeypatch.setattr(keys, "_texts", {"secrets": renew})
    settings.EVIDENCE_KEYS = [_entry("new"), *settings.EVIDENCE_KEYS]
    call_command("rotate_keys")
    assert "files: 1 moved to key new" in capsys.readouterr().out
    assert keys.rotate_keys()["files"] == 0
    settings.EVIDENCE_KEYS = settings.EVIDENCE_KEYS[:1]  # the old key is gone
    after = EvidenceFile.objects.get()
    assert (after.key_id, after.location) == ("new", file.location)
    assert files.file_content(after) == original
    assert vault.decrypt_text(held["token"], bound_to="row") == "secret"
    with pytest.raises(vault.Tampered, match="no key demo"):
        files.file_content(file)


def test_the_owners_of_texts_say_how_they_are_renewed(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(keys, "_texts", {})
    keys.register_text_renewal("codes", lambda: 3)
    assert keys.rotate_keys() == {"files": 0, "codes": 3}


def test_a_token_of_another_version_is_refused() -> None:
    with pytest.raises(vault.Tampered):
        vault.decrypt_text(vault.encrypt_text("x", bound_to="row").replace("v1.", "v2."), bound_to="row")


@pytest.mark.django_db
def test_a_column_of_tokens_is_renewed(creator: User, settings: Settings) -> None:
    # Any text column will do: what matters is that each row opens with its own label only.
    User.objects.update(display_name=vault.encrypt_text("A", bound_to=f"row:{creator.pk}"))
    settings.EVIDENCE_KEYS = [_entry("new"), *settings.EVIDENCE_KEYS]

    def renew() -> int:
        return keys.renew_column(User.objects.all(), "display_name", bound_to=lambda user: f"row:{user.pk}")

    assert [renew(), renew()] == [1, 0]
    creator.refresh_from_db()
    assert creator.display_name.startswith("v1.new.")
    assert vault.decrypt_text(creator.display_name, bound_to=f"row:{creator.pk}") == "A"


@pytest.mark.django_db
def test_another_key_of_fingerprints_is_an_error_from_the_first_use_of_the_right_one_on(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(key_marks, "_right", set())
    assert (key_marks.mark_keys(), key_marks.check_fingerprint_key()) == (0, [])
    settings.EVIDENCE_KEYS = [_entry("new"), *settings.EVIDENCE_KEYS]
    assert client.get("/healthz/").json()["checks"]["fingerprint_key"] == "ok"
    call_command("rotate_keys")
    assert "The last key of EVIDENCE_KEYS must stay for ever" in capsys.readouterr().out
    settings.FINGERPRINT_KEY = settings.EVIDENCE_KEYS[-1].partition(":")[2]
    assert key_marks.mark_keys() == 0
    call_command("rotate_keys")
    assert "FINGERPRINT_KEY must stay as it is" in capsys.readouterr().out
    settings.FINGERPRINT_KEY = base64.b64encode(bytes(32)).decode()
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()["checks"]["fingerprint_key"]) == (503, key_marks.CHANGED)
    assert key_marks.mark_keys() == 1
    assert [problem.id for problem in key_marks.check_fingerprint_key()] == ["evidence.E001"]
    with pytest.raises(CommandError, match="not the one with which this site began"):
        call_command("rotate_keys")
