"""Validators of passwords."""

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _


class MinimumLengthValidator(password_validation.MinimumLengthValidator):
    """Django's validator, with a message from this project's catalogue: Django's own Chinese one lacks it."""

    def get_error_message(self) -> str:
        return _("This password is too short. Use at least %(count)d characters.") % {"count": self.min_length}
