import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import RequestFactory
from django.utils.datastructures import MultiValueDict

from portal.engines.documents import LIMITS
from portal.evidence.forms import EvidenceField, set_files_owner
from portal.evidence.models import EvidenceFile
from portal.evidence.uploads import REQUEST_BYTES, OversizedFile
from portal.jobs import runner
from portal.people.models import User
from portal.testing import sample_documents

Stored = Callable[..., EvidenceFile]
pytestmark = pytest.mark.django_db


class PaperForm(forms.Form):
    title = forms.CharField(required=False, max_length=5)
    papers = EvidenceField(purpose="test.paper", most=3)


def _form(owner: User, *uploads: tuple[str, bytes], kept: tuple[object, ...] = (), title: str = "") -> PaperForm:
    data = QueryDict(mutable=True)
    data["title"] = title
    data.setlist("papers-kept", [str(value) for value in kept])
    form = PaperForm(data, MultiValueDict({"papers": [SimpleUploadedFile(*upload) for upload in uploads]}))
    set_files_owner(form, owner)
    return form


PDF, PHOTO = ("licence.pdf", sample_documents.make_pdf("Licence")), ("me.jpg", sample_documents.make_photo())


def test_good_files_are_stored(creator: User) -> None:
    form = _form(creator, PDF, PHOTO)
    assert form.is_valid(), form.errors
    assert [file.name for file in form.cleaned_data["papers"]] == ["licence.pdf", "me.jpg"]


def test_a_bad_file_is_named_and_the_good_ones_are_kept(creator: User) -> None:
    form = _form(creator, PDF, ("notes.pdf", b"text"), ("empty.pdf", b""), PHOTO)
    form.fields["papers"].most = 10  # type: ignore[attr-defined]
    assert form.errors["papers"] == [
        "notes.pdf: This is not a PDF, JPEG, PNG or WebP file, despite its name.",
        "empty.pdf: This file is empty. Please choose it again.",
    ]
    shown = form.as_p()
    kept = re.findall(r'name="papers-kept" value="([^"]+)"', shown)
    assert len(kept) == 2
    assert "required" not in shown
    again = _form(creator, kept=tuple(kept))
    assert again.is_valid(), again.errors
    assert [file.name for file in again.cleaned_data["papers"]] == ["licence.pdf", "me.jpg"]


def test_files_survive_a_mistake_in_another_field(creator: User) -> None:
    form = _form(creator, PDF, title="much too long")
    assert not form.is_valid()
    assert "papers" not in form.errors
    assert str(EvidenceFile.objects.get().pk) in form.as_p()


def test_the_same_form_twice_stores_one_file(creator: User) -> None:
    first, second = _form(creator, PDF), _form(creator, PDF)
    assert first.is_valid()
    assert second.is_valid()
    assert first.cleaned_data["papers"] == second.cleaned_data["papers"]
    assert EvidenceFile.objects.count() == 1


def test_an_unticked_file_is_left_out(creator: User, stored: Stored) -> None:
    keep, _ = stored(), stored(sample_documents.make_photo(), name="me.jpg")
    form = _form(creator, kept=(keep.pk,))
    assert form.is_valid()
    assert form.cleaned_data["papers"] == [keep]


def test_nothing_chosen_is_an_error_only_where_a_file_is_needed(creator: User) -> None:
    form = _form(creator)
    assert form.errors["papers"] == ["This field is required."]
    form = _form(creator)
    form.fields["papers"].required = False
    assert form.is_valid()


@pytest.mark.parametrize("value", ["", "not-an-id", "' OR 1=1 --", "00000000-0000-0000-0000-000000000000"])
def test_a_made_up_id_is_as_if_it_were_not_there(creator: User, value: str) -> None:
    assert _form(creator, kept=(value,)).errors["papers"] == ["This field is required."]


def test_a_file_of_another_person_cannot_be_kept(creator: User, stranger: User, stored: Stored) -> None:
    theirs = stored(by=stranger)
    form = _form(creator, kept=(theirs.pk,))
    assert not form.is_valid()
    assert str(theirs.pk) not in form.as_p()


def test_too_many_files_are_told(creator: User) -> None:
    uploads = [(f"{n}.pdf", sample_documents.make_pdf(str(n))) for n in range(4)]
    assert _form(creator, *uploads).errors["papers"] == ["At most 3 files can be submitted here."]
    assert EvidenceFile.objects.count() == 3


def test_a_form_must_say_whose_files_they_are() -> None:
    form = PaperForm(QueryDict("papers-kept=x"), MultiValueDict())
    with pytest.raises(RuntimeError, match="for_owner"):
        form.is_valid()


def test_a_form_knows_whether_something_was_changed(creator: User, stored: Stored) -> None:
    file = stored()
    for kept, uploads, changed in (((file.pk,), (), False), ((), (), True), ((file.pk,), (PHOTO,), True)):
        form = _form(creator, *uploads, kept=kept)
        form.initial = {"papers": [file]}
        assert ("papers" in form.changed_data) is changed


def test_a_form_not_yet_checked_shows_the_files_it_was_sent(creator: User, stored: Stored) -> None:
    file = stored()
    assert str(file.pk) in str(_form(creator, kept=(file.pk,))["papers"].as_widget())


def test_a_form_that_hands_in_waits_until_its_files_are_open(creator: User) -> None:
    form = _form(creator, PDF)
    form.fields["papers"].hands_in = True  # type: ignore[attr-defined]
    assert form.has_error("papers", code="opening")
    page = form.as_p()
    assert "data-waits" in page
    kept = re.findall(r'name="papers-kept" value="([^"]+)"', page)
    runner.run_due_jobs()
    again = _form(creator, kept=tuple(kept))
    again.fields["papers"].hands_in = True  # type: ignore[attr-defined]
    assert again.is_valid(), again.errors
    assert "data-waits" not in again.as_p()


def test_a_file_that_cannot_be_opened_is_told_where_it_was_sent(creator: User) -> None:
    form = _form(
        creator, ("locked.pdf", sample_documents.make_pdf("x", encryption=pikepdf.Encryption(owner="o", user="u")))
    )
    assert form.is_valid(), form.errors
    runner.run_due_jobs()
    kept = form.cleaned_data["papers"][0].pk
    assert _form(creator, kept=(kept,)).errors["papers"] == [
        "locked.pdf: This PDF is locked with a password. Please upload a copy without a password."
    ]


def test_names_are_escaped_in_errors_and_lists(creator: User) -> None:
    form = _form(creator, ("<b>x.pdf", b"text"), ("<i>me.jpg", sample_documents.make_photo()))
    assert "<b>" not in form.as_p()
    assert "<i>" not in form.as_p()


def test_a_full_storage_is_told_beside_the_field(creator: User, storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", refuse)
    [error] = _form(creator, PDF).errors["papers"]
    assert "cannot be stored or read right now" in error


def test_an_unbound_form_shows_what_is_there(creator: User, stored: Stored) -> None:
    file = stored()
    form = PaperForm(initial={"papers": [file]})
    assert str(file.pk) in form.as_p()


def _body(*uploads: tuple[str, bytes]) -> bytes:
    parts = [
        f'--cut\r\nContent-Disposition: form-data; name="papers"; filename="{name}"\r\n'
        "Content-Type: application/pdf\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, data in uploads
    ]
    return b"".join(parts) + b"--cut--\r\n"


def _received(body: bytes, announced: int | None = None) -> MultiValueDict[str, Any]:
    request = RequestFactory().generic("POST", "/", body, content_type="multipart/form-data; boundary=cut")
    request.META["CONTENT_LENGTH"] = str(announced or len(body))
    request.environ["wsgi.input"] = request._stream = io.BytesIO(body)
    return request.FILES


@pytest.mark.parametrize("missing", [30, 200, 600])
def test_an_interrupted_upload_stores_nothing(creator: User, missing: int) -> None:
    body = _body(("licence.pdf", sample_documents.make_pdf("Licence")))
    received = _received(body[:-missing], announced=len(body))
    form = PaperForm({"papers-kept": []}, received)
    set_files_owner(form, creator)
    assert not form.is_valid()
    assert not EvidenceFile.objects.exists()


def test_a_file_over_the_limit_is_dropped_as_it_arrives(creator: User) -> None:
    received = _received(_body(("big.pdf", bytes(LIMITS.file_bytes + 1)), ("good.pdf", sample_documents.make_pdf("x"))))
    big, good = received.getlist("papers")
    assert isinstance(big, OversizedFile)
    assert (big.size, big.read()) == (LIMITS.file_bytes + 1, b"")
    form = PaperForm({"papers-kept": []}, received)
    set_files_owner(form, creator)
    assert form.errors["papers"] == ["big.pdf: This file is larger than 20 MB. Please upload a smaller scan or photo."]
    assert [file.name for file in EvidenceFile.objects.all()] == ["good.pdf"]
    assert good.size


def test_a_request_has_a_limit_of_its_own() -> None:
    count = REQUEST_BYTES // LIMITS.file_bytes + 1
    received = _received(_body(*[(f"{n}.pdf", bytes(LIMITS.file_bytes)) for n in range(count)]))
    kinds = [isinstance(upload, OversizedFile) for upload in received.getlist("papers")]
    assert kinds == [False] * (count - 1) + [True]
