"""What administrators are told of by themselves: effects that platforms have not shown for longer than an hour."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import ngettext

from portal import clock
from portal.notifications.messages import notify_person
from portal.outbound.discrepancies import open_discrepancies
from portal.people.models import User
from portal.platforms import NotServed, registry

PATIENCE = timedelta(hours=1)
_KIND = "notifications.discrepancies"


def report_discrepancies() -> int:
    """Tell every administrator once a day, while there are any; returns how many discrepancies there are."""
    late = open_discrepancies().filter(since__lte=clock.now() - PATIENCE)
    number = late.count()
    if not number:
        return 0
    names = [_name(code) for code in late.order_by("platform").values_list("platform", flat=True).distinct()]
    url = f"{reverse('admin:outbound_discrepancy_changelist')}?settled_at__isempty=1"

    def context() -> dict[str, str]:
        counted = ngettext("%(number)d effect", "%(number)d effects", number) % {"number": number}
        return {"counted": counted, "platforms": ", ".join(names)}

    for admin in User.objects.active_admins():
        key = f"{_KIND}:{clock.now().date().isoformat()}:{admin.pk}"
        notify_person(admin, _KIND, key=key, context=context, url=url)
    return number


def _name(code: str) -> str:
    try:
        return registry.get_connector(code).name
    except NotServed:
        return code
