"""The videos themselves, for everybody, as long as they are public."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_safe

from portal.evidence.views import untrusted_content_headers
from portal.media import parts
from portal.media.models import MediaFile
from portal.media.playback import video_response
from portal.sandbox.models import Post


@require_safe
def sandbox_video(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The video, by ranges."""
    return video_response(request, _playable_file(pk), why="sandbox")


@require_GET
def sandbox_poster(_request: HttpRequest, pk: int) -> HttpResponse:
    """Its still picture."""
    picture = parts.read_poster(_playable_file(pk))
    if not picture:
        raise Http404
    headers = untrusted_content_headers("image/jpeg", name="poster.jpg", attached=False)
    return HttpResponse(picture, headers=headers | {"Cache-Control": "private, max-age=300"})


def _playable_file(pk: int) -> MediaFile:
    post = get_object_or_404(Post.objects.with_state().select_related("account", "media"), pk=pk)
    if post.media is None or not post.is_open:
        raise Http404
    return post.media
