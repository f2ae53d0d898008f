"""The accounts that may use a member's works."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.actions import authorisations as actions
from complaints.forms.works import AuthorisationForm
from complaints.models import Authorisation
from complaints.views.pages import member_page
from portal.errors import Conflict
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.platforms import registry
from portal.web import form_recovery
from portal.web.pages import render_page

_MOST = 200


@member_page
def authorisations_page(request: HttpRequest) -> HttpResponseBase:
    """The list, and a form to add an account to it."""
    person = person_of(request)
    form = AuthorisationForm(form_recovery.submitted_data(request), owner=person)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with show_refusals(form):
            actions.authorise_account(
                by=person, platform=data["platform"], account=data["account"], work=data["work"], note=data["note"]
            )
            messages.success(request, _("The account was added to your list."))
            return redirect("complaints:authorisations")
    names = dict(registry.platform_choices())
    rows = Authorisation.objects.filter(author=person).select_related("work").order_by("-given_at", "-pk")[:_MOST]
    listed = [{"row": row, "platform": names.get(row.platform, row.platform)} for row in rows]
    context = {"form": form, "rows": listed}
    return render_page(request, "complaints/creator/authorisations.html", context, wrong=request.method == "POST")


@member_page
def authorisation_end_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask once more, then take the account off the list."""
    row = get_object_or_404(Authorisation.objects.select_related("work"), pk=pk, author=person_of(request))
    if request.method == "POST":
        try:
            actions.end_authorisation(authorisation=row, by=person_of(request))
        except Conflict as error:
            messages.info(request, str(error.message))
        else:
            messages.success(request, _("The account was removed from your list."))
        return redirect("complaints:authorisations")
    context = {"row": row, "verb": _("End permission"), "back_url": reverse("complaints:authorisations")}
    return render_page(request, "complaints/creator/authorisation_end.html", context)
