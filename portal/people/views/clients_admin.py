"""API clients, as pages of the admin."""

from typing import Any

from allauth.idp.oidc.models import Client
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from portal.people import client_secrets
from portal.people.access import person_of
from portal.people.actions import api_clients
from portal.people.forms import ReasonForm
from portal.people.forms_admin import ApiClientForm, ScopesForm
from portal.people.tokens import TOKEN_PATH
from portal.people.views.admin_action import admin_action
from portal.people.views.changes_admin import WHEN_APPROVED, asked


def create_client_page(request: HttpRequest) -> HttpResponseBase:
    """Ask for a new client."""

    def act(data: dict[str, Any]) -> HttpResponseBase:
        return asked(request, api_clients.ask_for_client(**data, by=person_of(request)))

    lead = _("A program of the platform that calls the API under its own name. %s") % WHEN_APPROVED
    return admin_action(
        request, ApiClientForm, act, title=_("New API client"), lead=lead, button=_("Request the client")
    )


def client_scopes_page(request: HttpRequest, pk: str) -> HttpResponseBase:
    """Ask that the client may open more or less."""
    client = get_object_or_404(Client, pk=pk)

    def act(data: dict[str, Any]) -> HttpResponseBase:
        return asked(request, api_clients.ask_for_scopes(client=client, **data, by=person_of(request)))

    title, initial = _("Scopes of %s") % client.name, {"scopes": client.get_scopes()}
    return admin_action(
        request, ScopesForm, act, title=title, lead=WHEN_APPROVED, button=_("Request the change"), initial=initial
    )


def client_secret_page(request: HttpRequest, pk: str) -> HttpResponseBase:
    """Ask for a new secret; draw it once a second administrator has agreed."""
    client, person = get_object_or_404(Client, pk=pk), person_of(request)
    title = _("New secret for %s") % client.name

    def ask(data: dict[str, Any]) -> HttpResponseBase:
        return asked(request, api_clients.ask_for_secret(client=client, reason=data["reason"], by=person))

    def draw(_data: dict[str, Any]) -> HttpResponseBase:
        return _shown_once(request, client, api_clients.draw_client_secret(client=client, by=person))

    if api_clients.may_draw_secret(client, person):
        if reason := client_secrets.refuse_another_secret(client):
            messages.warning(request, str(reason))
            return redirect("admin:allauth_idp_oidc_client_change", client.pk)
        lead = _("The old secret stays valid for 24 hours, so that the program can be changed over.")
        return admin_action(request, forms.Form, draw, title=title, lead=lead, button=_("Make a new secret"))
    return admin_action(request, ReasonForm, ask, title=title, lead=WHEN_APPROVED, button=_("Request a new secret"))


def end_previous_secret_page(request: HttpRequest, pk: str) -> HttpResponseBase:
    """Take the secret before no more."""
    client = get_object_or_404(Client, pk=pk)
    lead = _("Only the current secret is then valid. All tokens become invalid; the program fetches new ones.")

    def act(_data: dict[str, object]) -> HttpResponseBase:
        api_clients.end_previous_secret(client=client, by=person_of(request))
        messages.success(request, _("Done."))
        return redirect("admin:allauth_idp_oidc_client_change", client.pk)

    title, button = _("End the old secret of %s") % client.name, _("End the old secret")
    return admin_action(request, forms.Form, act, title=title, lead=lead, button=button, danger=True)


def end_client_page(request: HttpRequest, pk: str) -> HttpResponseBase:
    """Delete a client."""
    client = get_object_or_404(Client, pk=pk)
    lead = _("The program can no longer call the API. This cannot be undone.")

    def act(_data: dict[str, object]) -> HttpResponseBase:
        api_clients.end_client(client=client, by=person_of(request))
        messages.success(request, _("Done."))
        return redirect("admin:allauth_idp_oidc_client_changelist")

    return admin_action(
        request, forms.Form, act, title=_("End %s") % client.name, lead=lead, button=_("End"), danger=True
    )


def _shown_once(request: HttpRequest, client: Client, secret_text: str) -> HttpResponseBase:
    context = {"client": client, "secret": secret_text, "token_path": TOKEN_PATH, "title": client.name}
    return render(request, "admin/people/client_secret.html", {**admin.site.each_context(request), **context})
