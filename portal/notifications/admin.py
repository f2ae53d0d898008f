"""Messages in the admin: whether their mail arrived, and another try. Not what they say."""

from django.contrib import admin
from django.contrib import messages as flash
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import AdminSection, ReadOnlyAdmin
from portal.notifications import messages
from portal.notifications.models import Notification
from portal.outbound.mail import Delivery
from portal.people.access import person_of


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Messages, newest first."""

    section = AdminSection.WORK
    list_display = ("created_at", "kind", "to", "delivery", "delivered_at", "error")
    fields = ("created_at", "kind", "to", "url", "read_at", "delivery", "delivered_at", "error")
    readonly_fields = ("to",)
    list_filter = ("delivery",)
    list_select_related = ("user",)
    search_fields = ("=user__public_id",)
    search_help_text = _("A person (p_…), exactly.")
    ordering = ("-id",)
    actions = ("send_again",)

    @admin.display(description=_("person"))
    def to(self, note: Notification) -> str:
        """Whom it was written to."""
        return note.user.public_id

    @admin.action(description=_("Send mails that failed again"))
    def send_again(self, request: HttpRequest, rows: QuerySet[Notification]) -> None:
        """Try the mails that did not arrive once more."""
        failed = list(rows.filter(delivery=Delivery.FAILED))
        for note in failed:
            messages.send_notification_again(note, by=person_of(request))
        if failed:
            flash.success(request, _("%d mails are on their way again.") % len(failed))
        else:
            flash.warning(request, _("None of these has failed."))
