"""API clients, as pages of the admin."""

from allauth.idp.oidc.models import Client
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from portal.people.access import person_of
from portal.people.actions import api_clients
from portal.people.forms_admin import ApiClientForm, ScopesForm
from portal.people.tokens import TOKEN_PATH
from portal.people.views.admin_action import admin_action


def create_client_page(request: HttpRequest) -> HttpResponseBase:
    """A new client; its secret is shown on the answer and nowhere else."""

    def act(data: dict[str, object]) -> HttpResponseBase:
        client, secret_text = api_clients.create_client(**data, by=person_of(request))  # type: ignore[arg-type]
        return _shown_once(request, client, secret_text)

    lead = _("A program of the platform that calls the API under its own name.")
    return admin_action(request, ApiClientForm, act, title=_("New API client"), lead=lead, button=_("Make the client"))


def client_scopes_page(request: HttpRequest, pk: str) -> HttpResponseBase:
    """What the client may open."""
    client = get_object_or_404(Client, pk=pk)

    def act(data: dict[str, object]) -> HttpResponseBase:
        api_clients.change_client_scopes(client=client, scopes=data["scopes"], by=person_of(request))  # type: ignore[arg-type]
        messages.success(request, _("Done. Its tokens have ended; it has to fetch a new one."))
        return redirect("admin:allauth_idp_oidc_client_change", client.pk)

    return admin_action(
        request,
        ScopesForm,
        act,
        title=_("Scopes of %s") % client.name,
        button=_("Save"),
        initial={"scopes": client.get_scopes()},
    )


def client_secret_page(request: HttpRequest, pk: str) -> HttpResponseBase:
    """A new secret."""
    client = get_object_or_404(Client, pk=pk)
    lead = _("The old secret and all tokens end at once.")
    title = _("New secret for %s") % client.name

    def act(_data: dict[str, object]) -> HttpResponseBase:
        return _shown_once(request, client, api_clients.renew_client_secret(client=client, by=person_of(request)))

    return admin_action(request, forms.Form, act, title=title, lead=lead, button=_("Make a new secret"))


def end_client_page(request: HttpRequest, pk: str) -> HttpResponseBase:
    """Delete a client."""
    client = get_object_or_404(Client, pk=pk)
    lead = _("The program can call the API no more. This cannot be undone.")

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
