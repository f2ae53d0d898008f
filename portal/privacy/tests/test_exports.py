"""A copy of one's own data: put together by a job, fetched by nobody else, deleted after a week."""

import io
import json
import time
import zipfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from certification.states import ApplicationState
from certification.tests import factories as certify
from complaints.reference import loading
from complaints.states import ComplaintState
from complaints.tests import deciding
from complaints.tests import factories as complain
from complaints.tests.conftest import use_fake_platform, use_quick_engine
from portal import clock
from portal.audit.models import AuditEvent
from portal.errors import Conflict, NotAllowed
from portal.evidence import blobs
from portal.evidence.models import OrphanBlob
from portal.jobs import runner
from portal.media import sending
from portal.people.actions import people, profile
from portal.people.models import User
from portal.people.roles import Role
from portal.privacy.actions import exports
from portal.privacy.models import DataExport, ExportPart
from portal.testing.reading import page_text
from portal.testing.shared import Enter
from portal.testing.sign_in import PASSWORD, mailed_code, newest_mail

pytestmark = pytest.mark.django_db
PAGE = "/accounts/data/"


@pytest.fixture(autouse=True)
def _stand_ins(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_platform(monkeypatch)
    use_quick_engine(monkeypatch)
    loading.load_complaint_reference()


def made(person: User) -> DataExport:
    export = exports.request_export(person=person)
    runner.run_due_jobs([exports.EXPORT_JOB])
    export.refresh_from_db()
    return export


def whole(export: DataExport) -> bytes:
    return b"".join(exports.read_export(export, 0, export.size))


def unpacked(export: DataExport) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(whole(export)))


def rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(archive.read(f"data/{name}.json"))["rows"]
    return found


def signed_in(client: Client, person: User) -> Client:
    """By password, just now."""
    person.set_password(PASSWORD)
    person.save()
    EmailAddress.objects.get_or_create(user=person, email=person.email, verified=True, primary=True)
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def download_url(client: Client, export: DataExport) -> str:
    page = client.get(f"{PAGE}copy/{export.pk}/").content.decode()
    return next(part.partition('"')[0] for part in page.split('href="') if part.startswith(f"{PAGE}copy/{export.pk}/"))


def test_everything_that_a_person_gave_and_was_told_is_in_it() -> None:
    complaint = complain.complaint(ComplaintState.IN_REVIEW)
    person = complaint.complainant
    paper = complain.paper(person)
    deciding.decide(complaint, "dismissed", ())
    application = certify.application(ApplicationState.REJECTED, "cn-law", applicant=person)
    archive = unpacked(made(person))
    assert archive.testzip() is None
    (profile_row,) = rows(archive, "people.User.email")
    assert (profile_row["email"], profile_row["display_name"]) == (person.email, person.display_name)
    (said,) = rows(archive, "complaints.Complaint.text")
    assert said["text"] == "They uploaded my film again."
    assert said["contact_sealed"] == complain.CONTACT, "opened, not as it is stored"
    (told,) = rows(archive, "complaints.SideReasons.text")
    assert told["text"] == deciding.TO_COMPLAINANT
    (decided,) = rows(archive, "reviews.Decision.explanation")
    assert decided["explanation"] == certify.ENOUGH
    numbers = [row["identifier_sealed"] for row in rows(archive, "certification.Credential.identifier_sealed")]
    assert all(isinstance(number, str) and number.isalnum() for number in numbers)
    names = archive.namelist()
    assert any(name.startswith(f"documents/{paper.pk}-") for name in names)
    assert len([name for name in names if name.startswith("documents/")]) > application.documents.count()
    assert archive.read("README.txt").startswith(b"This is a copy")


@pytest.mark.parametrize(("state", "told"), [(ApplicationState.IN_REVIEW, False), (ApplicationState.REJECTED, True)])
def test_what_checks_found_is_in_it_once_the_application_is_decided(state: str, told: bool) -> None:
    application = certify.application(state, "cn-law")
    assert application.checks.exists()
    archive = unpacked(made(application.applicant))
    (name,) = [name for name in archive.namelist() if name.startswith("data/certification.Check.")]
    assert bool(json.loads(archive.read(name))["rows"]) is told


def test_what_others_said_is_not_in_it() -> None:
    complaint = complain.complaint(ComplaintState.IN_REVIEW)
    reviewer, _decision = deciding.decide(complaint, "dismissed", ())
    archive = unpacked(made(complaint.complainant))
    data = b"".join(archive.read(name) for name in archive.namelist())
    respondent = complaint.respondent
    assert respondent is not None
    for text in ("I filmed this myself, before.", deciding.TO_RESPONDENT, deciding.FINDINGS, reviewer.display_name):
        assert text.encode() not in data
    for person in (respondent, reviewer):
        assert person.email.encode() not in data
        assert person.public_id.encode() not in data


def test_it_lies_encrypted_and_in_parts(creator: User, storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PART_BYTES", 500)
    export = made(creator)
    assert ExportPart.objects.filter(export=export).count() > 3
    assert not any(b"README" in path.read_bytes() for path in storage.rglob("*") if path.is_file())
    assert not OrphanBlob.objects.exists()
    assert whole(export)[490:1020] == b"".join(exports.read_export(export, 490, 1020))


def test_the_person_is_told_once_and_can_ask_once_a_day(creator: User) -> None:
    export = exports.request_export(person=creator)
    with pytest.raises(NotAllowed, match="being prepared"):
        exports.request_export(person=creator)
    assert newest_mail().subject == "Your copy of your data is ready"
    assert "/accounts/data/" in str(mail.outbox[-1].body)
    with pytest.raises(NotAllowed, match="tomorrow"):
        exports.request_export(person=creator)
    with clock.freeze_time(export.asked_at + exports.ASK_AGAIN + timedelta(seconds=1)):
        exports.request_export(person=creator)


def test_it_is_deleted_after_a_week(creator: User) -> None:
    export = made(creator)
    assert export.ready_at is not None
    location = ExportPart.objects.filter(export=export).first().location  # type: ignore[union-attr]
    with clock.freeze_time(export.ready_at + exports.EXPORT_KEPT - timedelta(seconds=1)):
        assert exports.purge_old_exports() == 0
    with clock.freeze_time(export.ready_at + exports.EXPORT_KEPT):
        assert exports.purge_old_exports() == 1
    with clock.freeze_time(export.ready_at + exports.EXPORT_KEPT + 2 * blobs.ORPHAN_FOR):
        blobs.sweep_orphan_blobs()
    export.refresh_from_db()
    assert (export.state, bytes(export.wrapped_key)) == ("deleted", b"")
    assert not ExportPart.objects.exists()
    with pytest.raises(blobs.StorageDown):
        blobs.read_blob(location)


def test_a_copy_that_cannot_be_made_says_so(enter: Enter, creator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    exports.request_export(person=creator)
    exports.give_up_export({"export": DataExport.objects.get().pk})
    assert "could not be prepared" in page_text(enter(creator).get(PAGE))
    assert exports.refuse_export(creator) is None


def test_the_page_asks_shows_progress_and_gives_the_link(client: Client, creator: User) -> None:
    signed_in(client, creator)
    assert client.post(f"{PAGE}copy/")["Location"] == PAGE
    waiting = client.get(PAGE).content.decode()
    assert "every 3s" in waiting
    piece = client.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert "<main" not in piece
    runner.run_due_jobs([exports.EXPORT_JOB])
    export = DataExport.objects.get()
    assert "Your copy is ready" in page_text(client.get(PAGE))
    answer = client.get(download_url(client, export))
    assert answer["Content-Type"] == "application/zip"
    assert b"".join(answer) == whole(export)
    ranged = client.get(download_url(client, export), headers={"Range": "bytes=10-19"})
    assert (ranged.status_code, b"".join(ranged)) == (206, whole(export)[10:20])


def test_nobody_else_fetches_it(client: Client, creator: User, stranger: User, enter: Enter) -> None:
    export = made(creator)
    url = download_url(signed_in(client, creator), export)
    assert enter(stranger).get(url).status_code == 404
    assert enter(stranger).get(f"{PAGE}copy/{export.pk}/").status_code == 404
    assert Client().get(url)["Location"].startswith("/accounts/login/")


def test_the_link_is_over_after_ten_minutes(client: Client, creator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    export = made(creator)
    url = download_url(signed_in(client, creator), export)
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get(url)["Location"] == PAGE


def test_an_old_sign_in_is_asked_for_the_password_again(enter: Enter, creator: User) -> None:
    creator.set_password(PASSWORD)
    creator.save()
    export, client = made(creator), enter(creator)
    asked = client.get(f"{PAGE}copy/{export.pk}/")["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    answer = client.post(asked, {"password": PASSWORD, "next": f"{PAGE}copy/{export.pk}/"})
    assert answer["Location"] == f"{PAGE}copy/{export.pk}/"
    assert "Download" in page_text(client.get(answer["Location"]))


def test_a_guest_signs_in_anew_by_a_code(client: Client, enter: Enter) -> None:
    guest = people.find_or_add_guest("guest@example.org", "Demo Guest", "en")
    guest.set_unusable_password()
    guest.save()
    export = made(guest)
    client = enter(guest)
    assert "Please sign in again" in page_text(client.get(f"{PAGE}copy/{export.pk}/"))
    page = client.post(f"{PAGE}sign-in-again/")["Location"]
    assert page == "/accounts/guest/?next=%2Faccounts%2Fdata%2F"
    sent = client.post(page, {"email": guest.email, "display_name": "Demo Guest", "language": "en", "next": PAGE})
    answer = client.post(sent["Location"], {"code": mailed_code(), "next": PAGE})
    assert answer["Location"] == PAGE
    assert client.get(f"{PAGE}copy/{export.pk}/").status_code == 200


@pytest.mark.parametrize("types", [[Authenticator.Type.WEBAUTHN], list(Authenticator.Type)])
def test_who_has_a_passkey_only_is_asked_for_it(enter: Enter, creator: User, types: list[str]) -> None:
    creator.set_unusable_password()
    creator.save()
    for kind in types:
        Authenticator.objects.create(user=creator, type=kind, data={})
    export, client = made(creator), enter(creator)
    with patch("portal.privacy.views.is_sign_in_fresh", return_value=False):
        asked = client.get(f"{PAGE}copy/{export.pk}/")["Location"]
    assert asked.startswith("/accounts/2fa/webauthn/reauthenticate/")
    assert client.post(f"{PAGE}sign-in-again/")["Location"].startswith("/accounts/login/?")


def test_who_signs_in_by_code_is_not_asked_for_a_password(enter: Enter, creator: User) -> None:
    creator.set_unusable_password()
    creator.save()
    client = enter(creator)
    assert client.post(f"{PAGE}sign-in-again/")["Location"] == "/accounts/login/code/?next=%2Faccounts%2Fdata%2F"


def test_copies_go_with_a_closed_account(creator: User) -> None:
    made(creator)
    profile.close_account(person=creator)
    exports.erase_exports(creator)
    assert not ExportPart.objects.exists()
    with pytest.raises(NotAllowed):
        exports.request_export(person=creator)


def test_a_visitor_gets_none() -> None:
    visitor = people.find_or_add_visitor("fake", "9", "Demo Holder", "en")
    assert visitor.role == Role.GUEST
    assert "need an account" in str(exports.refuse_export(visitor))


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies are longer than one answer to a range may be."""
    monkeypatch.setattr(sending, "MAX_RANGE_BYTES", 1000)


def test_an_interrupted_download_goes_on_and_each_request_is_noted(client: Client, creator: User, long: None) -> None:
    export = made(creator)
    url = download_url(signed_in(client, creator), export)
    begun = client.get(url)
    assert (begun["ETag"], begun["Accept-Ranges"]) == (f'"{export.sha256}"', "bytes")
    assert b"".join(begun) == whole(export)
    got = b"".join(client.get(url, headers={"Range": "bytes=0-99"}))
    while len(got) < export.size:
        answer = client.get(url, headers={"Range": f"bytes={len(got)}-", "If-Range": begun["ETag"]})
        assert (answer.status_code, int(answer["Content-Length"]) <= 1000) == (206, True)
        got += b"".join(answer)
    assert got == whole(export)
    other = client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (other.status_code, b"".join(other)) == (200, whole(export))
    assert client.get(url, headers={"If-None-Match": begun["ETag"]}).status_code == 304
    noted = [event.data["bytes"] for event in AuditEvent.objects.filter(event="privacy.export.downloaded")]
    assert noted[:2] == [f"0-{export.size - 1}/{export.size}", f"0-99/{export.size}"]
    assert len(noted) > 3


def test_a_place_is_free_again_where_a_download_fails(
    client: Client, creator: User, long: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = made(creator)
    url = download_url(signed_in(client, creator), export)

    def fail(_export: DataExport, _span: object) -> None:
        raise Conflict("deleted in the meantime")

    with monkeypatch.context() as patch:
        patch.setattr(exports, "note_download", fail)
        for _time in range(3):
            assert client.get(url).status_code == 409
    sent = client.get(url)
    assert sent.status_code == 200
    assert client.get(url).status_code == 503, "one at a time"
    assert b"".join(sent) == whole(export)
    assert b"".join(client.get(url)) == whole(export)


def test_two_copies_are_kept_at_most(creator: User) -> None:
    start = clock.now()
    for days in range(5):
        with clock.freeze_time(start + timedelta(days=days, minutes=days)):
            made(creator)
            kept = DataExport.objects.filter(person=creator, purged_at=None)
            assert kept.count() == min(days + 1, exports.MOST_KEPT)
    assert set(ExportPart.objects.values_list("export", flat=True)) == set(kept.values_list("pk", flat=True))
