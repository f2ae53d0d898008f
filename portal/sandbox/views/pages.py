"""What everybody sees."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from portal.sandbox.acting import acting
from portal.sandbox.actions import posts, profile
from portal.sandbox.models import Follow, Notice, Post
from portal.sandbox.views.shown import account_of, beside, shown
from portal.web.pagination import page_of

_TILES = 12
_ROWS = 50


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The newest videos."""
    newest = Post.objects.public().select_related("account", "media")
    return shown(request, "home.html", page=page_of(request, newest, order=("-published_at", "-pk"), size=_TILES))


@require_GET
def account(request: HttpRequest, handle: str) -> HttpResponse:
    """One account and its videos; removed ones keep their place, deleted ones are gone."""
    whose = account_of(handle)
    works = whose.posts.with_state().filter(deleted_at=None).select_related("media")
    page = page_of(request, works, order=("-published_at", "-pk"), size=_TILES)
    return shown(request, "account.html", account=whose, page=page, **beside(whose, acting(request)))


@require_GET
def followers(request: HttpRequest, handle: str) -> HttpResponse:
    """Who follows an account, how that came, and who was moved here."""
    whose = account_of(handle)
    rows = Follow.objects.filter(account=whose).select_related("follower", "post")
    page = page_of(request, rows, order=("follower_id",), size=_ROWS)
    return shown(request, "followers.html", account=whose, page=page, **beside(whose, acting(request)))


@require_GET
def watch(request: HttpRequest, pk: int) -> HttpResponse:
    """One video, or why it cannot be seen."""
    post = get_object_or_404(Post.objects.with_state().select_related("account", "media"), pk=pk)
    whose = account_of(post.account.handle)
    if post.is_open:
        posts.watch(post=post)
    reasons = post.removals.active().values_list("reason", flat=True)
    context = {"account": whose, "post": post, "reasons": list(reasons), **beside(whose, acting(request))}
    return shown(request, "watch.html", **context)


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Messages to the account that one acts as; looking at them marks them read."""
    me = acting(request)
    page = page_of(request, Notice.objects.filter(account=me), order=("-pk",))
    answer = shown(request, "inbox.html", page=page)
    if me is not None:
        profile.read_notices(by=me)
    return answer
