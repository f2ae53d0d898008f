"""What a script saves of a form while somebody writes in it."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal import clock
from portal.people.form_drafts import TOKEN, is_too_long, read_draft_token, typed_in
from portal.web.form_recovery import ask_for_link


@never_cache
@require_POST
def post_form_draft(request: HttpRequest) -> HttpResponse:
    """Have the draft of whom the page's token names kept (FormDraftMiddleware), and say when; 401 when they are not here any more."""
    draft = read_draft_token(request, request.POST.get(TOKEN, ""))
    if draft is None:
        return ask_for_link(HttpResponse(status=HTTPStatus.FORBIDDEN))
    if is_too_long(typed_in(request.POST)):
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    at = formats.date_format(timezone.localtime(clock.now()), "H:i:s")
    return JsonResponse({"said": _("Draft saved %(time)s") % {"time": at}})
