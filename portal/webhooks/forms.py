"""Forms of the admin's pages about webhook endpoints."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.people.forms import ReasonForm
from portal.platforms import registry as platforms
from portal.webhooks.registry import webhook_types

_ADDRESS_HELP = (
    _("The complete address of the platform's server, beginning with https://. In this demo http:// is accepted, too.")
    if settings.DEMO
    else _("The complete address of the platform's server, beginning with https://.")
)


def _type_choices() -> list[tuple[str, str]]:
    return [(name, name) for name in webhook_types()]


class EndpointChangeForm(ReasonForm):
    """Where an endpoint is and what it takes, and why."""

    field_order: tuple[str, ...] = ("url", "types", "reason")
    url = forms.CharField(
        label=_("Endpoint address"),
        max_length=500,
        widget=forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        help_text=_ADDRESS_HELP,
    )
    types = forms.MultipleChoiceField(
        label=_("Event types"), choices=_type_choices, widget=forms.CheckboxSelectMultiple, initial=webhook_types
    )


class EndpointForm(EndpointChangeForm):
    """A new endpoint, and why."""

    field_order = ("platform", "url", "types", "reason")
    platform = forms.ChoiceField(
        label=_("Platform"),
        choices=platforms.platform_choices,
        help_text=_("Only events about accounts of this platform are sent. This cannot be changed later."),
    )
