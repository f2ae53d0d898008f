import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from pytest_django import DjangoAssertNumQueries

from portal import clock
from portal.engines.documents import LIMITS
from portal.evidence.forms import set_files_owner
from portal.evidence.uploads import OversizedFile
from portal.media.actions import files
from portal.media.forms import VideoField
from portal.media.models import MediaFile, MediaState
from portal.media.tests.conftest import FILM, PURPOSE, noise
from portal.people.models import User

Stored = Callable[..., MediaFile]
pytestmark = pytest.mark.django_db


class FilmForm(forms.Form):
    title = forms.CharField(required=False, max_length=5)
    video = VideoField(purpose=PURPOSE)


def _form(owner: User, *uploads: "UploadedFile[bytes]", kept: tuple[object, ...] = (), title: str = "") -> FilmForm:
    data = QueryDict(mutable=True)
    data["title"] = title
    data.setlist("video-kept", [str(value) for value in kept])
    form = FilmForm(data, MultiValueDict({"video": list(uploads)}))
    set_files_owner(form, owner)
    return form


def test_a_video_sent_before_is_kept(creator: User, stored: Stored) -> None:
    file = stored()
    form = _form(creator, kept=(file.pk,))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["video"] == [file]


def test_a_video_survives_a_mistake_in_another_field(creator: User, stored: Stored) -> None:
    file = stored()
    form = _form(creator, kept=(file.pk,), title="much too long")
    assert not form.is_valid()
    assert "video" not in form.errors
    assert re.findall(r'name="video-kept" value="([^"]+)"', form.as_p()) == [str(file.pk)]


def test_without_javascript_the_video_comes_with_the_form(creator: User) -> None:
    form = _form(creator, SimpleUploadedFile("dance.mp4", FILM))
    assert form.is_valid(), form.errors
    [file] = form.cleaned_data["video"]
    assert (file.size, file.name, file.owner) == (3500, "dance.mp4", creator)


def test_without_javascript_a_large_video_is_refused_with_the_way_out(creator: User) -> None:
    import io

    upload = OversizedFile(io.BytesIO(), "video", "big.mp4", "", LIMITS.file_bytes + 1, None)
    [error] = _form(creator, upload).errors["video"]
    assert error == "big.mp4: A file of more than 20 MB can be uploaded only with JavaScript enabled."


def test_a_refused_video_tells_why_and_is_not_offered_again(creator: User, stored: Stored) -> None:
    file = stored()
    MediaFile.objects.update(state="refused", refusal="no_video")
    form = _form(creator, kept=(file.pk,))
    [error] = form.errors["video"]
    assert str(error).startswith("dance.mp4: This file has no video")
    assert str(file.pk) not in form.as_p()


@pytest.mark.parametrize("value", ["", "not-an-id", "00000000-0000-0000-0000-000000000000"])
def test_a_made_up_id_is_as_if_it_were_not_there(creator: User, value: str) -> None:
    assert _form(creator, kept=(value,)).errors["video"] == ["This field is required."]


def test_neither_anothers_video_nor_one_that_has_not_arrived_can_be_kept(
    creator: User, stranger: User, stored: Stored
) -> None:
    theirs = stored(by=stranger)
    half = files.begin_upload(owner=creator, purpose=PURPOSE, name="a.mp4", size=10)
    other = stored(noise(20))
    MediaFile.objects.filter(pk=other.pk).update(purpose="another")
    for file in (theirs, half, other):
        form = _form(creator, kept=(file.pk,))
        assert form.errors["video"] == ["This field is required."]


def test_only_whom_the_rule_lets_in_may_send(reviewer: User) -> None:
    [error] = _form(reviewer, SimpleUploadedFile("dance.mp4", FILM)).errors["video"]
    assert error == "dance.mp4: Only creators send videos."


def test_what_was_begun_is_offered_to_go_on(creator: User, stranger: User) -> None:
    file = files.begin_upload(owner=creator, purpose=PURPOSE, name="<b>.mp4", size=4000)
    files.append_part(file, offset=0, data=FILM[:1000])
    form = FilmForm()
    set_files_owner(form, creator)
    shown = form.as_p()
    assert f'data-video-begun="/media/uploads/{file.pk}/" data-name="&lt;b&gt;.mp4" data-size="4000"' in " ".join(
        shown.split()
    )
    assert "upload incomplete: 1000\xa0bytes of 3.9\xa0KB." in shown
    form = FilmForm()
    set_files_owner(form, stranger)
    assert "data-video-begun" not in form.as_p()


def test_showing_the_field_takes_two_queries(
    creator: User, stored: Stored, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        files.begin_upload(owner=creator, purpose=PURPOSE, name=f"{number}.mp4", size=10)
    form = FilmForm(initial={"video": [stored()]})
    set_files_owner(form, creator)
    with django_assert_num_queries(2):  # what was begun, and how much is kept
        assert form.as_p().count("data-video-begun=") == 3


@pytest.mark.parametrize(
    ("name", "data", "is_refused"),
    [
        ("junk.mp4", bytes(range(256)) * 4, True),
        ("not.jpg", b"%PDF-1.4 x" * 50, True),
        ("letter.pdf", b"%PDF-1.4 x" * 50, True),
        ("poem.txt", b"A kiln of bricks, and a wheel beside it.", False),
        ("poem", b"A kiln of bricks, and a wheel beside it.", False),
        ("dance.mp4", FILM, False),
        ("really-a-video.txt", FILM, False),
    ],
)
def test_a_file_that_is_no_work_is_refused_in_the_form(
    creator: User, stored: Stored, name: str, data: bytes, is_refused: bool
) -> None:
    for form in (
        _form(creator, kept=(stored(data, name=name).pk,)),
        _form(creator, SimpleUploadedFile(name, data)),
    ):
        assert form.is_valid() != is_refused
        if is_refused:
            assert f"{name}: This is not a supported file, despite its name" in str(form.errors["video"])
            assert not re.findall(r'name="video-kept" value="[^"]+"', form.as_p()), "it is not offered again"


def test_a_check_that_waits_is_said_to_take_longer(stored: Stored) -> None:
    file = stored()
    assert not file.waits_long()
    with clock.freeze_time(clock.now() + timedelta(minutes=1)):
        assert file.waits_long()
        MediaFile.objects.filter(pk=file.pk).update(state=MediaState.READY)
        file.refresh_from_db()
        assert not file.waits_long()
