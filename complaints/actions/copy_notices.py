"""Authors are told of possible copies of their works: in the portal, by mail unless they switch it off, once a day at most."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from complaints.models import CopyNotices, PossibleCopy
from complaints.policies import library as policy
from portal import clock
from portal.notifications.messages import notify_person
from portal.people.models import User
from portal.workflow import lock_names

NOTICE = "complaints.possible_copies"
BETWEEN = timedelta(days=1)
_PER_RUN = 500  # authors that one run of the periodic task tells


def tell_authors() -> int:
    """Periodic: one message to each author of possible copies of which they have not been told; returns how many."""
    lately = Q(work__owner__copy_notices__told_at__gt=clock.now() - BETWEEN)
    waiting = policy.untold_copies().exclude(lately).order_by("work__owner").values_list("work__owner", flat=True)
    return sum(tell_author(User.objects.get(pk=pk)) for pk in waiting.distinct()[:_PER_RUN])


def tell_author(author: User) -> bool:
    """Write the message that counts what is new; False where there is nothing, or they were told within a day."""
    with transaction.atomic():
        lock_names(f"possible_copies:{author.pk}")
        notices = CopyNotices.objects.get_or_create(user=author)[0]
        new = list(policy.untold_copies().filter(work__owner=author).order_by("pk").values_list("pk", flat=True))
        if not new or (notices.told_at is not None and notices.told_at > clock.now() - BETWEEN):
            return False
        _write_message(author, new, notices)
    return True


def set_mail(*, by: User, by_mail: bool) -> None:
    """Have messages about possible copies mailed to them, or not."""
    CopyNotices.objects.update_or_create(user=by, defaults={"by_mail": by_mail})


def is_mailed(user: User) -> bool:
    """Whether these messages are mailed to them."""
    return not CopyNotices.objects.filter(user=user, by_mail=False).exists()


def _write_message(author: User, new: list[int], notices: CopyNotices) -> None:
    now, count = clock.now(), str(len(new))
    PossibleCopy.objects.filter(pk__in=new).update(told_at=now)
    CopyNotices.objects.filter(pk=notices.pk).update(told_at=now)
    notify_person(
        author,
        NOTICE,
        key=f"{NOTICE}:{author.pk}:{new[-1]}",
        context=lambda: {"count": count},
        url=reverse("complaints:works"),
        by_mail=notices.by_mail,
    )
