"""How a certificate stands now, in words: for everybody, for its holder, and as a badge. Said here for all pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import history
from certification.models import Certificate
from certification.states import CertificateState as State
from portal import clock

NOT_YET = "not_yet"  # issued, but its time has not begun


@dataclass(frozen=True)
class ShownState:
    """A state as pages show it: the badge, the sentence for everybody, and the sentence for the holder."""

    code: str  # a CertificateState, or NOT_YET
    label: str | Promise
    tone: str
    public: str | Promise
    holder: str | Promise


_STATES: Mapping[str, ShownState] = {
    State.ACTIVE: ShownState(
        State.ACTIVE,
        State.ACTIVE.label,
        "ok",
        _("This certificate is valid."),
        _("Your certificate is in the public register."),
    ),
    State.SUSPENDED: ShownState(
        State.SUSPENDED,
        State.SUSPENDED.label,
        "warn",
        _("This certificate is not valid: it is suspended while a concern is reviewed. No decision has been made."),
        _("Your certificate is suspended and not valid until a decision is made."),
    ),
    State.REVOKED: ShownState(
        State.REVOKED,
        State.REVOKED.label,
        "bad",
        _("This certificate is no longer valid: two people decided to revoke it."),
        _("Your certificate was revoked. It is no longer in the register."),
    ),
    State.EXPIRED: ShownState(
        State.EXPIRED,
        State.EXPIRED.label,
        "muted",
        _("This certificate is no longer valid: it has expired."),
        _("Your certificate has expired and is no longer in the register."),
    ),
    State.SURRENDERED: ShownState(
        State.SURRENDERED,
        State.SURRENDERED.label,
        "muted",
        _("This certificate is no longer valid: its holder surrendered it."),
        _("You surrendered the certificate. It is no longer in the register."),
    ),
    State.LAPSED: ShownState(
        State.LAPSED,
        State.LAPSED.label,
        "muted",
        _("This certificate is no longer valid: what it certified was abolished."),
        _("Your certificate has lapsed, because what it certified was abolished. It is no longer in the register."),
    ),
}


# Before a certificate counts for the first time, as `history.state_at` tells.
_OUTSIDE: Mapping[str, Promise] = {
    history.NOT_ISSUED: _("Not issued yet"),
    history.NOT_YET: _("Issued, but not valid yet"),
}


def shown_state(certificate: Certificate) -> ShownState:
    """How a certificate stands now. No query."""
    state = certificate.effective_state
    if state == State.ACTIVE and certificate.valid_from > clock.now():
        return _not_yet(certificate)
    return _STATES[state]


def state_name(code: str) -> str | Promise:
    """The name of a state, as `certification.history.state_at` codes it."""
    return _OUTSIDE[code] if code in _OUTSIDE else State(code).label


def _not_yet(certificate: Certificate) -> ShownState:
    begins = {"date": date_format(certificate.valid_from)}
    return ShownState(
        NOT_YET,
        _("Not valid yet"),
        "info",
        _now("This certificate is not valid yet: it is valid from %(date)s.") % begins,
        _now("Your certificate is valid from %(date)s and will be in the public register from then.") % begins,
    )
