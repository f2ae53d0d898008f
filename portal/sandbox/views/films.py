"""The videos themselves, for everybody, as long as they are public."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_safe

from portal.media import parts
from portal.media.models import MediaFile
from portal.media.playing import careful, playback
from portal.sandbox.models import Post


@require_safe
def video(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The video, by ranges."""
    return playback(request, _open(pk), why="sandbox")


@require_GET
def poster(_request: HttpRequest, pk: int) -> HttpResponse:
    """Its still picture."""
    picture = parts.poster(_open(pk))
    if not picture:
        raise Http404
    headers = careful("image/jpeg", name="poster.jpg", attached=False)
    return HttpResponse(picture, headers=headers | {"Cache-Control": "private, max-age=300"})


def _open(pk: int) -> MediaFile:
    post = get_object_or_404(Post.objects.with_state().select_related("account", "media"), pk=pk)
    if post.media is None or not post.is_open:
        raise Http404
    return post.media
