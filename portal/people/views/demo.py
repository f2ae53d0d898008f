"""Pages of a demo: sign in with one click, read the mails, move the time. Elsewhere they do not exist."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock
from portal.people import demo, outbox

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
MOST_DAYS = 3660


def demo_only(view: View[P]) -> View[P]:
    """Answer 404 outside demo mode."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


class ClockForm(forms.Form):
    """How far to move the time."""

    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=0, max_value=MOST_DAYS, initial=1)
    hours = forms.IntegerField(label=gettext_lazy("Hours"), min_value=0, max_value=23, initial=0)

    def clean(self) -> dict[str, int]:
        """Forward, and not beyond ten years in all."""
        data: dict[str, int] = super().clean() or {}
        step = timedelta(days=data.get("days", 0), hours=data.get("hours", 0))
        if not self.errors and not step:
            raise forms.ValidationError(_("Time only moves forward: please enter days or hours."))
        if clock.demo_offset() + step > timedelta(days=MOST_DAYS):
            raise forms.ValidationError(_("The demo cannot go more than ten years ahead."))
        return data


@demo_only
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Become a demo person; whoever was signed in is signed out first."""
    chosen = request.POST.get("person")
    person = next((person for person in demo.demo_people() if person.public_id == chosen), None)
    if person is None:
        raise Http404
    goal = get_next_redirect_url(request)
    if request.user.is_authenticated:
        logout(request)  # only then: it would also drop what was typed without a session (portal.web.form_recovery)
    adapter = get_adapter()
    record_authentication(request, person, method="demo")
    adapter.login(request, person)
    response: HttpResponseBase = adapter.post_login(
        request, person, email_verification="none", signal_kwargs=None, email=None, signup=False, redirect_url=goal
    )
    return response


@demo_only
@require_GET
def outbox_page(request: HttpRequest) -> HttpResponseBase:
    """The mails that were sent, newest first."""
    return render(request, "people/demo/outbox.html", {"mails": outbox.newest_mails(), "kept": outbox.are_mails_kept()})


@demo_only
@require_http_methods(["GET", "POST"])
def clock_move(request: HttpRequest) -> HttpResponseBase:
    """The demo's time, and the form that moves it forward for all processes."""
    form = ClockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        step = timedelta(days=form.cleaned_data["days"], hours=form.cleaned_data["hours"])
        clock.set_demo_offset(clock.demo_offset() + step)
        messages.success(request, _("The demo time was moved forward."))
        return redirect("demo:clock")
    return render(request, "people/demo/clock.html", {"form": form, "now": clock.now(), "offset": clock.demo_offset()})
