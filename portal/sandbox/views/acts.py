"""What the account that one acts as can do."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.forms import refusals
from portal.errors import NotAllowed
from portal.sandbox import policies
from portal.sandbox.acting import begin, end, required
from portal.sandbox.actions import follows, posts, profile
from portal.sandbox.forms import ActAsForm, BioForm, PublishForm
from portal.sandbox.models import Account, Post
from portal.sandbox.views.shown import shown

_get_or_post = require_http_methods(["GET", "POST"])


@_get_or_post
def act_as(request: HttpRequest) -> HttpResponseBase:
    """Choose as which account to act."""
    form = ActAsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account: Account = form.cleaned_data["handle"]
        begin(request, account)
        messages.success(request, _("You act as @%(handle)s now.") % {"handle": account.handle})
        return redirect(account)
    known = Account.objects.filter(Q(posts__isnull=False) | ~Q(bio=""), closed_at=None)
    authors = known.distinct().order_by("handle")[:24]
    return shown(request, "act_as.html", form=form, authors=authors)


@require_POST
def stop(request: HttpRequest) -> HttpResponseBase:
    """Act as nobody any more."""
    end(request)
    return redirect("sandbox:home")


@require_POST
def follow(request: HttpRequest, handle: str) -> HttpResponseBase:
    """Follow an account, by the video on whose page the button stood if there is one."""
    account, post = _account(handle), _post(request)
    follows.follow(account=account, by=required(request), post=post)
    messages.success(request, _("You follow @%(handle)s.") % {"handle": handle})
    return redirect(post or account)


@require_POST
def unfollow(request: HttpRequest, handle: str) -> HttpResponseBase:
    """Follow an account no longer."""
    account = _account(handle)
    follows.unfollow(account=account, by=required(request))
    messages.success(request, _("You do not follow @%(handle)s any more.") % {"handle": handle})
    return redirect(_post(request) or account)


@require_POST
def confirm(request: HttpRequest, handle: str) -> HttpResponseBase:
    """Keep following, whatever is said about the account."""
    account = _account(handle)
    follows.confirm(account=account, by=required(request))
    messages.success(request, _("You keep following @%(handle)s.") % {"handle": handle})
    return redirect(_post(request) or account)


@_get_or_post
def publish(request: HttpRequest) -> HttpResponseBase:
    """Publish a video."""
    me = required(request)
    form = PublishForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            video = form.cleaned_data["video"]
            post = posts.publish(by=me, title=form.cleaned_data["title"], video=video, name=video.name or "video")
            return redirect(post)
    return shown(request, "publish.html", form=form, refusal=policies.refuse_publishing(me))


@_get_or_post
def delete(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete an own video, after asking."""
    me, post = required(request), get_object_or_404(Post.objects.select_related("account", "media"), pk=pk)
    _refuse(policies.refuse_deleting(post, me))
    if request.method == "POST":
        posts.delete(post=post, by=me)
        messages.success(request, _("The video is deleted."))
        return redirect(me)
    lines = [_("Nobody can watch it any more."), _("It does not come back, and its file is deleted after 30 days.")]
    asked = {"title": _("Delete this video?"), "question": post.title, "verb": _("Delete for good")}
    return _ask(request, **asked, consequences=lines, back_url=post.get_absolute_url())


@_get_or_post
def describe(request: HttpRequest) -> HttpResponseBase:
    """Write about oneself."""
    me = required(request)
    form = BioForm(request.POST if request.method == "POST" else None, initial={"bio": me.bio})
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            profile.describe(bio=form.cleaned_data["bio"], by=me)
            messages.success(request, _("Your page is changed."))
            return redirect(me)
    return shown(request, "profile.html", form=form)


@_get_or_post
def close(request: HttpRequest) -> HttpResponseBase:
    """Close the account, after asking."""
    me = required(request)
    _refuse(policies.refuse_acting(me))
    if request.method == "POST":
        profile.close(by=me)
        end(request)
        messages.success(request, _("The account is closed."))
        return redirect(me)
    lines = [_("Its videos cannot be watched any more."), _("It cannot be opened again.")]
    asked = {"title": _("Close this account?"), "question": f"@{me.handle}", "verb": _("Close for good")}
    return _ask(request, **asked, consequences=lines, back_url=me.get_absolute_url())


def _ask(request: HttpRequest, **context: Any) -> HttpResponse:
    return shown(request, "confirm.html", form=forms.Form(), tone="bad", **context)


def _refuse(refusal: policies.Reason) -> None:
    if refusal:
        raise NotAllowed(refusal)


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
