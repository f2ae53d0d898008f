"""What administrators do with people, as pages of the admin."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from portal.people.access import person_of
from portal.people.actions import staff
from portal.people.forms import ReasonForm
from portal.people.forms_admin import FindPersonForm, InviteStaffForm, RoleForm
from portal.people.models import ChangeRequest, User
from portal.people.roles import STAFF_ROLES, Role
from portal.people.views.admin_action import admin_action
from portal.people.views.changes_admin import TWO_PEOPLE, asked
from portal.texts import join_sentences

_PAGE = "admin:people_user_change"


def find_page(request: HttpRequest) -> HttpResponseBase:
    """Find a person by e-mail address; posted, so that the address stands in no URL."""
    title, lead = _("Find by e-mail"), _("The complete address, exactly as the person gave it.")
    return admin_action(
        request, FindPersonForm, lambda d: redirect(_PAGE, d["email"].pk), title=title, lead=lead, button=_("Find")
    )


def invite_page(request: HttpRequest) -> HttpResponseBase:
    """Make an account for somebody who will work here."""

    def act(data: dict[str, object]) -> HttpResponseBase:
        made = staff.invite_staff(**data, by=person_of(request))  # type: ignore[arg-type]
        if isinstance(made, ChangeRequest):
            return asked(request, made)
        messages.success(request, _("Invited: the e-mail is being sent."))
        return redirect(_PAGE, made.pk)

    told = _("They receive an e-mail, sign in with a code and set up their second factor first.")
    lead = join_sentences(told, TWO_PEOPLE)
    return admin_action(request, InviteStaffForm, act, title=_("Invite a staff member"), lead=lead, button=_("Invite"))


def role_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give a person another role."""
    person = get_object_or_404(User, pk=pk)

    def act(data: dict[str, object]) -> HttpResponseBase:
        change = staff.change_role(person=person, **data, by=person_of(request))  # type: ignore[arg-type]
        return _done(request, person, change)

    lead = join_sentences(_("%(person)s is notified, with the reason.") % {"person": person}, TWO_PEOPLE)
    return admin_action(
        request,
        RoleForm,
        act,
        title=_("Change the role"),
        lead=lead,
        button=_("Change"),
        initial={"role": person.role, "agency": person.agency_id},
    )


def deactivate_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a person's access away."""
    person = get_object_or_404(User, pk=pk)

    def act(data: dict[str, object]) -> HttpResponseBase:
        change = staff.deactivate_person(person=person, reason=str(data["reason"]), by=person_of(request))
        return _done(request, person, change)

    told = _("%(person)s is signed out everywhere and is notified, with the reason.") % {"person": person}
    lead = join_sentences(told, TWO_PEOPLE if person.role == Role.ADMIN else "")
    return admin_action(
        request, ReasonForm, act, title=_("Deactivate account"), lead=lead, button=_("Deactivate account"), danger=True
    )


def reactivate_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give a person their access back."""
    person = get_object_or_404(User, pk=pk)

    def act(data: dict[str, object]) -> HttpResponseBase:
        change = staff.reactivate_person(person=person, reason=str(data["reason"]), by=person_of(request))
        return _done(request, person, change)

    told = _("%(person)s can sign in again and is notified, with the reason.") % {"person": person}
    lead = join_sentences(told, TWO_PEOPLE if person.role in STAFF_ROLES else "")
    return admin_action(
        request, ReasonForm, act, title=_("Reactivate account"), lead=lead, button=_("Reactivate account")
    )


def _done(request: HttpRequest, person: User, change: ChangeRequest | None) -> HttpResponseBase:
    if change is not None:
        return asked(request, change)
    messages.success(request, _("Done."))
    return redirect(_PAGE, person.pk)
