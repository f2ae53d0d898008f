"""Pages that are one form: what was sent is done, or shown again with what was wrong."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from portal.people.forms import show_refusals
from portal.web.pages import render_page


def form_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    form: forms.Form,
    act: Callable[..., object],
    *,
    thanks: str | Callable[[Any], str],
    next_url: str,
) -> HttpResponseBase:
    """The page of a form. Posted and valid, `act` gets its values by name; then say `thanks` and go to `next_url`.

    `thanks` may be a function of what `act` returned.

    What `act` refuses (portal/errors.py) is shown at the form's fields.
    """
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            done = act(**form.cleaned_data)
            messages.success(request, thanks if isinstance(thanks, str) else thanks(done))
            return redirect(next_url)
    return render_page(request, template, {**context, "form": form}, wrong=request.method == "POST")
