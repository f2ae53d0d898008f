"""A person's messages, and staff's list of mails that did not arrive."""

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.notifications import messages
from portal.notifications.models import Notification
from portal.outbound.mail import undelivered_mails
from portal.people import letters
from portal.people.models import Letter, User
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required

PAGE = 50


@login_required
@require_GET
def inbox_page(request: HttpRequest) -> HttpResponse:
    """The newest messages; looking at them marks them read."""
    user = _person(request)
    notes = list(Notification.objects.filter(user=user).order_by("-id")[:PAGE])
    response = render(request, "notifications/inbox.html", {"notes": notes})
    messages.mark_notifications_read(user)
    return response


@login_required
@second_factor_required
@require_GET
def undelivered_page(request: HttpRequest) -> HttpResponse:
    """Mails that did not arrive, for administrators."""
    _refuse_all_but_admins(request)
    notes = undelivered_mails(Notification).select_related("user")[:PAGE]
    lost = undelivered_mails(Letter).select_related("person")[:PAGE]
    return render(
        request,
        "notifications/undelivered.html",
        {"notes": notes, "letters": [{"letter": row, "subject": letters.letter_subject(row)} for row in lost]},
    )


@login_required
@require_POST
def post_send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try one of them once more."""
    _refuse_all_but_admins(request)
    messages.send_notification_again(get_object_or_404(Notification, pk=pk), by=_person(request))
    flash.success(request, _("The e-mail is being sent again."))
    return redirect("notifications:undelivered")


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 -- login_required has seen to it
    return request.user


def _refuse_all_but_admins(request: HttpRequest) -> None:
    if not _person(request).may(Permission.ADMINISTER):
        raise PermissionDenied
