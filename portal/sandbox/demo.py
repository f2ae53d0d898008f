"""Demo content: a dozen accounts with videos, copies of videos, and three thousand viewers who follow them.

Everybody is called a demo. Videos are drawn by arithmetic, copies are edited from them.
"""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial

from django.conf import settings
from django.db import transaction

from portal import clock
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.sandbox import drawing
from portal.sandbox.actions import posts
from portal.sandbox.models import Account, Block, Follow, Origin, Post

VIEWERS = 3_000
_SCENE = 10  # seconds
# How many scenes are drawn of each subject; no two look alike.
_SCENES = {"potter": 2, "city": 2, "kitchen": 1, "waves": 1, "orchard": 2}
_BATCH = 1_000

DrawVideo = Callable[[], bytes]


@cache
def _drawn(subject: str) -> bytes:
    return drawing.draw_video(subject, seconds=_SCENE * _SCENES[subject])


def draw_scene(subject: str, number: int = 0) -> bytes:
    """One scene of a subject, as a video of its own."""
    if _SCENES[subject] == 1:
        return _drawn(subject)
    return drawing.edit_video(_drawn(subject), start=_SCENE * number, end=_SCENE * (number + 1), crf=28)


def draw_mirrored_copy() -> bytes:
    """The potter's newest video, mirrored and worse."""
    return drawing.edit_video(draw_scene("potter", 1), mirror=True, crf=36)


def draw_framed_copy() -> bytes:
    """The sea with a black border, smaller."""
    return drawing.edit_video(draw_scene("waves"), border=0.08, width=360, height=202)


@cache
def draw_small_copy(subject: str, number: int = 0) -> bytes:
    """A scene of a subject, smaller and worse. Several accounts show it."""
    return drawing.edit_video(draw_scene(subject, number), width=320, height=180, crf=34)


def draw_faster_copy() -> bytes:
    """The orchard, a little faster and brighter."""
    return drawing.edit_video(draw_scene("orchard"), speed=1.15, brightness=0.15)


@dataclass(frozen=True)
class DemoVideo:
    """A video: its title, how many days ago it was published, how it is made, how often it was seen."""

    title: str
    days_ago: int
    draw: DrawVideo
    views: int


@dataclass(frozen=True)
class DemoAuthor:
    """An account that publishes, or is about to."""

    handle: str
    name: str
    bio: str
    region: str = "us"
    language: str = "en"
    agency: str = ""
    videos: tuple[DemoVideo, ...] = ()


AUTHORS = (
    DemoAuthor(
        "demo-potter",
        "Demo Potter",
        "Stoneware from a small workshop. Every bowl is thrown in front of the camera.",
        videos=(
            DemoVideo("Centering the clay", 60, partial(draw_scene, "potter", 0), 5_210),
            DemoVideo("A bowl, start to finish", 24, partial(draw_scene, "potter", 1), 18_400),
        ),
    ),
    DemoAuthor(
        "demo-copycat",
        "Demo Copycat",
        "The best of everything, every day.",
        agency="Demo Stars Agency",
        videos=(
            DemoVideo("My morning drive", 45, partial(draw_scene, "city", 1), 2_300),
            DemoVideo("Making a bowl, so relaxing", 20, draw_mirrored_copy, 96_000),
        ),
    ),
    DemoAuthor(
        "demo-waves",
        "Demo Waves",
        "The sea, filmed from the same rock.",
        region="eu",
        videos=(DemoVideo("Evening at the shore", 150, partial(draw_scene, "waves"), 7_800),),
    ),
    DemoAuthor(
        "demo-reposter",
        "Demo Reposter",
        "Calm videos for busy people.",
        region="eu",
        videos=(DemoVideo("Sea sounds to fall asleep", 27, draw_framed_copy, 31_000),),
    ),
    DemoAuthor(
        "demo-orchard",
        "Demo Orchard 演示果园",
        "苹果园里的一年。",
        region="cn",
        language="zh-hans",
        agency="演示农业机构",
        videos=(DemoVideo("苹果园的早晨", 110, partial(draw_scene, "orchard"), 12_600),),
    ),
    DemoAuthor(
        "demo-harvest",
        "Demo Harvest 演示丰收",
        "乡村好物。",
        region="cn",
        language="zh-hans",
        videos=(DemoVideo("乡村的早晨", 22, draw_faster_copy, 44_000),),
    ),
    DemoAuthor(
        "demo-kitchen",
        "Demo Kitchen",
        "Soups, mostly.",
        region="eu",
        videos=(DemoVideo("Soup for two", 140, partial(draw_scene, "kitchen"), 3_900),),
    ),
    DemoAuthor(
        "demo-city",
        "Demo City",
        "Streets at all hours.",
        agency="Demo Stars Agency",
        videos=(DemoVideo("Crossing town", 130, partial(draw_scene, "city", 0), 1_750),),
    ),
    DemoAuthor(
        "demo-meadow",
        "Demo Meadow",
        "Late summer, slowly.",
        region="eu",
        videos=(DemoVideo("Late summer under the trees", 135, partial(draw_scene, "orchard", 1), 2_450),),
    ),
    DemoAuthor("demo-teahouse", "Demo Teahouse 演示茶馆", "喝茶，聊天。", region="cn", language="zh-hans"),
    DemoAuthor("demo-violin", "Demo Violin", "Practising. The first video comes soon.", region="eu"),
    DemoAuthor("demo-carpenter", "Demo Carpenter", "Chairs and patience."),
    DemoAuthor("demo-doctor", "Demo Doctor", "Family medicine, in plain words."),
)


def _copier(handle: str, title: str, days_ago: int, subject: str, *, region: str = "eu", number: int = 0) -> DemoAuthor:
    """An account that shows a copy of one scene of a subject and nothing else."""
    chinese = region == "cn"
    return DemoAuthor(
        handle,
        f"Demo {handle.removeprefix('demo-').title()}",
        "好看的视频都在这里。" if chinese else "Good videos from everywhere.",
        region=region,
        language="zh-hans" if chinese else "en",
        videos=(DemoVideo(title, days_ago, partial(draw_small_copy, subject, number), 900 + 37 * days_ago),),
    )


# Accounts about whose copies the demo's complaints are (complaints/demo).
COPIERS = (
    _copier("demo-supper", "Soup in ten minutes", 95, "kitchen"),
    _copier("demo-nightdrive", "City lights, no talking", 60, "city", region="us"),
    _copier("demo-seaside", "Waves for an hour", 34, "waves"),
    _copier("demo-calm", "Breathe with the sea", 80, "waves"),
    _copier("demo-recipes", "The best soup", 70, "kitchen"),
    _copier("demo-cook", "Grandmother's soup", 120, "kitchen", region="us"),
    _copier("demo-traffic", "Rush hour", 110, "city"),
    _copier("demo-fruit", "清晨的果园", 20, "orchard", region="cn"),
    _copier("demo-village", "乡下的一天", 58, "orchard", region="cn"),
    _copier("demo-soups", "Three soups", 50, "kitchen"),
    _copier("demo-blocks", "Around the block", 26, "city", region="us"),
    _copier("demo-shore", "Shore at dusk", 16, "waves"),
    _copier("demo-lakes", "Water, water", 44, "waves"),
    _copier("demo-streets", "Streets of the world", 12, "city", region="us"),
    _copier("demo-evening", "Evening mood", 100, "waves", region="us"),
    _copier("demo-tides", "Sunset on the rocks", 82, "waves"),
    _copier("demo-bistro", "A soup for winter", 74, "kitchen"),
    _copier("demo-metro", "The city in one minute", 62, "city", region="us"),
    _copier("demo-breeze", "A summer afternoon", 40, "orchard", number=1),
    _copier("demo-broth", "Simple soup", 22, "kitchen"),
    _copier("demo-rooftops", "Rooftops at night", 36, "city", region="us"),
)


def seed() -> None:
    """Create the accounts, videos and followers that do not exist yet."""
    if not settings.SANDBOX:
        return
    for author in (*AUTHORS, *COPIERS):
        account = _account(author)
        for shown in author.videos:
            _publish(account, shown)
    _probe()
    _create_followers()
    _drawn.cache_clear()
    draw_small_copy.cache_clear()


def _account(author: DemoAuthor) -> Account:
    facts = {"name": author.name, "bio": author.bio, "region": author.region, "language": author.language}
    about = facts | {"agency": author.agency, "joined_at": _ago(400)}
    return Account.objects.get_or_create(handle=author.handle, defaults=about)[0]


def _publish(account: Account, shown: DemoVideo) -> None:
    if Post.objects.filter(account=account, title=shown.title).exists() or account.closed_at:
        return
    name = f"{shown.title}.mp4"
    post = posts.publish_post(
        by=account, title=shown.title, video=io.BytesIO(shown.draw()), name=name, at=_ago(shown.days_ago)
    )
    Post.objects.filter(pk=post.pk).update(views=shown.views)


def _probe() -> None:
    """Look into the videos in this process, so that their pictures are there when the site opens."""
    waiting = Job.objects.filter(kind="media.probe", state=JobState.QUEUED)
    while job := waiting.filter(run_after__lte=clock.now()).first():
        runner.run_job(job.pk)


@transaction.atomic
def _create_followers() -> None:
    """Viewers and whom they follow: once, since visitors change it from then on."""
    if Account.objects.filter(handle="demo-viewer-0001").exists():
        return
    joined = _ago(390)
    Account.objects.bulk_create([_viewer(number, joined) for number in range(1, VIEWERS + 1)], batch_size=_BATCH)
    viewers = Account.objects.filter(handle__startswith="demo-viewer-")
    ids = dict(enumerate(viewers.order_by("handle").values_list("pk", flat=True), start=1))
    accounts = {row.handle: row for row in Account.objects.filter(handle__in=[a.handle for a in (*AUTHORS, *COPIERS)])}
    posts_by_title = {title: Post.objects.filter(title=title).order_by("pk").first() for title in _TITLES}
    rows = [
        _follow(accounts[crowd.handle], ids[number], crowd.origin(number), posts_by_title, number)
        for crowd in FOLLOWER_GROUPS
        for number in crowd.numbers
    ]
    Follow.objects.bulk_create(rows, batch_size=_BATCH)
    potter = accounts["demo-potter"]
    blocks = [(number, number % 30 == 6) for number in range(1, 751) if number % 30 in {5, 6}]
    Block.objects.bulk_create([Block(account=potter, by_id=ids[n], mutes_only=mutes) for n, mutes in blocks])


def _viewer(number: int, joined: datetime) -> Account:
    name = f"viewer-{number:04}"
    return Account(
        handle=f"demo-{name}",
        name=f"Demo Viewer {number:04}",
        region=("us", "eu", "cn")[number % 3],
        is_bot=number % 40 == 7,
        is_minor_closed=number % 50 == 8,
        joined_at=joined + timedelta(hours=number),
        closed_at=_ago(2) if number % 60 == 9 else None,
    )


_COPY, _DRIVE = "Making a bowl, so relaxing", "My morning drive"
_TITLES = tuple(shown.title for author in (*AUTHORS, *COPIERS) for shown in author.videos)


@dataclass(frozen=True)
class FollowerGroup:
    """Viewers, by number, who follow one account; `origin` gives a video's title, or a word of Origin."""

    handle: str
    numbers: Iterable[int]
    origin: Callable[[int], str]


def _to_the_copycat(number: int) -> str:
    """900 came by the copy, 150 of whom follow the potter, too (1351 to 1500); the others came otherwise."""
    if number <= 750 or number > 1350:
        return _COPY
    if number <= 1000:
        return _DRIVE
    return Origin.PROFILE if number <= 1150 else Origin.UNKNOWN


FOLLOWER_GROUPS = (
    FollowerGroup("demo-copycat", range(1, 1501), _to_the_copycat),
    FollowerGroup(
        "demo-potter", range(1351, 2551), lambda n: "A bowl, start to finish" if n % 2 else "Centering the clay"
    ),
    FollowerGroup("demo-waves", range(2001, 2801), lambda n: "Evening at the shore" if n % 3 else Origin.SUGGESTED),
    FollowerGroup(
        "demo-reposter", range(2501, 2901), lambda n: "Sea sounds to fall asleep" if n % 4 else Origin.UNKNOWN
    ),
    FollowerGroup("demo-orchard", range(1001, 1901), lambda n: "苹果园的早晨" if n % 3 else Origin.PROFILE),
    FollowerGroup("demo-harvest", range(1501, 2101), lambda n: "乡村的早晨" if n % 5 else Origin.UNKNOWN),
    FollowerGroup("demo-kitchen", range(1, 700, 2), lambda _: "Soup for two"),
    FollowerGroup("demo-city", range(2, 1500, 2), lambda _: "Crossing town"),
    FollowerGroup("demo-doctor", range(2900, 3001), lambda _: Origin.SUGGESTED),
    FollowerGroup("demo-supper", range(200, 1100), lambda n: "Soup in ten minutes" if n % 6 else Origin.PROFILE),
    FollowerGroup(
        "demo-nightdrive", range(601, 2901), lambda n: "City lights, no talking" if n % 8 else Origin.SUGGESTED
    ),
    FollowerGroup("demo-evening", range(1701, 2501), lambda n: "Evening mood" if n % 5 else Origin.PROFILE),
    FollowerGroup("demo-seaside", range(401, 801), lambda _: "Waves for an hour"),
    FollowerGroup("demo-tides", range(1001, 1241), lambda n: "Sunset on the rocks" if n % 5 else Origin.PROFILE),
    FollowerGroup("demo-bistro", range(1301, 1581), lambda n: "A soup for winter" if n % 7 else Origin.PROFILE),
    FollowerGroup("demo-metro", range(2201, 2401), lambda _: "The city in one minute"),
    FollowerGroup("demo-breeze", range(2401, 2601), lambda _: "A summer afternoon"),
    FollowerGroup("demo-broth", range(2601, 2801), lambda _: "Simple soup"),
    FollowerGroup("demo-rooftops", range(1, 1801), lambda n: "Rooftops at night" if n % 6 else Origin.PROFILE),
)


def _follow(
    account: Account, follower_id: int, origin: str, posts_by_title: dict[str, Post | None], number: int
) -> Follow:
    post = posts_by_title.get(origin)
    # By a video: after it was published. Otherwise over the last fifty days, so also before a copy came.
    since = post.published_at if post else _ago(50)
    at = since + (clock.now() - since) * ((number * 7919) % 9973 / 9973)
    kind = Origin.POST if post else origin
    return Follow(account=account, follower_id=follower_id, created_at=at, post=post, source_kind=kind)


def _ago(days: int) -> datetime:
    return clock.now() - timedelta(days=days)
