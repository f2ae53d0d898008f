"""What an author does about a possible copy of their work: dismiss it, or begin a complaint with both works filled in."""

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import events
from complaints.actions import drafts
from complaints.models import Complaint, PossibleCopy
from complaints.policies import library as policy
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, require_allowed
from portal.people.models import User
from portal.workflow import write_row


def dismiss_possible_copy(*, copy: PossibleCopy, by: User) -> None:
    """Show it no more, for good. Raises NotAllowed, Conflict."""
    require_allowed(policy.refuse_possible_copy(copy, by))
    with transaction.atomic():
        write_row(copy, {"dismissed_at": clock.now()}, message=_("You have already dismissed this."), dismissed_at=None)
        trail.record_event(events.COPY_DISMISSED, copy.work, by=by, post=copy.post_id)


def complain_of_possible_copy(*, copy: PossibleCopy, by: User) -> Complaint:
    """A draft with both works filled in; the same draft again while it is there. Asks the platform for the account.

    Raises NotAllowed, Conflict, Invalid.
    """
    require_allowed(policy.refuse_possible_copy(copy, by))
    if copy.complaint is not None:
        return copy.complaint
    if copy.dismissed_at is not None:
        raise Conflict(_("You have already dismissed this."))
    found = drafts.find_copied_post(address=copy.post.url or copy.post.external_id, platform=copy.post.platform)
    with transaction.atomic():
        row = PossibleCopy.objects.select_for_update(of=("self",)).select_related("complaint").get(pk=copy.pk)
        if row.complaint is not None:
            return row.complaint
        complaint = drafts.start_draft(by=by)
        drafts.name_found_copy(complaint=complaint, by=by, copy=found)
        drafts.name_original_video(complaint=complaint, by=by, work=copy.work)
        write_row(row, {"complaint": complaint}, complaint=None)
    return complaint
