"""Pages that ask once more before something is done that cannot be undone."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise

from portal.web.pages import render_page


def confirm_action(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    verb: str,
    act: Callable[[], object],
    done: str,
    back_url: str,
    next_url: str = "",
    refusal: str | Promise | None = None,
) -> HttpResponseBase:
    """Show the question; posted, call `act`, say that it is `done` and go to `next_url`, or else to `back_url`.

    `template` extends web/confirm.html; `verb` is the page's title and its button. If there is a
    `refusal`, it is said on the page at `back_url` instead.
    """
    if refusal:
        messages.info(request, str(refusal))
        return redirect(back_url)
    if request.method == "POST":
        act()
        messages.success(request, done)
        return redirect(next_url or back_url)
    return render_page(request, template, {**context, "verb": verb, "back_url": back_url})
