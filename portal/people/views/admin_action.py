"""One page of the admin for one action: a form, a button, and what was refused beside its field."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from portal.errors import Text
from portal.people.forms import show_refusals
from portal.web.form_recovery import submitted_data

Action = Callable[[dict[str, Any]], HttpResponseBase]


def admin_action(
    request: HttpRequest,
    form_class: type[forms.BaseForm],
    act: Action,
    *,
    title: Text,
    button: Text,
    lead: Text = "",
    initial: dict[str, Any] | None = None,
    danger: bool = False,
) -> HttpResponseBase:
    """Show the form; when it is sent and whole, `act(cleaned_data)` gives the answer."""
    form = form_class(submitted_data(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            return act(form.cleaned_data)
    context = {"form": form, "lead": lead, "button": button, "danger": danger, "title": title}
    return render(request, "admin/people/admin_action.html", {**admin.site.each_context(request), **context})
