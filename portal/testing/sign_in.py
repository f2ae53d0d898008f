"""What people need to sign in: a password, an authenticator app, and the codes that are mailed."""

import re

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail

from portal.jobs import runner
from portal.people.models import User

PASSWORD = "a long enough phrase"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_app(person: User) -> Authenticator:
    """An authenticator app with a known secret, and recovery codes; the one they have, if they have it."""
    if held := Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first():
        return held
    RecoveryCodes.activate(person)
    return TOTP.activate(person, SECRET).instance


def app_code(step: int = 0) -> str:
    """What the authenticator app shows now, or `step` half minutes later (-1, 0 and 1 are accepted)."""
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(SECRET, counters[len(counters) // 2] + step)))


def newest_mail() -> mail.EmailMessage:
    """Send what waits, and give the newest mail."""
    runner.run_due_jobs()
    newest: mail.EmailMessage = mail.outbox[-1]
    return newest


def mailed_code() -> str:
    """The code in the newest mail."""
    body = str(newest_mail().body)
    found = re.search(r"^[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}$", body, re.MULTILINE)
    assert found, body
    return str(found.group())
