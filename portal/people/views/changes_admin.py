"""Change requests, as pages of the admin: what will happen, and the buttons of whoever may decide."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.errors import DomainError, Text
from portal.people import changes as policies
from portal.people.access import person_of
from portal.people.actions import changes
from portal.people.forms import ReasonForm, show_refusals
from portal.people.models import ChangeRequest, User
from portal.people.states import ChangeState

# Said on every form whose change may need a second administrator.
TWO_PEOPLE = _(
    "Staff roles and rules change only when a second administrator approves; if there is none, after "
    "24 hours. All administrators are notified."
)
# The same on forms about everything else that needs two.
WHEN_APPROVED = _(
    "This takes effect when a second administrator approves; if there is none, after 24 hours. All administrators are notified."
)

# What ends a change with a reason, and what is said then.
_WITH_REASON = {
    "refuse": (changes.refuse_change, _("Rejected. Nothing changes.")),
    "object": (changes.object_to_change, _("You objected. Nothing changes.")),
}


def asked(request: HttpRequest, change: ChangeRequest) -> HttpResponseBase:
    """Say that nothing has changed yet, and show what was asked for."""
    if change.state == ChangeState.DELAYED:
        messages.success(request, _("Requested. It takes effect in 24 hours; until then you can withdraw it."))
    else:
        messages.success(request, _("Requested. It takes effect when another administrator approves it."))
    return redirect("admin:people_changerequest_change", change.pk)


def change_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One change request: approve, refuse or withdraw it, or object to it."""
    rows = ChangeRequest.objects.select_related("asked_by", "closed_by", "person")
    change = get_object_or_404(rows, pk=pk)
    person = person_of(request)
    verb = request.POST.get("verb", "")
    form = ReasonForm(request.POST if verb in _WITH_REASON else None)
    may_object = policies.refuse_objecting_to_change(change, by=person) is None
    form.fields["reason"].label = (
        _("Reason for your objection") if may_object else _("Reason for rejection (if you reject)")
    )
    if request.method == "POST" and verb not in _WITH_REASON:
        return _approve_or_withdraw(request, verb, change, person)
    if request.method == "POST" and form.is_valid():
        end, sentence = _WITH_REASON[verb]
        with show_refusals(form):
            end(change=change, reason=form.cleaned_data["reason"], by=person)
            return _decided(request, change, sentence)
    return render(request, "admin/people/change_request.html", _context(request, change, form, person))


def _approve_or_withdraw(request: HttpRequest, verb: str, change: ChangeRequest, person: User) -> HttpResponseBase:
    """One of the buttons without a text; what was refused is said on the page as it is now."""
    try:
        if verb == "approve":
            changes.approve_change(change=change, by=person)
            return _decided(request, change, _("Approved. The change is in effect."))
        if verb == "withdraw":
            changes.withdraw_change(change=change, by=person)
            return _decided(request, change, _("Withdrawn. Nothing changes."))
        messages.warning(request, _("Please choose an action."))
    except DomainError as error:
        messages.warning(request, str(error.message))
    return redirect("admin:people_changerequest_change", change.pk)


def _decided(request: HttpRequest, change: ChangeRequest, sentence: Text) -> HttpResponseBase:
    messages.success(request, str(sentence))
    return redirect("admin:people_changerequest_change", change.pk)


def _context(request: HttpRequest, change: ChangeRequest, form: ReasonForm, person: User) -> dict[str, object]:
    kind = policies.change_kinds[change.kind]
    return {
        **admin.site.each_context(request),
        "title": policies.change_title(change),
        "change": change,
        "row_url": _row_url(change),
        "values": kind.describe(change),
        "effects": kind.foresee(change),
        "form": form,
        "refusal": policies.refuse_deciding_change(change, by=person),
        "may_object": policies.refuse_objecting_to_change(change, by=person) is None,
        "may_withdraw": policies.refuse_withdrawing_change(change, by=person) is None,
    }


def _row_url(change: ChangeRequest) -> str:
    """The page of the row that changes; "" for a new one."""
    label, _colon, key = change.subject.partition(":")
    return reverse(f"admin:{label.replace('.', '_')}_change", args=[key]) if key else ""
