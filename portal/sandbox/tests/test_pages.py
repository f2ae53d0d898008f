"""The pages: every state of a video and an account, and what one can do as the account one acts as."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.engines.documents import LIMITS
from portal.media.models import MediaFile
from portal.platforms.messages import Message
from portal.platforms.protocol import Label
from portal.sandbox.actions import follows, posts
from portal.sandbox.models import Account, Follow, Notice, Origin, Post, Unfollow

pytestmark = pytest.mark.django_db
connector = SandboxPlatform()
NOTHING_IS_REAL = "a small platform for trying out the portal. Everything here is fictional."


@pytest.fixture
def potter() -> Account:
    return Account.objects.create(handle="demo-potter", name="Demo Potter", bio="Bowls.", agency="Demo Agency")


@pytest.fixture
def viewer() -> Account:
    return Account.objects.create(handle="demo-viewer-0001", name="Demo Viewer 0001", region="eu")


@pytest.fixture
def film(potter: Account) -> Post:
    return make_film(potter)


@pytest.fixture
def me(client: Client, viewer: Account) -> Client:
    """A browser that acts as the viewer."""
    client.post(reverse("sandbox:act_as"), {"handle": viewer.handle})
    return client


@pytest.fixture
def author(client: Client, potter: Account) -> Client:
    """A browser that acts as the potter."""
    client.post(reverse("sandbox:act_as"), {"handle": f" @{potter.handle.upper()} "})
    return client


def make_film(account: Account, title: str = "A bowl", *, data: bytes = b"0123456789", ready: bool = True) -> Post:
    post = posts.publish_post(by=account, title=title, video=io.BytesIO(data), name="bowl.mp4")
    if ready and post.media_id:
        found = {"state": "ready", "media_type": "video/mp4", "duration": 7.0, "playable": True}
        MediaFile.objects.filter(pk=post.media_id).update(**found)
    return post


def text(client: Client, name: str, *args: object, status: int = 200) -> str:
    answer = client.get(reverse(f"sandbox:{name}", args=args))
    assert answer.status_code == status
    return answer.content.decode()


def test_every_page_says_that_nothing_is_real(author: Client, film: Post) -> None:
    handle = film.account.handle
    about = [("account", handle), ("followers", handle), ("watch", film.pk), ("delete", film.pk)]
    for name, arg in about:
        assert NOTHING_IS_REAL in text(author, name, arg)
    for name in ("home", "inbox", "act_as", "publish", "profile", "close"):
        assert NOTHING_IS_REAL in text(author, name)


def test_home_shows_what_is_public_newest_first(client: Client, potter: Account, viewer: Account) -> None:
    for title, days in (("First", 3), ("Second", 2), ("Removed", 1), ("Deleted", 1)):
        Post.objects.create(account=potter, title=title, published_at=clock.now() - timedelta(days=days))
    Post.objects.create(account=viewer, title="Of a closed account", published_at=clock.now())
    Account.objects.filter(pk=viewer.pk).update(closed_at=clock.now())
    connector.remove_work(str(Post.objects.get(title="Removed").pk), key="k", reason="A copy.")
    posts.delete_post(post=Post.objects.get(title="Deleted"), by=potter)
    shown = text(client, "home")
    assert shown.index("Second") < shown.index("First")
    assert not any(word in shown for word in ("Removed", "Deleted", "Of a closed account"))


def test_an_account_shows_what_the_platform_knows_of_it(client: Client, potter: Account, film: Post) -> None:
    Follow.objects.bulk_create(Follow(account=potter, follower_id=1000 + number) for number in range(3))
    connector.set_label(
        str(potter.pk), Label("c", {"en": "Crafts, checked", "zh-hans": "手工艺，已核验"}, "https://portal.example/c/1")
    )
    connector.remove_work(str(film.pk), key="k", reason="A copy.")
    shown = text(client, "account", potter.handle)
    for words in ("Demo Potter", "Bowls.", "Demo Agency", "US", 'href="https://portal.example/c/1"', ">3</a>"):
        assert words in shown
    assert "Crafts, checked" in shown
    assert "removed" in shown


def test_labels_speak_the_readers_language(client: Client, potter: Account) -> None:
    connector.set_label(
        str(potter.pk), Label("c", {"en": "Crafts, checked", "zh-hans": "手工艺，已核验"}, "https://portal.example/c/1")
    )
    client.cookies["django_language"] = "zh-hans"
    assert "手工艺，已核验" in text(client, "account", potter.handle)


def test_a_restricted_account_shows_why_and_how_long(client: Client, potter: Account) -> None:
    until = clock.now() + timedelta(days=7)
    connector.restrict_account(str(potter.pk), key="k", reason="Two copied videos.", until=until)
    shown = text(client, "account", potter.handle)
    assert "cannot publish at present" in shown
    assert "Two copied videos." in shown
    with clock.freeze_time(until + timedelta(seconds=1)):
        assert "Two copied videos." not in text(client, "account", potter.handle)


def test_a_video_plays_by_ranges_and_counts_its_views(client: Client, film: Post) -> None:
    assert reverse("sandbox:video", args=[film.pk]) in text(client, "watch", film.pk)
    film.refresh_from_db()
    assert film.views == 1
    answer = client.get(reverse("sandbox:video", args=[film.pk]), headers={"Range": "bytes=2-5"})
    assert (answer.status_code, b"".join(answer)) == (206, b"2345")


def _removed(post: Post) -> None:
    connector.remove_work(str(post.pk), key="k", reason="It copies another video.")


def _deleted(post: Post) -> None:
    posts.delete_post(post=post, by=post.account)


def _closed(post: Post) -> None:
    Account.objects.filter(pk=post.account_id).update(closed_at=clock.now())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_removed, "It copies another video."),
        (_deleted, "Its account deleted it."),
        (_closed, "This account is closed"),
    ],
)
def test_what_is_not_public_says_why_and_gives_nothing(
    client: Client, film: Post, make: Callable[[Post], None], words: str
) -> None:
    make(film)
    shown = text(client, "watch", film.pk)
    assert words in shown
    assert "<video" not in shown
    text(client, "video", film.pk, status=404)
    text(client, "poster", film.pk, status=404)
    film.refresh_from_db()
    assert film.views == 0


def test_a_video_that_is_being_checked_says_so(client: Client, potter: Account) -> None:
    post = make_film(potter, ready=False)
    assert "This video is being checked" in text(client, "watch", post.pk)
    text(client, "video", post.pk, status=404)


def test_followers_are_listed_by_pages(client: Client, potter: Account, film: Post) -> None:
    viewers = Account.objects.bulk_create(Account(handle=f"v-{n:03}", name="V") for n in range(60))
    Follow.objects.bulk_create(Follow(account=potter, follower=row, post=film, source_kind="post") for row in viewers)
    Follow.objects.filter(follower=viewers[0]).update(order_key="order:1")
    shown = text(client, "followers", potter.handle)
    assert shown.count(">@v-") == 50
    assert "moved here by the portal" in shown
    assert "A bowl" in shown
    following = client.get(reverse("sandbox:followers", args=[potter.handle])).context["page"].next_url
    rest = client.get(reverse("sandbox:followers", args=[potter.handle]) + following).content.decode()
    assert rest.count(">@v-") == 10


def test_acting_is_a_choice_that_ends(client: Client, viewer: Account) -> None:
    assert "Act as an account" in text(client, "home")
    answer = client.post(reverse("sandbox:act_as"), {"handle": viewer.handle})
    assert answer["Location"] == viewer.get_absolute_url()
    assert "You are acting as" in text(client, "home")
    client.post(reverse("sandbox:stop"))
    assert "You act as <" not in text(client, "home")


def test_nobody_acts_as_somebody_unknown(client: Client) -> None:
    answer = client.post(reverse("sandbox:act_as"), {"handle": "nobody-here"})
    assert "There is no account with this handle." in answer.content.decode()
    assert 'value="nobody-here"' in answer.content.decode()


def test_following_by_a_video_keeps_how_it_came(me: Client, film: Post, viewer: Account) -> None:
    answer = me.post(reverse("sandbox:follow", args=[film.account.handle]), {"post": film.pk})
    assert answer["Location"] == film.get_absolute_url()
    edge = Follow.objects.get()
    assert (edge.account_id, edge.follower_id, edge.post_id) == (film.account_id, viewer.pk, film.pk)
    assert edge.source_kind == Origin.POST
    me.post(reverse("sandbox:confirm", args=[film.account.handle]))
    assert Follow.objects.get().confirmed_at is not None
    me.post(reverse("sandbox:unfollow", args=[film.account.handle]))
    assert not Follow.objects.exists()
    assert Unfollow.objects.count() == 1


@pytest.mark.parametrize("post", ["", "x", "0", "9" * 30, "-1"])
def test_following_on_a_page_is_not_by_a_video(me: Client, potter: Account, post: str) -> None:
    answer = me.post(reverse("sandbox:follow", args=[potter.handle]), {"post": post})
    assert answer["Location"] == potter.get_absolute_url()
    assert Follow.objects.get().source_kind == Origin.PROFILE


def test_a_video_of_another_account_is_not_how_it_came(me: Client, film: Post) -> None:
    other = Account.objects.create(handle="other", name="Other")
    me.post(reverse("sandbox:follow", args=[other.handle]), {"post": film.pk})
    assert (Follow.objects.get().post_id, Follow.objects.get().source_kind) == (None, Origin.PROFILE)


def test_a_moved_follow_says_so_and_can_be_kept(me: Client, potter: Account, viewer: Account) -> None:
    follows.follow_account(account=potter, by=viewer)
    Follow.objects.update(order_key="order:1")
    assert "moved here by the portal" in text(me, "account", potter.handle)
    me.post(reverse("sandbox:confirm", args=[potter.handle]))
    assert "moved here by the portal" not in text(me, "account", potter.handle)


def test_nobody_follows_themselves_or_a_closed_account(me: Client, potter: Account, viewer: Account) -> None:
    assert me.post(reverse("sandbox:follow", args=[viewer.handle])).status_code == 403
    Account.objects.filter(pk=potter.pk).update(closed_at=clock.now())
    assert me.post(reverse("sandbox:follow", args=[potter.handle])).status_code == 403
    assert me.post(reverse("sandbox:confirm", args=[potter.handle])).status_code == 409
    assert not Follow.objects.exists()


def test_an_author_publishes_and_deletes(author: Client, potter: Account) -> None:
    video = SimpleUploadedFile("plate.mp4", b"a film of a plate", "video/mp4")
    answer = author.post(reverse("sandbox:publish"), {"title": "A plate", "video": video})
    post = Post.objects.get()
    assert answer["Location"] == post.get_absolute_url()
    with connector.open_media(str(post.pk)) as stream:
        assert stream.read() == b"a film of a plate"
    assert "Delete this video?" in text(author, "delete", post.pk)
    assert Post.objects.get().deleted_at is None
    author.post(reverse("sandbox:delete", args=[post.pk]))
    post = Post.objects.select_related("media").get()
    assert post.deleted_at is not None
    assert post.media is not None
    assert post.media.purge_at is not None


@pytest.mark.parametrize(
    ("title", "data", "told"),
    [
        ("Kept", b"x" * (LIMITS.file_bytes + 1), "This video is larger than 20 MiB."),
        ("Kept", b"", "The submitted file is empty."),
        ("", b"abc", "field-error"),
    ],
)
def test_a_wrong_video_or_title_is_told_at_the_field(author: Client, title: str, data: bytes, told: str) -> None:
    sent = {"title": title, "video": SimpleUploadedFile("a.mp4", data)}
    shown = author.post(reverse("sandbox:publish"), sent).content.decode()
    assert told in shown
    assert not title or 'value="Kept"' in shown
    assert not Post.objects.exists()


def test_a_restricted_account_cannot_publish(author: Client, potter: Account) -> None:
    connector.restrict_account(str(potter.pk), key="k", reason="Copies.")
    assert "cannot publish at present" in text(author, "publish")
    video = SimpleUploadedFile("a.mp4", b"abc")
    answer = author.post(reverse("sandbox:publish"), {"title": "A plate", "video": video})
    assert "cannot publish at present" in answer.content.decode()
    assert not Post.objects.exists()


def test_only_the_author_deletes(me: Client, film: Post) -> None:
    text(me, "delete", film.pk, status=403)
    assert me.post(reverse("sandbox:delete", args=[film.pk])).status_code == 403
    assert Post.objects.get().deleted_at is None


def test_the_holder_writes_their_page_and_closes_the_account(author: Client, potter: Account) -> None:
    author.post(reverse("sandbox:profile"), {"bio": "Bowls. trust-1234 "})
    assert connector.profile_text(str(potter.pk)) == "Bowls. trust-1234"
    too_long = author.post(reverse("sandbox:profile"), {"bio": "x" * 501})
    assert "x" * 501 in too_long.content.decode()
    text(author, "close")
    author.post(reverse("sandbox:close"))
    assert connector.account(str(potter.pk)).state == "closed"
    assert "Its holder closed it." in text(author, "account", potter.handle)
    text(author, "publish", status=403)


def test_messages_are_read_by_looking(me: Client, viewer: Account) -> None:
    message = Message("m", "You follow a copy", "Choose whom to follow.", "https://portal.example/m/1")
    connector.send_message(str(viewer.pk), message)
    shown = text(me, "inbox")
    for words in ("You follow a copy", "Choose whom to follow.", 'href="https://portal.example/m/1"'):
        assert words in shown
    assert Notice.objects.get().read_at is not None


def test_without_a_choice_nothing_can_be_done(client: Client, film: Post) -> None:
    assert "You are not acting as an account" in text(client, "inbox")
    for name in ("publish", "profile", "close"):
        text(client, name, status=403)
    for name in ("follow", "unfollow", "confirm"):
        assert client.post(reverse(f"sandbox:{name}", args=[film.account.handle])).status_code == 403
    assert client.get(reverse("sandbox:follow", args=[film.account.handle])).status_code == 405
    text(client, "account", "nobody", status=404)
    text(client, "watch", 2**62, status=404)
