"""The list of accounts that an author lets use their works: a complaint against one of them goes to screening."""

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import events
from complaints.actions.works import find_platform_account
from complaints.models import Authorisation, Work
from complaints.policies import parties
from portal import clock
from portal.audit import trail
from portal.errors import Invalid, NotAllowed
from portal.people.models import User
from portal.people.roles import Permission
from portal.platforms import registry
from portal.texts import require_text
from portal.workflow import write_row

_NOTE = 200  # characters


def authorise_account(
    *, by: User, platform: str, account: str, work: Work | None = None, note: str = ""
) -> Authorisation:
    """Put an account (handle, id or address) on their list, for one work or all; the same again is the same entry.

    Raises NotAllowed, Invalid with a sentence for platform, account, work or note.
    """
    if not by.may(Permission.COMPLAIN):
        raise NotAllowed(_("Your role does not manage authorised accounts."))
    if work is not None and work.owner_id != by.pk:
        raise Invalid.at("work", _("This work is not yours."))
    note = require_text("note", note, most=_NOTE)
    if platform not in registry.platform_codes():
        raise Invalid.at("platform", _("This platform is not available here."))
    found = find_platform_account(registry.get_connector(platform), account, field="account")
    if parties.owns_account(by, platform, found.id):
        raise Invalid.at("account", _("This account is yours; it does not need permission."))
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        same = Authorisation.objects.filter(author=by, platform=platform, account_id=found.id, work=work, ended_at=None)
        if (known := same.first()) is not None:
            return known
        row = Authorisation.objects.create(
            author=by, platform=platform, account_id=found.id, handle=found.handle, work=work, note=note
        )
        trail.record_event(events.AUTHORISED, row, by=by, platform=platform)
    return row


def end_authorisation(*, authorisation: Authorisation, by: User) -> None:
    """Take an account off their list. Raises NotAllowed for others, Conflict when it is off already."""
    if authorisation.author_id != by.pk:
        raise NotAllowed(_("This list belongs to someone else."))
    with transaction.atomic():
        ended = _("This authorisation has ended already.")
        write_row(authorisation, {"ended_at": clock.now()}, message=ended, ended_at=None)
        trail.record_event(events.AUTHORISATION_ENDED, authorisation, by=by)
