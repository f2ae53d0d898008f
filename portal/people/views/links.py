"""A person's linked accounts: the list, naming one, proving it, ending the link."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal import clock
from portal.people.access import permitted_page, person_of, requires_permission
from portal.people.actions import links
from portal.people.forms import AccountClaimForm, show_refusals
from portal.people.models import LinkedAccount
from portal.people.roles import Permission
from portal.platforms import registry
from portal.web.form_recovery import submitted_data
from portal.web.pages import render_page
from portal.web.pagination import keyset_page


@requires_permission(Permission.COMPLAIN)
@require_GET
def link_list(request: HttpRequest) -> HttpResponseBase:
    """Their links, newest first."""
    rows = LinkedAccount.objects.filter(person=person_of(request))
    page = keyset_page(request, rows, order=("-claimed_at", "-pk"))
    return render(request, "people/links.html", {"page": page, "platforms": registry.platform_codes()})


@permitted_page(Permission.COMPLAIN)
@require_http_methods(["GET", "POST"])
def link_claim(request: HttpRequest) -> HttpResponseBase:
    """Name an account; the page after it shows the code."""
    person = person_of(request)
    form = AccountClaimForm(submitted_data(request))
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            return redirect("people:link", links.claim_account(person=person, by=person, **form.cleaned_data).pk)
    context = {"form": form, "platforms": registry.platform_codes()}
    return render_page(request, "people/link_claim.html", context, wrong=request.method == "POST")


@login_required
@require_http_methods(["GET", "POST"])
def link_prove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The code and where to put it; posted, look for it now. Of a link that waits no more: how it stands."""
    person, link = person_of(request), _own(request, pk)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with show_refusals(form):
            links.prove_account(link=link, by=person)
            messages.success(request, _("Verified: %(account)s is now linked to you.") % {"account": link.shown_handle})
            return redirect("people:links")
    context = {"link": link, "form": form, "too_old": link.code_until <= clock.now()}
    context["managers_write"] = links.managers_write_profiles(link.platform)
    return render_page(request, "people/link.html", context, wrong=form.is_bound)


@login_required
@require_http_methods(["GET", "POST"])
def link_end(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask once more, then end the link."""
    link = _own(request, pk)
    if request.method == "POST":
        links.end_link(link=link, by=person_of(request))
        messages.success(request, _("The account was unlinked."))
        return redirect("people:links")
    return render(request, "people/link_end.html", {"link": link})


def _own(request: HttpRequest, pk: int) -> LinkedAccount:
    """Their link; somebody else's does not exist for them."""
    return get_object_or_404(LinkedAccount.objects.select_related("person"), pk=pk, person=person_of(request))
