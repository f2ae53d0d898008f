"""Texts of the validators of passwords."""

from django.contrib.auth.password_validation import get_default_password_validators
from django.utils import translation


def test_help_texts_address_people_as_the_portal_does() -> None:
    with translation.override("zh-hans"):
        texts = [str(validator.get_help_text()) for validator in get_default_password_validators()]
    assert len(texts) == 3
    assert not [text for text in texts if "你" in text or "assword" in text]
