"""What a script saves of a form while somebody writes in it."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal import clock
from portal.people.form_drafts import TOKEN, read_draft_token, save_form_draft
from portal.web.form_recovery import ask_for_link


@never_cache
@require_POST
def post_form_draft(request: HttpRequest) -> HttpResponse:
    """Keep the draft of whom the page's token names, and say when; 401 when they are not here any more."""
    draft = read_draft_token(request, request.POST.get(TOKEN, ""))
    if draft is None:
        return ask_for_link(HttpResponse(status=HTTPStatus.FORBIDDEN))
    typed = [(name, str(value)) for name, values in request.POST.lists() for value in values]
    if not save_form_draft(*draft, typed):
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    at = formats.date_format(timezone.localtime(clock.now()), "H:i:s")
    return JsonResponse({"said": _("Draft saved %(time)s") % {"time": at}})
