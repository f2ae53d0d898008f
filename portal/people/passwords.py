"""Validators of passwords."""

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# Help texts of Django's validators, translated in this catalogue: in Django's own Chinese one they say 你.
_HELP_TEXTS = (
    gettext_noop("Your password can’t be too similar to your other personal information."),
    gettext_noop("Your password can’t be a commonly used password."),
)


class MinimumLengthValidator(password_validation.MinimumLengthValidator):
    """Django's validator, with texts from this project's catalogue: Django's Chinese one lacks the message, and its help text says 你."""

    def get_error_message(self) -> str:
        return _("This password is too short. Use at least %(count)d characters.") % {"count": self.min_length}

    def get_help_text(self) -> str:
        return _("Use at least %(count)d characters.") % {"count": self.min_length}
