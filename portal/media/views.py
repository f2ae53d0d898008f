"""The video itself, its still picture, and what an upload form shows of it."""

import re
import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_safe

from portal.media import access, playback
from portal.media.models import MediaFile
from portal.people.access import person_of
from portal.people.second_factor import second_factor_required

_FIELD = re.compile(r"[\w-]{1,80}", re.ASCII)


@login_required
@second_factor_required
@require_safe
def media_video(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The video, by ranges; 404 for everybody who may not see it."""
    return playback.video_response(request, _visible(request, pk))


@login_required
@second_factor_required
@require_GET
def media_poster(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A still picture of our own making, as JPEG."""
    return playback.poster_response(_visible(request, pk))


@login_required
@require_GET
def kept_checkbox(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The ticked box by which a form keeps a video that its owner has sent."""
    file = get_object_or_404(MediaFile.objects.kept(), pk=pk, owner=person_of(request))
    name = request.GET.get("name", "")
    if not _FIELD.fullmatch(name):
        raise Http404
    return render(request, "media/kept.html", {"file": file, "name": name})


@login_required
@second_factor_required
@require_GET
def video_status(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What is known of a video; the fragment asks for itself again while the video is being checked."""
    return render(request, "media/status.html", {"file": _visible(request, pk)})


def _visible(request: HttpRequest, pk: uuid.UUID) -> MediaFile:
    file = get_object_or_404(MediaFile.objects.kept(), pk=pk)
    if access.refuse_video_look(person_of(request), file):
        raise Http404
    return file
