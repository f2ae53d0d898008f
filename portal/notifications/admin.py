"""Messages in the admin: whether their mail arrived, and another try. Not what they say."""

from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import AdminSection, ReadOnlyAdmin, public_id_column, retry_failed
from portal.notifications import messages
from portal.notifications.models import Notification
from portal.outbound.mail import Delivery
from portal.people.access import person_of


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Messages, newest first."""

    section = AdminSection.WORK
    to = public_id_column("user", _("person"))
    list_display = ("created_at", "kind", "to", "delivery", "delivered_at", "error")
    fields = ("created_at", "kind", "to", "url", "read_at", "delivery", "delivered_at", "error")
    list_filter = ("delivery",)
    list_select_related = ("user",)
    search_fields = ("=user__public_id",)
    search_help_text = _("An exact person (p_…).")
    actions = ("send_again",)

    @admin.action(description=_("Resend failed e-mails"))
    def send_again(self, request: HttpRequest, rows: QuerySet[Notification]) -> None:
        """Try the mails that did not arrive once more."""
        send = partial(messages.send_notification_again, by=person_of(request))
        retry_failed(request, rows.filter(delivery=Delivery.FAILED), send, _("%d e-mails are being sent again."))
