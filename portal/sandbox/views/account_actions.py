"""What the account that one acts as can do."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.errors import require_allowed
from portal.people.forms import show_refusals
from portal.sandbox import policies
from portal.sandbox.acting import require_acting_account, start_acting, stop_acting
from portal.sandbox.actions import follows, posts, profile
from portal.sandbox.forms import ActAsForm, BioForm, PublishForm
from portal.sandbox.models import Account, Post
from portal.sandbox.views.rendering import render_sandbox_page

_get_or_post = require_http_methods(["GET", "POST"])


@_get_or_post
def sandbox_act_as(request: HttpRequest) -> HttpResponseBase:
    """Choose as which account to act."""
    form = ActAsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account: Account = form.cleaned_data["handle"]
        start_acting(request, account)
        messages.success(request, _("You are now acting as @%(handle)s.") % {"handle": account.handle})
        return redirect(account)
    known = Account.objects.filter(Q(posts__isnull=False) | ~Q(bio=""), closed_at=None)
    authors = known.distinct().order_by("handle")[:24]
    return render_sandbox_page(request, "act_as.html", form=form, authors=authors)


@require_POST
def sandbox_stop(request: HttpRequest) -> HttpResponseBase:
    """Stop acting as an account."""
    stop_acting(request)
    return redirect("sandbox:home")


@require_POST
def sandbox_follow(request: HttpRequest, handle: str) -> HttpResponseBase:
    """Follow an account, by the video on whose page the button stood if there is one."""
    account, post = _account(handle), _post(request)
    follows.follow_account(account=account, by=require_acting_account(request), post=post)
    messages.success(request, _("You now follow @%(handle)s.") % {"handle": handle})
    return redirect(post or account)


@require_POST
def sandbox_unfollow(request: HttpRequest, handle: str) -> HttpResponseBase:
    """Follow an account no longer."""
    account = _account(handle)
    follows.unfollow_account(account=account, by=require_acting_account(request))
    messages.success(request, _("You no longer follow @%(handle)s.") % {"handle": handle})
    return redirect(_post(request) or account)


@require_POST
def sandbox_confirm(request: HttpRequest, handle: str) -> HttpResponseBase:
    """Keep following, whatever is said about the account."""
    account = _account(handle)
    follows.confirm_follow(account=account, by=require_acting_account(request))
    messages.success(request, _("You keep following @%(handle)s.") % {"handle": handle})
    return redirect(_post(request) or account)


@_get_or_post
def sandbox_publish(request: HttpRequest) -> HttpResponseBase:
    """Publish a video."""
    me = require_acting_account(request)
    form = PublishForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            video = form.cleaned_data["video"]
            post = posts.publish_post(by=me, title=form.cleaned_data["title"], video=video, name=video.name or "video")
            return redirect(post)
    return render_sandbox_page(request, "publish.html", form=form, refusal=policies.refuse_publishing(me))


@_get_or_post
def sandbox_delete(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete an own video, after asking."""
    me, post = (
        require_acting_account(request),
        get_object_or_404(Post.objects.select_related("account", "media"), pk=pk),
    )
    require_allowed(policies.refuse_deleting(post, me))
    if request.method == "POST":
        posts.delete_post(post=post, by=me)
        messages.success(request, _("The video was deleted."))
        return redirect(me)
    lines = [_("No one can watch it any more."), _("It cannot be restored, and its file is deleted after 30 days.")]
    asked = {"title": _("Delete this video?"), "question": post.title, "verb": _("Delete permanently")}
    return _confirmation_page(request, **asked, consequences=lines, back_url=post.get_absolute_url())


@_get_or_post
def sandbox_profile(request: HttpRequest) -> HttpResponseBase:
    """Write about oneself."""
    me = require_acting_account(request)
    form = BioForm(request.POST if request.method == "POST" else None, initial={"bio": me.bio})
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            profile.change_bio(bio=form.cleaned_data["bio"], by=me)
            messages.success(request, _("Your page was changed."))
            return redirect(me)
    return render_sandbox_page(request, "profile.html", form=form)


@_get_or_post
def sandbox_close(request: HttpRequest) -> HttpResponseBase:
    """Close the account, after asking."""
    me = require_acting_account(request)
    require_allowed(policies.refuse_acting(me))
    if request.method == "POST":
        profile.close_sandbox_account(by=me)
        stop_acting(request)
        messages.success(request, _("The account is closed."))
        return redirect(me)
    lines = [_("Its videos can no longer be watched."), _("It cannot be reopened.")]
    asked = {"title": _("Close this account?"), "question": f"@{me.handle}", "verb": _("Close permanently")}
    return _confirmation_page(request, **asked, consequences=lines, back_url=me.get_absolute_url())


def _confirmation_page(request: HttpRequest, **context: Any) -> HttpResponse:
    return render_sandbox_page(request, "confirm.html", form=forms.Form(), tone="bad", **context)


def _account(handle: str) -> Account:
    return get_object_or_404(Account, handle=handle)


def _post(request: HttpRequest) -> Post | None:
    """The video on whose page the button stood."""
    number = request.POST.get("post", "")
    return (
        Post.objects.filter(pk=int(number)).first()
        if number.isascii() and number.isdigit() and len(number) < 19
        else None
    )
