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
    "no-editor": _("The portal's account on the platform is not an editor."),
    "still-uploads": _("The platform cannot keep an account from uploading through its API."),
    "reports-without-names": _("The platform does not say who has reported a video."),
    "no-consent": _("The platform's operator has not agreed to it in the portal's settings."),
    "no-probe-work": _("The video on which the portal checks it is not named in the settings, or no longer exists."),
    "no-custody": _("The portal checked on a video of the operator that it does not work."),
    "other-account": _("Videos removed earlier are held by another account than the portal's present one."),
    "unknown-works": _("The portal's account on the platform owns videos that the portal did not remove."),
    "not-declared": _("The platform does not declare it."),
    "not-probed-yet": _("The portal has not been able to check yet whether the platform supports it."),
}


# For platforms that neither list nor move followers.
NO_FOLLOWERS: Mapping[Ability, str] = {
    "followers": "no-such-function",
    "previews": "no-such-function",
    "clearing": "no-such-function",
    "invitations": "no-such-function",
    "opt_outs": "no-such-function",
    "states": "no-such-function",
}


def reason_in_words(connector: Connector, ability: Ability) -> str | Promise:
    """Why the connector does not serve it, "" if nothing is known of that."""
    return REASONS.get(connector.reasons.get(ability, ""), "")
