"""Authors are told of possible copies in one message a day at most, mailed unless they switched that off."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.urls import reverse

from complaints.actions import copy_notices, possible_copies
from complaints.models import CopyNotices, LibraryMatch, PossibleCopy, Work
from complaints.tests.test_library import copied, registered
from complaints.tests.views.test_possible_copies import signed_in
from portal import clock
from portal.jobs import runner
from portal.notifications.models import Notification
from portal.outbound.mail import Delivery
from portal.people.models import User

pytestmark = pytest.mark.django_db


def one_more(found: PossibleCopy) -> PossibleCopy:
    """Another possible copy of the same work, on another account."""
    post = Work.objects.create(platform="fake", external_id="another", account_id="another", title="Another film")
    return PossibleCopy.objects.create(work=found.work, post=post, match=LibraryMatch.objects.all()[0])


def notes_of(person: User | None) -> list[Notification]:
    return list(Notification.objects.filter(user=person, kind=copy_notices.NOTICE).order_by("pk"))


def mailed() -> list[EmailMessage]:
    """The mails about possible copies."""
    return [message for message in mail.outbox if "Possible copies" in message.subject]


def test_one_message_counts_what_is_new_and_is_mailed() -> None:
    found = copied(registered())
    one_more(found)
    assert [copy_notices.tell_authors() for _twice in range(2)] == [1, 0]
    runner.run_due_jobs()
    note = notes_of(found.work.owner)[0]
    assert (note.subject, note.url) == ("Possible copies of your works: 2", reverse("complaints:works"))
    sent = mailed()
    assert [message.subject for message in sent] == ["Possible copies of your works: 2"]
    assert found.post.title not in sent[0].body


def test_a_second_message_waits_for_a_day_and_counts_the_rest() -> None:
    found = copied(registered())
    copy_notices.tell_authors()
    one_more(found)
    with clock.freeze_time(clock.now() + timedelta(hours=23)):
        assert copy_notices.tell_authors() == 0
        assert found.work.owner is not None
        assert copy_notices.tell_author(found.work.owner) is False
    with clock.freeze_time(clock.now() + timedelta(hours=25)):
        assert copy_notices.tell_authors() == 1
    assert [note.subject[-1] for note in notes_of(found.work.owner)] == ["1", "1"]


@pytest.mark.parametrize("what", ["dismiss_possible_copy", "complain_of_possible_copy"])
def test_nobody_is_told_of_what_they_have_dealt_with(what: str) -> None:
    found = copied(registered())
    getattr(possible_copies, what)(copy=found, by=found.work.owner)
    assert copy_notices.tell_authors() == 0
    assert notes_of(found.work.owner) == []


def test_one_that_fails_half_way_tells_nobody_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    found = copied(registered())

    def die(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(copy_notices, "notify_person", die)
        with pytest.raises(RuntimeError):
            copy_notices.tell_authors()
    assert PossibleCopy.objects.get().told_at is None
    assert copy_notices.tell_authors() == 1
    assert len(notes_of(found.work.owner)) == 1


def test_mail_is_switched_off_and_on_again_on_the_page_of_works() -> None:
    found = copied(registered())
    client, works = signed_in(found.work.owner), reverse("complaints:works")
    for wanted, button in (("off", "Stop e-mails"), ("on", "Get e-mails")):
        assert button in client.get(works).content.decode()
        assert client.post(reverse("complaints:copy_notices"), {"by_mail": wanted})["Location"] == works
    client.post(reverse("complaints:copy_notices"), {"by_mail": "off"})
    assert CopyNotices.objects.get().by_mail is False
    assert copy_notices.tell_authors() == 1
    runner.run_due_jobs()
    assert mailed() == []
    assert notes_of(found.work.owner)[0].delivery == Delivery.PORTAL
