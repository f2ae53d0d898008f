"""Demo content of the sandbox: a few accounts with short films, one of them a copy, and thousands of viewers.

Every film is drawn by arithmetic, and every account says that it is a demo.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from portal import clock
from portal.engines import films
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.sandbox.actions import posts
from portal.sandbox.models import Account, Block, Follow, Post

VIEWERS = 3000
_SECONDS = 20.0


@dataclass(frozen=True)
class Holder:
    """One account: handle, name, region, language, and what it says of itself."""

    handle: str
    name: str
    region: str
    language: str
    bio: str
    agency: str = ""


@dataclass(frozen=True)
class Film:
    """One post: whose, its title, how many days ago, what it shows; `copies` changes somebody else's film."""

    handle: str
    title: str
    days_ago: int
    subject: str
    copies: Callable[[bytes], bytes] | None = None


HOLDERS = (
    Holder("demo-potter", "Demo potter", "us", "en", "Demo account. Clay, glaze and fire."),
    Holder("demo-copycat", "Demo copycat", "us", "en", "Demo account. Best films of the web."),
    Holder("demo-waves", "Demo waves", "eu", "en", "Demo account. The sea, every day."),
    Holder("demo-reposter", "Demo reposter", "eu", "en", "Demo account. I show what I like."),
    Holder("demo-orchard", "演示果园", "cn", "zh-hans", "演示账号。果园的一年。", "演示机构"),
    Holder("demo-city", "Demo city", "eu", "en", "Demo account. Streets at night."),
)
FILMS = (
    Film("demo-potter", "Throwing a tall vase", 40, "potter"),
    Film("demo-copycat", "So satisfying to watch", 36, "potter", lambda data: films.copy(data, mirror=True, crf=34)),
    Film("demo-copycat", "Night drive", 30, "city"),
    Film("demo-waves", "A storm at the old pier", 25, "waves"),
    Film("demo-reposter", "Nature is wild", 22, "waves", lambda data: films.copy(data, crf=38, brightness=0.08)),
    Film("demo-orchard", "苹果熟了", 20, "orchard"),
    Film("demo-city", "Rain on Main Street", 18, "kitchen"),
)


@dataclass(frozen=True)
class Crowd:
    """Viewers by number who follow an account: by its newest film, from its page, or in a way nobody knows."""

    handle: str
    first: int
    last: int
    source: str  # "post:<title>", "profile", ""
    days_ago: int


# The copycat has 1,500 followers, three in five of them by the copy; 150 of those follow the potter as well.
CROWDS = (
    Crowd("demo-copycat", 1, 900, "post:So satisfying to watch", 30),
    Crowd("demo-copycat", 901, 1100, "", 28),
    Crowd("demo-copycat", 1101, 1400, "post:Night drive", 25),
    Crowd("demo-copycat", 1401, 1500, "profile", 60),
    Crowd("demo-potter", 751, 900, "post:Throwing a tall vase", 38),
    Crowd("demo-potter", 1501, 2100, "profile", 35),
    Crowd("demo-reposter", 2001, 2400, "post:Nature is wild", 20),
    Crowd("demo-reposter", 2401, 2600, "profile", 50),
    Crowd("demo-waves", 2301, 3000, "post:A storm at the old pier", 24),
    Crowd("demo-orchard", 1, 500, "profile", 15),
    Crowd("demo-city", 501, 700, "profile", 12),
)
_BOTS, _MINORS, _CLOSED = range(11, 41), range(41, 56), range(56, 66)
_BLOCKED, _MUTED = range(66, 81), range(81, 91)


def seed() -> None:
    """What is missing; running it again adds nothing."""
    if not settings.SANDBOX:
        return
    _open_accounts()
    _publish()
    _follow()


def account(handle: str) -> Account:
    """A demo account by its handle."""
    return Account.objects.get(handle=handle)


def viewer(number: int) -> str:
    """The handle of a viewer."""
    return f"demo-viewer-{number:04d}"


def _open_accounts() -> None:
    joined = clock.now() - timedelta(days=400)
    rows = [
        Account(
            handle=row.handle,
            name=row.name,
            bio=row.bio,
            region=row.region,
            agency=row.agency,
            language=row.language,
            joined_at=joined,
        )
        for row in HOLDERS
    ]
    rows += [
        Account(
            handle=viewer(number),
            name=f"Demo viewer {number}",
            is_bot=number in _BOTS,
            is_minor_closed=number in _MINORS,
            closed_at=joined + timedelta(days=390) if number in _CLOSED else None,
            joined_at=joined,
        )
        for number in range(1, VIEWERS + 1)
    ]
    Account.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def _publish() -> None:
    drawn: dict[str, bytes] = {}
    for film in FILMS:
        holder = account(film.handle)
        if Post.objects.filter(account=holder, title=film.title).exists():
            continue
        if film.subject not in drawn:
            drawn[film.subject] = films.draw(film.subject, seconds=_SECONDS)
        data = film.copies(drawn[film.subject]) if film.copies else drawn[film.subject]
        at = clock.now() - timedelta(days=film.days_ago)
        posts.publish(by=holder, title=film.title, video=io.BytesIO(data), name="film.mp4", at=at)
    _run_jobs()


def _run_jobs() -> None:
    """The films are checked in this process."""
    due = Job.objects.filter(kind="media.probe", state=JobState.QUEUED)
    while job := due.filter(run_after__lte=clock.now()).first():
        runner.run(job.pk)


@transaction.atomic
def _follow() -> None:
    if Follow.objects.exists():
        return
    ids = dict(Account.objects.filter(handle__startswith="demo-").values_list("handle", "pk"))
    Follow.objects.bulk_create(_follows(ids), batch_size=1000)
    potter = ids["demo-potter"]
    blocks = [Block(account_id=potter, by_id=ids[viewer(number)]) for number in _BLOCKED]
    mutes = [Block(account_id=potter, by_id=ids[viewer(number)], mutes_only=True) for number in _MUTED]
    Block.objects.bulk_create(blocks + mutes)


def _follows(ids: dict[str, int]) -> Iterator[Follow]:
    for crowd in CROWDS:
        kind, _colon, title = crowd.source.partition(":")
        post = Post.objects.get(account__handle=crowd.handle, title=title) if title else None
        since = clock.now() - timedelta(days=crowd.days_ago)
        for number in range(crowd.first, crowd.last + 1):
            yield Follow(
                account_id=ids[crowd.handle],
                follower_id=ids[viewer(number)],
                created_at=since + timedelta(seconds=number * 37),
                source_kind=kind,
                post=post,
            )
