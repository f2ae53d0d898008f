"""The demo's platform: what the walk through the portal rests on."""

import pytest

from portal.connectors.sandbox.connector import SandboxPlatform
from portal.media.models import MediaFile
from portal.platforms.contract.stage import move_all_pages
from portal.platforms.orders import MoveOrder
from portal.sandbox import demo, drawing
from portal.sandbox.actions import follows
from portal.sandbox.models import Account, Follow, Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seeded platform, its films replaced by a few bytes each."""
    monkeypatch.setattr(drawing, "draw_video", lambda subject, **_: subject.encode())
    monkeypatch.setattr(drawing, "edit_video", lambda data, **how: data + repr(how).encode())
    monkeypatch.setattr(demo, "_probe", lambda: None)
    demo._drawn.cache_clear()
    demo.seed()


@pytest.mark.usefixtures("platform")
def test_the_copy_brought_the_followers_that_the_walk_moves() -> None:
    connector = SandboxPlatform()
    potter, copycat = (connector.find_account(handle) for handle in ("demo-potter", "demo-copycat"))
    assert (potter.region, potter.followers, copycat.followers) == ("us", 1_200, 1_500)
    copy, original = (Post.objects.get(title=title) for title in (demo._COPY, "A bowl, start to finish"))
    assert copy.published_at > original.published_at
    order = MoveOrder("o", copycat.id, potter.id, (str(copy.pk),), demo._ago(0), (copy.published_at,))
    (page,) = move_all_pages(connector, order, limit=2_000)
    assert len(page.moved) > 700
    assert len(page.already) > 120
    assert {reason for reason, rows in page.excluded.items() if rows} == {"blocked", "closed", "bot", "minor"}
    assert page.passed > 400


@pytest.mark.usefixtures("platform")
def test_seeding_again_changes_nothing_that_visitors_did() -> None:
    copycat, viewer = Account.objects.get(handle="demo-copycat"), Account.objects.get(handle="demo-viewer-0001")
    follows.unfollow_account(account=copycat, by=viewer)
    counts = [model.objects.count() for model in (Account, Post, Follow, MediaFile)]
    demo.seed()
    assert [model.objects.count() for model in (Account, Post, Follow, MediaFile)] == counts
    assert {row.name.split()[0] for row in Account.objects.all()} == {"Demo"}
    assert not Follow.objects.filter(
        post__isnull=False, created_at__lt=Post.objects.earliest("published_at").published_at
    )


@pytest.mark.slow
def test_the_videos_are_videos() -> None:
    made = [shown.draw() for author in demo.AUTHORS for shown in author.videos]
    assert len(set(made)) == len(made)
    assert all(data[4:8] == b"ftyp" for data in made)
