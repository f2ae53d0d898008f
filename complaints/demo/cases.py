"""The complaints of the demo: whose, of which copy, how long ago, how far.

A complaint's jobs call the platform, so they run outside of any transaction. One that an interruption has left
half way stays where it is; it is a case of the demo, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from complaints.actions import drafts, intake
from complaints.demo import walks
from complaints.models import Complaint, Exhibit
from complaints.states import Side
from portal import clock
from portal.people.actions import links, people
from portal.people.demo import demo_person
from portal.people.links import proven_accounts_of
from portal.people.models import User
from portal.sandbox.actions import profile
from portal.sandbox.models import Account, Post

PLATFORM = "sandbox"
# Authors with whom nobody signs in and whose e-mails nobody reads, as those of the register (certification/demo).
_EMAIL = "{}.in-the-register@demo.invalid"


@dataclass(frozen=True)
class DemoAuthor:
    """Who complains: an account of the sandbox, its original, and the demo person who holds it, or a new name."""

    handle: str
    original: str
    person: str = ""
    name: str = ""
    linked: bool = True  # whether they have verified the account


_POTTER = DemoAuthor("demo-potter", "A bowl, start to finish", person="creator")
_WAVES = DemoAuthor("demo-waves", "Evening at the shore", person="creator-b")
_KITCHEN = DemoAuthor("demo-kitchen", "Soup for two", name="Nora Bell (demo)")
_CITY = DemoAuthor("demo-city", "Crossing town", name="Owen Marsh (demo)")
_ORCHARD = DemoAuthor("demo-orchard", "苹果园的早晨", name="白露（演示）")
_MEADOW = DemoAuthor("demo-meadow", "Late summer under the trees", name="Ivy Grove (demo)", linked=False)
_AUTHORS = (_POTTER, _WAVES, _KITCHEN, _CITY, _ORCHARD, _MEADOW)


@dataclass(frozen=True)
class DemoComplaint:
    """One complaint: of the video with this title, so many days ago."""

    author: DemoAuthor
    copy: str
    days_ago: int
    walk: Callable[[Complaint], object]


# In the order of time, as they were made.
DEMO_COMPLAINTS = (
    DemoComplaint(_KITCHEN, "Grandmother's soup", 112, walks.walk_to_affirmed),
    DemoComplaint(_CITY, "Rush hour", 101, walks.walk_to_reversed),
    DemoComplaint(_WAVES, "Evening mood", 92, walks.walk_to_returned_followers),
    DemoComplaint(_KITCHEN, "Soup in ten minutes", 84, walks.walk_to_returned_followers),
    DemoComplaint(_WAVES, "Sunset on the rocks", 78, walks.walk_to_reversed_return),
    DemoComplaint(_WAVES, "Breathe with the sea", 71, walks.walk_to_dismissed),
    DemoComplaint(_KITCHEN, "A soup for winter", 68, walks.walk_to_partly_reversed_return),
    DemoComplaint(_KITCHEN, "The best soup", 63, walks.walk_to_appealed),
    DemoComplaint(_CITY, "The city in one minute", 56, walks.walk_to_cancelled_return),
    DemoComplaint(_ORCHARD, "乡下的一天", 52, walks.walk_to_upheld),
    DemoComplaint(_KITCHEN, "Three soups", 45, walks.walk_to_partly),
    DemoComplaint(_WAVES, "Water, water", 40, walks.walk_to_lapsed),
    DemoComplaint(_MEADOW, "A summer afternoon", 35, walks.walk_to_reserved_return),
    DemoComplaint(_CITY, "Rooftops at night", 33, walks.walk_to_paused_return),
    DemoComplaint(_WAVES, "Waves for an hour", 30, walks.walk_to_appeal_second),
    DemoComplaint(_CITY, "Around the block", 20, walks.walk_to_withdrawn),
    DemoComplaint(_KITCHEN, "Simple soup", 17, walks.walk_to_held_return),
    DemoComplaint(_ORCHARD, "乡村的早晨", 15, walks.walk_to_proposal),
    DemoComplaint(_CITY, "City lights, no talking", 6, walks.walk_to_returning_followers),
    DemoComplaint(_WAVES, "Shore at dusk", 3, walks.walk_to_incomplete),
    DemoComplaint(_WAVES, "Sea sounds to fall asleep", 2, walks.walk_to_answer),
    DemoComplaint(_ORCHARD, "清晨的果园", 1, walks.walk_to_notice),
    DemoComplaint(_CITY, "Sea sounds to fall asleep", 1, walks.walk_to_screening),
)
# Left as a draft.
_DRAFT = DemoComplaint(_CITY, "Streets of the world", 0, walks.leave_draft)


def create_demo_complaints() -> None:
    """Link the authors' accounts, and make the complaints that are not there yet."""
    for author in (each for each in _AUTHORS if each.linked):
        with clock.freeze_time(clock.now() - timedelta(days=160)):
            _link(_holder(author), author.handle)
    for entry in (*DEMO_COMPLAINTS, _DRAFT):
        with clock.freeze_time(clock.now() - timedelta(days=entry.days_ago)):
            _complain(entry)


def _complain(entry: DemoComplaint) -> None:
    author, copy = _holder(entry.author), Post.objects.get(title=entry.copy)
    if Complaint.objects.filter(complainant=author, copy__external_id=str(copy.pk)).exists():
        return
    complaint = _write_draft(entry.author, author, copy)
    if entry.walk is not walks.leave_draft:
        signature = author.display_name if complaint.regime.signed else ""
        ticks = [tick.code for tick in complaint.regime.ticks]
        intake.submit_complaint(complaint=complaint, by=author, ticks=ticks, signature=signature)
    entry.walk(complaint)


def _write_draft(shown: DemoAuthor, author: User, copy: Post) -> Complaint:
    complaint = drafts.start_draft(by=author)
    original = Post.objects.get(title=shown.original)
    drafts.name_copied_video(complaint=complaint, by=author, address=_address(copy))
    drafts.name_original_video(complaint=complaint, by=author, address=_address(original))
    text = "Demo complaint. This account shows my video at a smaller size and without my name."
    drafts.save_draft(complaint=complaint, by=author, text=text)
    contact = walks.contact_of(author, complaint.regime.contact)
    drafts.set_complainant_contact(complaint=complaint, by=author, contact=contact)
    level, note = Exhibit.Level.EARLIER_HERE, "Demo evidence. My own post was published earlier."
    drafts.add_exhibit(complaint=complaint, by=author, side=Side.COMPLAINANT, level=level, note=note)
    complaint.refresh_from_db()
    return complaint


def _holder(author: DemoAuthor) -> User:
    if author.person:
        return demo_person(author.person)
    email = _EMAIL.format(author.handle)
    there = User.objects.filter(email=email).first()
    return there or people.add_person(email, verified=True, display_name=author.name)


def _link(holder: User, handle: str) -> None:
    """Prove an account by a code in its profile, which then says again what it said."""
    if proven_accounts_of(holder).filter(platform=PLATFORM).exists():
        return
    account = Account.objects.get(handle=handle)
    bio = account.bio
    link = links.claim_account(person=holder, platform=PLATFORM, account=handle, by=holder)
    profile.change_bio(bio=link.code, by=account)
    links.prove_account(link=link, by=holder)
    profile.change_bio(bio=bio, by=account)


def _address(post: Post) -> str:
    return f"{settings.BASE_URL}{post.get_absolute_url()}"
