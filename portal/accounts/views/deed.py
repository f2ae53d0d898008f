"""One page of the admin for one deed: a form, a button, and what was refused beside its field."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from portal.accounts.forms import refusals
from portal.errors import Text

Act = Callable[[dict[str, Any]], HttpResponseBase]


def deed(
    request: HttpRequest,
    form_class: type[forms.BaseForm],
    act: Act,
    *,
    title: Text,
    button: Text,
    lead: Text = "",
    initial: dict[str, Any] | None = None,
    grave: bool = False,
) -> HttpResponseBase:
    """Show the form; when it is sent and whole, `act(cleaned_data)` gives the answer."""
    form = form_class(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals(form):
            return act(form.cleaned_data)
    context = {"form": form, "lead": lead, "button": button, "grave": grave, "title": title}
    return render(request, "admin/accounts/deed.html", {**admin.site.each_context(request), **context})
