"""Why a platform does not serve something, in words; connectors give the codes (`Connector.reasons`)."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.platforms import Ability, Connector

# By code. One that is not here is shown without a reason.
REASONS: Mapping[str, Promise] = {
    "no-such-function": _("The platform has no such function."),
    "owner-can-change": _("The platform offers only what the account could change itself."),
    "no-moderator": _("The portal's account on the platform is not a moderator."),
    "not-declared": _("The platform does not declare it."),
    "not-probed-yet": _("The portal has not been able to check yet whether the platform supports it."),
}


def reason_in_words(connector: Connector, ability: Ability) -> str | Promise:
    """Why the connector does not serve it, "" if nothing is known of that."""
    return REASONS.get(connector.reasons.get(ability, ""), "")
