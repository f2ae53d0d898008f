"""Guest sign-in by code, and the request of a person who lost their second factor."""

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.logout import logout
from allauth.account.views import RequestLoginCodeView
from allauth.mfa.internal.constants import LoginStageKey
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from portal.people.actions import people, recoveries
from portal.people.forms import RecoveryRequestForm
from portal.people.signup import GuestSignInForm
from portal.web.form_owners import show_for_sign_in
from portal.web.form_recovery import submitted_data


@login_stage_required(stage=LoginStageKey.MFA_AUTHENTICATE.value, redirect_urlname="account_login")
@require_http_methods(["GET", "POST"])
def recovery_request(request: HttpRequest) -> HttpResponseBase:
    """Ask administrators for help; possible only after password, passkey or code, so nobody can ask for others.

    What is typed is kept in the browser alone: whoever has only a password must not read a draft of its owner's.
    """
    person = request._login_stage.login.user  # type: ignore[attr-defined]
    show_for_sign_in(request, person)
    form = RecoveryRequestForm(submitted_data(request))
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/recovery_request.html", {"form": form})
    recoveries.request_recovery(person=person, note=form.cleaned_data["note"])
    logout(request)
    return render(request, "people/recovery_requested.html")


class GuestSignInView(RequestLoginCodeView):
    """allauth's page that sends a sign-in code, which here makes a guest of a new address before."""

    form_class = GuestSignInForm
    template_name = "people/guest_sign_in.html"

    def get_form_class(self) -> type[GuestSignInForm]:
        """Ours, whatever the settings say of allauth's own page."""
        return GuestSignInForm

    def form_valid(self, form: GuestSignInForm) -> HttpResponse:
        """The same answer to known and unknown addresses; the code, which shows whose the address is, goes by mail."""
        form.find_or_make(people.find_or_add_guest)
        answer: HttpResponse = super().form_valid(form)
        return answer


guest_page = GuestSignInView.as_view()
