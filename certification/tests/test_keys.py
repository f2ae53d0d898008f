"""When keys change, declared numbers move with them."""

import pytest
from pytest_django import Settings

from certification.models import Credential
from certification.tests import factories
from portal import vault
from portal.evidence.actions import keys

NEW = "new:MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="

pytestmark = pytest.mark.django_db


def test_identifiers_move_to_a_new_key_and_keep_their_fingerprints(settings: Settings) -> None:
    row = factories.draft("cn-law").credentials.get()
    plain = vault.decrypt_text(row.identifier_sealed, bound_to=row.bound_to)
    settings.EVIDENCE_KEYS = [NEW, *settings.EVIDENCE_KEYS]
    assert [keys.rotate_keys()["identifiers"], keys.rotate_keys()["identifiers"]] == [1, 0]
    moved = Credential.objects.get(pk=row.pk)
    assert vault.keyed_fingerprint(f"{row.type.code}:{plain}") == moved.fingerprint
    settings.EVIDENCE_KEYS = [NEW]
    assert vault.decrypt_text(moved.identifier_sealed, bound_to=moved.bound_to) == plain
