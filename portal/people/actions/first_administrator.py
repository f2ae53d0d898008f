"""The first administrator of a new site, who is made on the server; everybody else who works here is invited."""

import base64
import secrets
from dataclasses import dataclass

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.audit import trail
from portal.errors import Conflict
from portal.people.actions import people
from portal.people.models import User
from portal.people.roles import Role
from portal.workflow import lock_names

# Two commands at the same moment make one administrator.
_LOCK = "people.first_administrator"
_SECRET_BYTES = 20  # of an authenticator app, as RFC 4226 recommends


@dataclass(frozen=True)
class FirstAdministrator:
    """The new administrator with what they sign in with. It is known to the caller only, and shown once."""

    person: User
    password: str
    app_secret: str
    recovery_codes: list[str]


def create_first_administrator(*, email: str, display_name: str, language: str) -> FirstAdministrator:
    """Make an administrator with a password, an authenticator app and recovery codes, where there is none.

    Raises Conflict where somebody administers the site already, Invalid where somebody has the address.
    """
    password, secret = secrets.token_urlsafe(15), base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    with transaction.atomic():
        lock_names(_LOCK)
        if User.objects.active_admins().exists():
            raise Conflict(_("An administrator already exists and can invite others."))
        person = people.add_person(email, verified=True, display_name=display_name, language=language, role=Role.ADMIN)
        person.set_password(password)
        person.save(update_fields=["password"])
        TOTP.activate(person, secret)
        codes = RecoveryCodes.activate(person).get_unused_codes()
        trail.record_event("people.user.made_first_administrator", person, by=None)
    return FirstAdministrator(person, password, secret, codes)
