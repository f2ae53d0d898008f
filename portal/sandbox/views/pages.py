"""What everybody sees."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from portal.sandbox.acting import acting_account
from portal.sandbox.actions import inbox, posts, profile
from portal.sandbox.models import Follow, Notice, Post
from portal.sandbox.views.rendering import account_context, account_or_404, render_sandbox_page
from portal.web.pagination import keyset_page

_TILES = 12
_ROWS = 50


@require_GET
def sandbox_home(request: HttpRequest) -> HttpResponse:
    """The newest videos."""
    newest = Post.objects.public().select_related("account", "media")
    return render_sandbox_page(
        request, "home.html", page=keyset_page(request, newest, order=("-published_at", "-pk"), size=_TILES)
    )


@require_GET
def sandbox_account(request: HttpRequest, handle: str) -> HttpResponse:
    """One account and its videos; removed ones keep their place, deleted ones are gone."""
    whose = account_or_404(handle)
    works = whose.posts.with_state().filter(deleted_at=None).select_related("media")
    page = keyset_page(request, works, order=("-published_at", "-pk"), size=_TILES)
    return render_sandbox_page(
        request, "account.html", account=whose, page=page, **account_context(whose, acting_account(request))
    )


@require_GET
def sandbox_followers(request: HttpRequest, handle: str) -> HttpResponse:
    """Who follows an account, how that came, and who was moved here."""
    whose = account_or_404(handle)
    rows = Follow.objects.filter(account=whose).select_related("follower", "post")
    page = keyset_page(request, rows, order=("follower_id",), size=_ROWS)
    return render_sandbox_page(
        request, "followers.html", account=whose, page=page, **account_context(whose, acting_account(request))
    )


@require_GET
def sandbox_watch(request: HttpRequest, pk: int) -> HttpResponse:
    """One video, or why it cannot be seen."""
    post = get_object_or_404(Post.objects.with_state().select_related("account", "media"), pk=pk)
    whose = account_or_404(post.account.handle)
    if post.is_open:
        posts.count_post_view(post=post)
    reasons = post.removals.active().values_list("reason", flat=True)
    context = {
        "account": whose,
        "post": post,
        "reasons": list(reasons),
        **account_context(whose, acting_account(request)),
    }
    return render_sandbox_page(request, "watch.html", **context)


@require_GET
def sandbox_inbox(request: HttpRequest) -> HttpResponse:
    """Messages to the account that one acts as; looking at them marks them read."""
    me = acting_account(request)
    if me is not None:
        inbox.deliver_group_messages(me)
    page = keyset_page(request, Notice.objects.filter(account=me), order=("-pk",))
    answer = render_sandbox_page(request, "inbox.html", page=page)
    if me is not None:
        profile.mark_notices_read(by=me)
    return answer
