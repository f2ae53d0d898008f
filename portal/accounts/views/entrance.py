"""On the way in: somebody who showed her first factor and lost the second."""

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.logout import logout
from allauth.mfa.internal.constants import LoginStageKey
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from portal.accounts.actions import recoveries
from portal.accounts.forms import RecoveryRequestForm


@login_stage_required(stage=LoginStageKey.MFA_AUTHENTICATE.value, redirect_urlname="account_login")
@require_http_methods(["GET", "POST"])
def recovery_request(request: HttpRequest) -> HttpResponseBase:
    """Ask administrators for help; possible only after password, passkey or code, so nobody can ask for others."""
    person = request._login_stage.login.user  # type: ignore[attr-defined]
    form = RecoveryRequestForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/recovery_request.html", {"form": form})
    recoveries.request(person=person, note=form.cleaned_data["note"])
    logout(request)
    return render(request, "accounts/recovery_requested.html")
