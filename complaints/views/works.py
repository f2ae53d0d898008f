"""A member's works: the list, registering one, and how the check of its video stands."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from complaints.actions import copy_notices
from complaints.actions import works as actions
from complaints.forms.fields import rename_error_fields
from complaints.forms.works import WorkForm
from complaints.models import Work
from complaints.policies import library
from complaints.policies import works as policy
from complaints.views.pages import member_page
from complaints.views.possible_copies import listed_copies
from portal.evidence.forms import bind_file_form
from portal.media import quotas
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.web.confirmation import confirm_action
from portal.web.pages import is_partial, render_page
from portal.web.pagination import keyset_page

_MOST_COPIES = 20


@member_page
@require_safe
def works_page(request: HttpRequest) -> HttpResponseBase:
    """All works that they have registered, newest first."""
    rows = Work.objects.registered_by(person_of(request))
    return render_page(
        request,
        "complaints/creator/works.html",
        {
            "page": keyset_page(request, rows, order=("-registered_at", "-pk")),
            "use": quotas.video_use_of(person_of(request)),
            "possible_copies": listed_copies(library.possible_copies_of(person_of(request))[:_MOST_COPIES]),
            "copies_are_mailed": copy_notices.is_mailed(person_of(request)),
        },
    )


@member_page
def work_new_page(request: HttpRequest) -> HttpResponseBase:
    """Register a work. The same video twice is the same work."""
    person = person_of(request)
    form = bind_file_form(WorkForm, request, person)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form), rename_error_fields(media="video"):
            facts = form.facts()
            if "media" not in facts:
                pasted = form.cleaned_data["pasted"]
                facts["media"] = actions.store_pasted_text(by=person, text=pasted, title=facts["title"])
            work = actions.register_work(by=person, **facts)
            messages.success(request, _("The work is registered."))
            return redirect(work)
    return render_page(request, "complaints/creator/work_new.html", {"form": form}, wrong=request.method == "POST")


@member_page
@require_safe
def work_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One work with its player; while its video is being checked, the piece that says so asks for itself again."""
    rows = Work.objects.registered_by(person_of(request))
    found = get_object_or_404(rows, pk=pk)
    prints = found.media.fingerprints.order_by("pk") if found.media else ()
    copies = library.possible_copies_of(person_of(request)).filter(work=found)[:_MOST_COPIES]
    context = {
        "work": found,
        "fingerprints": prints,
        "possible_copies": listed_copies(copies),
        "refusal": policy.refuse_deleting_work(found, person_of(request)),
        "waits_long": found.media is not None and found.media.waits_long(),
    }
    return render_page(
        request,
        "complaints/creator/_work_state.html" if is_partial(request) else "complaints/creator/work.html",
        context,
    )


@member_page
def work_delete_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask once more, then delete a work with its video and fingerprints."""
    person = person_of(request)
    found = get_object_or_404(Work.objects.registered_by(person), pk=pk)
    return confirm_action(
        request,
        "complaints/creator/work_delete.html",
        {"work": found},
        verb=_("Delete work"),
        act=lambda: actions.delete_work(work=found, by=person),
        done=_("The work is deleted, and so are its file and its fingerprints."),
        back_url=found.get_absolute_url(),
        next_url=reverse("complaints:works"),
        refusal=policy.refuse_deleting_work(found, person),
    )
