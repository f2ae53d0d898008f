"""Writing a complaint: nothing typed is lost, what is wrong is said at its field, what is private is encrypted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from complaints.actions import authorisations, drafts, intake, works
from complaints.forms.steps import CopyForm
from complaints.models import Authorisation, Complaint, Exhibit, Work
from complaints.policies import drafts as policy
from complaints.policies.terms import DRAFT_KEPT, MAX_EXHIBITS
from complaints.regimes import RegimeCode
from complaints.states import ComplaintState as State
from complaints.states import Side
from complaints.tests import factories as make
from portal import clock, vault
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.people.models import User
from portal.people.roles import Role
from portal.testing.fake_platform import SITE

pytestmark = pytest.mark.django_db


def refused(action: Any, **said: Any) -> tuple[str, str]:
    """The field and the sentence by which something is refused."""
    with pytest.raises(Invalid) as refusal:
        action(**said)
    ((field, sentences),) = refusal.value.fields.items()
    return field, str(sentences[0])


@pytest.mark.parametrize(
    ("role", "may"), [(role, role in (Role.CREATOR, Role.GUEST)) for role in Role if role != Role.AGENT]
)
def test_creators_and_guests_complain(role: Role, may: bool) -> None:
    by = make.person(role)
    if may:
        assert drafts.start_draft(by=by).number.startswith("OC-")
    else:
        with pytest.raises(NotAllowed):
            drafts.start_draft(by=by)


def test_the_copy_is_named_by_its_address_with_what_is_known_of_its_account() -> None:
    account = make.account(region="us", language="zh-CN", agency="Demo Agency")
    complaint = make.draft(against=account)
    complaint = make.fresh(complaint)
    assert complaint.copy is not None
    assert (complaint.platform, complaint.account_id) == ("fake", account.id)
    assert (complaint.account_handle, complaint.account_url) == (account.handle, account.url)
    assert (complaint.region, complaint.account_language, complaint.account_agency) == ("us", "zh-hans", "Demo Agency")
    assert complaint.copy.account_id == account.id
    assert complaint.respondent is None


@pytest.mark.parametrize(
    ("region", "code"), [("us", RegimeCode.US_DMCA), ("eu", RegimeCode.EU_DSA), ("cn", RegimeCode.TERMS), ("", "terms")]
)
def test_the_region_of_the_account_chooses_the_regime(region: str, code: str) -> None:
    assert make.draft(against=make.account(region=region)).regime_code == code


def test_a_chosen_regime_stays_when_another_copy_is_named() -> None:
    complaint = make.draft(against=make.account(region="eu"))
    by = complaint.complainant
    drafts.save_draft(complaint=complaint, by=by, regime_code="terms")
    drafts.name_copied_video(complaint=complaint, by=by, address=make.post(make.account(region="us")))
    assert complaint.regime_code == "terms"
    drafts.save_draft(complaint=complaint, by=by, regime_code="")
    assert complaint.regime_code == "us_dmca"
    drafts.name_copied_video(complaint=complaint, by=by, address=make.post(make.account(region="eu")))
    assert complaint.regime_code == "eu_dsa"


@pytest.mark.parametrize(
    ("said", "field", "says"),
    [
        ({}, "address", "address of the copy"),
        ({"address": f"{SITE}/works/none"}, "address", "This work was not found"),
        ({"address": "https://elsewhere.example/works/1"}, "address", "not belong to a connected platform"),
        ({"address": "w1", "platform": "nowhere"}, "address", "not belong to a connected platform"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_at_its_field(said: dict[str, str], field: str, says: str) -> None:
    author = make.author()
    found, sentence = refused(drafts.name_copied_video, complaint=drafts.start_draft(by=author), by=author, **said)
    assert found == field
    assert says in sentence


def test_a_silent_platform_is_named_and_asks_for_patience() -> None:
    author = make.author()
    complaint, address = drafts.start_draft(by=author), make.post(make.account())
    make.fake().fail(1)
    field, sentence = refused(drafts.name_copied_video, complaint=complaint, by=author, address=address)
    assert field == "address"
    assert "is not responding" in sentence
    drafts.name_copied_video(complaint=complaint, by=author, address=address)
    assert complaint.copy is not None


def test_a_recording_needs_the_account_it_was_on() -> None:
    guest, account = make.guest(), make.account(region="us")
    complaint, film = drafts.start_draft(by=guest), make.video(guest)
    assert refused(drafts.name_copied_video, complaint=complaint, by=guest, media=film)[0] == "account"
    assert (
        refused(drafts.name_copied_video, complaint=complaint, by=guest, media=film, account="nobody")[0] == "account"
    )
    drafts.name_copied_video(complaint=complaint, by=guest, media=film, account=f"@{account.handle}")
    assert complaint.copy is not None
    assert (complaint.copy.owner, complaint.copy.external_id) == (None, "")
    assert complaint.account_id == account.id
    assert not Work.objects.registered_by(guest).exists()


def test_other_peoples_videos_are_not_taken() -> None:
    author, film = make.author(), make.video(make.person())
    complaint = drafts.start_draft(by=author)
    account = make.account()
    assert (
        refused(drafts.name_copied_video, complaint=complaint, by=author, media=film, account=account.id)[0] == "media"
    )
    assert refused(drafts.name_original_video, complaint=complaint, by=author, media=film, title="Mine")[0] == "media"
    work = works.register_work(by=film.owner, title="Hers", media=film)  # type: ignore[arg-type]
    assert refused(drafts.name_original_video, complaint=complaint, by=author, work=work)[0] == "work"


def test_the_original_is_a_work_an_address_or_a_file() -> None:
    author = make.author()
    complaint = drafts.start_draft(by=author)
    film = make.video(author)
    drafts.name_original_video(complaint=complaint, by=author, media=film, title="My kiln")
    assert complaint.original is not None
    assert complaint.original == Work.objects.registered_by(author).get()
    film.refresh_from_db()
    assert film.frozen_at is not None
    drafts.name_original_video(complaint=complaint, by=author, work=complaint.original)
    drafts.name_original_video(complaint=complaint, by=author, address=make.post(make.account_of(author)))
    assert complaint.original.owner is None
    assert refused(drafts.name_original_video, complaint=complaint, by=author)[0] == "address"
    assert refused(drafts.name_original_video, complaint=complaint, by=author, media=make.video(author))[0] == "title"


def test_registering_twice_is_one_work_and_knows_its_post() -> None:
    author = make.author()
    film, address = make.video(author), make.post(make.account_of(author))
    first = works.register_work(by=author, title="My kiln", media=film, url=address)
    assert (first.platform, first.external_id) == ("fake", make.post_of(address).id)
    assert works.register_work(by=author, title="Again", media=film) == first
    elsewhere = works.register_work(
        by=author, title="Other", media=make.video(author), url="https://elsewhere.example/1"
    )
    assert (elsewhere.platform, elsewhere.url) == ("", "https://elsewhere.example/1")


def test_whatever_was_typed_is_kept_however_little_it_is() -> None:
    author = make.author()
    complaint = drafts.start_draft(by=author)
    drafts.save_draft(complaint=complaint, by=author, text=" half a sent", kind="clip")
    drafts.set_complainant_contact(complaint=complaint, by=author, contact={"name": "D", "email": "not yet"})
    complaint = make.fresh(complaint)
    assert (complaint.text, complaint.kind) == (" half a sent", "clip")
    assert drafts.complainant_contact(complaint) == {"name": "D", "email": "not yet", "address": "", "phone": ""}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "x"}, "kind"),
        ({"capacity": "x"}, "capacity"),
        ({"regime_code": "x"}, "regime_code"),
        ({"text": "x" * 4001}, "text"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(said: dict[str, str], field: str) -> None:
    author = make.author()
    assert refused(drafts.save_draft, complaint=drafts.start_draft(by=author), by=author, **said)[0] == field


def test_the_contact_is_prefilled_then_kept_encrypted() -> None:
    complaint = make.draft()
    person = complaint.complainant
    assert drafts.complainant_contact(drafts.start_draft(by=person)) == {
        "name": person.display_name,
        "email": person.email,
        "address": "",
        "phone": "",
    }
    assert drafts.complainant_contact(make.fresh(complaint)) == make.CONTACT
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM complaints_complaint c WHERE id = %s", [complaint.pk])
        (row,) = cursor.fetchone() or ("",)
    assert not any(value in row for value in make.CONTACT.values())
    other = make.draft()
    Complaint.objects.filter(pk=other.pk).update(contact_sealed=make.fresh(complaint).contact_sealed)
    with pytest.raises(vault.Tampered):
        drafts.complainant_contact(make.fresh(other))


def test_a_visitor_has_no_address_to_prefill() -> None:
    from portal.people.actions import people

    visitor = people.find_or_add_visitor("fake", "7", "Demo Visitor", "en")
    assert drafts.complainant_contact(drafts.start_draft(by=visitor))["email"] == ""


def evidence(complaint: Complaint, by: User, **said: Any) -> Exhibit:
    piece: dict[str, Any] = {
        "side": Side.COMPLAINANT,
        "level": Exhibit.Level.ORIGINALS,
        "note": "The camera's own file",
    }
    return drafts.add_exhibit(complaint=complaint, by=by, **(piece | said))


def test_evidence_is_added_and_taken_back_while_it_is_a_draft() -> None:
    complaint = make.draft()
    by = complaint.complainant
    evidence(complaint, by, file=make.paper(by))
    dropped = evidence(complaint, by, level=5)
    drafts.drop_exhibit(exhibit=dropped, by=by)
    assert [row.level for row in complaint.exhibits.all()] == [1]
    with pytest.raises(NotAllowed):
        evidence(complaint, make.person())
    with pytest.raises(NotAllowed):
        evidence(complaint, by, side=Side.RESPONDENT)
    make.submit(complaint)
    with pytest.raises(NotAllowed):
        evidence(complaint, by)
    with pytest.raises(NotAllowed):
        drafts.drop_exhibit(exhibit=complaint.exhibits.get(), by=by)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"level": 9}, "level"),
        ({"note": " "}, "note"),
        ({"note": "x" * 301}, "note"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"defence": "licence"}, "defence"),
    ],
)
def test_evidence_that_says_nothing_is_refused_at_its_field(said: dict[str, Any], field: str) -> None:
    complaint = make.draft()
    assert refused(evidence, complaint=complaint, by=complaint.complainant, **said)[0] == field


def test_one_side_brings_so_much_evidence_and_nobody_elses() -> None:
    complaint = make.draft()
    by = complaint.complainant
    assert refused(evidence, complaint=complaint, by=by, file=make.paper(make.person()))[0] == "file"
    for _ in range(MAX_EXHIBITS):
        evidence(complaint, by)
    with pytest.raises(Invalid):
        evidence(complaint, by)


def test_a_draft_is_deleted_by_its_author_only_and_leaves_a_line_in_the_trail() -> None:
    complaint = make.draft()
    chain = complaint.chain
    with pytest.raises(NotAllowed):
        drafts.discard_draft(complaint=complaint, by=make.person())
    drafts.discard_draft(complaint=complaint, by=complaint.complainant)
    assert not Complaint.objects.exists()
    assert [row.event.rpartition(".")[2] for row in trail.events_of(chain)] == ["started", "discarded"]


def test_idle_drafts_go_after_a_month_and_nothing_else_does() -> None:
    idle, received = make.draft(), make.complaint(State.RECEIVED)
    with clock.freeze_time(clock.now() + DRAFT_KEPT - timedelta(hours=1)):
        touched = make.draft()
        assert intake.purge_idle_drafts() == 0
    with clock.freeze_time(clock.now() + DRAFT_KEPT + timedelta(hours=1)):
        assert intake.purge_idle_drafts() == 1
    assert set(Complaint.objects.values_list("pk", flat=True)) == {received.pk, touched.pk} - {idle.pk}


def test_a_draft_that_was_handed_in_meanwhile_is_not_changed_any_more() -> None:
    complaint = make.draft()
    old = make.fresh(complaint)
    make.submit(complaint)
    changes: list[Callable[[], None]] = [
        lambda: drafts.save_draft(complaint=old, by=old.complainant, text="other"),
        lambda: drafts.discard_draft(complaint=old, by=old.complainant),
        lambda: drafts.save_draft(complaint=complaint, by=old.complainant, text="other"),
    ]
    for change in changes:
        with pytest.raises(Conflict, match="already been submitted"):
            change()
    assert make.fresh(complaint).text == "They uploaded my film again."


def test_gaps_name_every_field_at_once() -> None:
    author = make.author()
    gaps = policy.draft_gaps(drafts.start_draft(by=author), {})
    assert set(gaps) == {"copy", "original", "text", "name", "email"}
    whole = make.draft(against=make.account(region="us"))
    assert policy.draft_gaps(whole, {}).keys() == {"name", "email", "address", "phone"}
    assert policy.draft_gaps(whole, make.CONTACT | {"email": "not a web address"}).keys() == {"email"}
    assert policy.draft_gaps(whole, make.CONTACT) == {}


def test_the_list_of_authorised_accounts() -> None:
    author, account = make.author(), make.account()
    entry = authorisations.authorise_account(
        by=author, platform="fake", account=f"@{account.handle}", note="Licence of May"
    )
    assert (entry.account_id, entry.handle) == (account.id, account.handle)
    assert authorisations.authorise_account(by=author, platform="fake", account=account.id) == entry
    with pytest.raises(NotAllowed):
        authorisations.end_authorisation(authorisation=entry, by=make.person())
    authorisations.end_authorisation(authorisation=entry, by=author)
    with pytest.raises(Conflict):
        authorisations.end_authorisation(authorisation=Authorisation.objects.get(), by=author)
    assert authorisations.authorise_account(by=author, platform="fake", account=account.id) != entry


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"platform": "nowhere"}, "platform"),
        ({"account": "nobody"}, "account"),
        ({"note": "x" * 201}, "note"),
    ],
)
def test_a_wrong_entry_is_refused_at_its_field(said: dict[str, str], field: str) -> None:
    author = make.author()
    whole = {"platform": "fake", "account": make.account().id}
    assert refused(authorisations.authorise_account, by=author, **(whole | said))[0] == field
    assert (
        refused(authorisations.authorise_account, by=author, platform="fake", account=make.account_of(author).id)[0]
        == "account"
    )


def test_evidence_is_not_dropped_in_a_window_that_has_not_seen_the_submission() -> None:
    complaint = make.draft()
    by, level = complaint.complainant, Exhibit.Level.STATEMENT
    drafts.add_exhibit(complaint=complaint, by=by, side=Side.COMPLAINANT, level=level, note="My own post is older.")
    stale = Exhibit.objects.select_related("complaint").get()
    make.submit(make.fresh(complaint))
    with pytest.raises(Conflict):
        drafts.drop_exhibit(exhibit=stale, by=by)
    assert Exhibit.objects.count() == 1


@pytest.mark.parametrize("text", ["not an address", "my video", "w1", "see example.org/works/1"])
def test_what_is_no_address_is_refused_before_the_platform_is_asked(text: str) -> None:
    field = CopyForm.base_fields["address"]
    with pytest.raises(ValidationError, match="This is not an address"):
        field.clean(text)
    for address in ("https://example.org/works/1", "example.org/works/1", " http://localhost:8000/sandbox/p/1/ "):
        assert field.clean(address) == address.strip()
