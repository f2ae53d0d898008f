"""What a person sees of their own account: profile, closing it, and setting up a second factor."""

from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal import clock
from portal.people import links, second_factor
from portal.people.access import person_of
from portal.people.actions import profile
from portal.people.adapters import set_language_cookie
from portal.people.departures import CLOSED_KEPT, endings_of, holds_after_closing
from portal.people.forms import CloseAccountForm, ProfileForm, show_refusals
from portal.web.form_recovery import submitted_data


@login_required
@require_http_methods(["GET", "POST"])
def profile_edit(request: HttpRequest) -> HttpResponseBase:
    """Name, language and public id; the way to everything else about the account."""
    person = person_of(request)
    stored = {"display_name": person.display_name, "language": person.language}
    form = ProfileForm(submitted_data(request), stored=stored)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            profile.update_profile(person=person, **{name: form.cleaned_data[name] for name in stored})
            return _saved(request, person.language)
    context = {
        "form": form,
        "factors": second_factor.second_factors_of(person).count(),
        "links": links.proven_accounts_of(person),
        "may_link": links.refuse_linking_account(person, by=person) is None,
        "may_become_member": profile.refuse_membership(person) is None,
    }
    return render(request, "people/profile.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def membership_page(request: HttpRequest) -> HttpResponseBase:
    """A guest reads what membership means and becomes a member; everybody else is sent on."""
    person = person_of(request)
    if profile.refuse_membership(person):
        return redirect("people:profile")
    if request.method == "POST":
        profile.become_member(person=person)
        messages.success(request, _("You are now a member."))
        return redirect("web:home")
    return render(request, "people/membership.html")


@login_required
@require_http_methods(["GET", "POST"])
def account_close(request: HttpRequest) -> HttpResponseBase:
    """Ask once more, then close the account and sign the person out."""
    person = person_of(request)
    form = CloseAccountForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            profile.close_account(person=person)
            logout(request)
            messages.success(request, _("Your account is closed. You are signed out everywhere."))
            return redirect("account_login")
    context = {
        "form": form,
        "holds": holds_after_closing(person),
        "endings": endings_of(person),
        "days": CLOSED_KEPT.days,
        "purge_at": clock.now() + CLOSED_KEPT,
    }
    return render(request, "people/close.html", context)


@login_required
@require_GET
def second_factor_setup(request: HttpRequest) -> HttpResponse:
    """Why a second factor is needed here, and the two ways to set one up."""
    person = person_of(request)
    context = {
        "has_factor": second_factor.second_factors_of(person).exists(),
        "required": second_factor.needs_second_factor(person),
    }
    return render(request, "people/second_factor.html", context)


class KeyRemoveView(RemoveWebAuthnView):
    """allauth's page to remove a key, which here keeps the last second factor of those who need one."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Remove the key, or say why not."""
        adapter = get_mfa_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            form.add_error(None, adapter.error_messages["cannot_delete_authenticator"])
            refused: HttpResponse = self.form_invalid(form)
            return refused
        removed: HttpResponse = super().form_valid(form)
        return removed


key_remove = KeyRemoveView.as_view()


def _saved(request: HttpRequest, language: str) -> HttpResponseBase:
    with translation.override(language):
        messages.success(request, _("Saved."))
    response = redirect("people:profile")
    set_language_cookie(response, language)
    return response
