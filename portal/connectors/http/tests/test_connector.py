"""What the connector over HTTP declares, recognises and refuses to believe."""

from dataclasses import replace
from typing import Any

import pytest

from portal import clock
from portal.connectors import upkeep
from portal.connectors.http import answers, capabilities, make
from portal.connectors.http.connector import HttpPlatform, narrow_connector
from portal.connectors.http.running_reference import RunningReference
from portal.connectors.http.tests.stage import ReferenceStage
from portal.connectors.models import PlatformCapabilities
from portal.jobs import runner
from portal.outbound.http import Answer
from portal.outbound.models import PlatformFailure, PlatformTraffic
from portal.platforms import (
    AccountClosed,
    Declined,
    GroupMessage,
    MoveOrder,
    PlatformConfig,
    PlatformError,
    Unknown,
    Unserved,
    registry,
    signing,
)
from portal.platforms.protocol import AccessRefused

pytestmark = pytest.mark.django_db
ADDRESS = "https://videos.example"
ALL = {"messages", "removals", "restrictions", "labels", "followers", "signals"}
PAGE: dict[str, Any] = {"cursor": None, "moved": [3], "already": [], "excluded": {}, "passed": 0, "by_work": {"1": [3]}}


def document(**changes: Any) -> dict[str, Any]:
    return {"contract": "1.4", "serves": ["messages", "flying"], "pages": [f"{ADDRESS}/"]} | changes


def config(**changes: Any) -> PlatformConfig:
    fields = {"base_url": ADDRESS, "credentials": {"secrets": signing.new_secret()}} | changes
    return PlatformConfig("videos", "Videos", "http", **fields)


def test_nothing_is_declared_before_the_platform_has_said_it() -> None:
    connector = narrow_connector(make(config()))
    assert [ability for ability in ALL if connector.serves(ability)] == []  # type: ignore[arg-type]
    assert connector.signs_calls
    assert connector.accounts.recognises(f"{ADDRESS}/@author")
    assert not connector.accounts.recognises("https://elsewhere.example/@author")


def test_it_claims_no_address_but_its_own_and_those_that_its_entry_has() -> None:
    platform = HttpPlatform(config(pages=["https://www.videos.example/watch/"]))
    assert platform.recognises("https://www.videos.example/watch/7")
    claimed = [
        f"{ADDRESS}/",
        "https://www.videos.example/watch",
        "https://honest.example/",
        "https://",
        "https://videos.example.evil/",
    ]
    capabilities.note_capabilities("videos", document(pages=claimed))
    for address in (f"{ADDRESS}/@author", f"{ADDRESS}:443/@author", "http://videos.example/7", claimed[1]):
        assert platform.recognises(address)
    for address in (
        "https://honest.example/works/7",
        "https://www.videos.example/",
        "https://www.videos.example/watching",
    ):
        assert not platform.recognises(address)
    assert platform.foreign_pages == claimed[2:]
    capabilities.note_capabilities("videos", document(pages=["https://honest.example/"]))
    assert platform.recognises(f"{ADDRESS}/@author")
    assert not platform.recognises("https://honest.example/works/7")


def test_what_it_says_is_declared_at_once_and_what_we_do_not_know_is_not() -> None:
    registered = make(config())
    capabilities.note_capabilities("videos", document())
    assert narrow_connector(registered).serves("messages")
    assert not narrow_connector(registered).serves("labels")
    capabilities.note_capabilities("videos", document(serves=sorted(ALL)))
    assert all(narrow_connector(registered).serves(ability) for ability in ALL)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        *(document(contract="2.0"), document(serves=None), document(limits={"works_per_page": "many"}), {}, [], None),
        *("page", document(pages=7), document(limits=3)),
    ],
)
def test_a_document_that_is_none_changes_nothing(wrong: Any) -> None:
    capabilities.note_capabilities("videos", document())
    with pytest.raises(answers.ContractBroken):
        capabilities.note_capabilities("videos", wrong)
    assert capabilities.known_capabilities("videos").serves == {"messages"}


def test_a_document_that_another_release_kept_hinders_nobody() -> None:
    PlatformCapabilities.objects.create(platform="videos", document={"contract": "2.0"})
    assert narrow_connector(make(config())).serves("messages") is False


def test_the_end_of_a_version_is_noted() -> None:
    capabilities.note_capabilities("videos", document(), sunset="Fri, 31 Dec 2027 23:59:59 GMT")
    ends = PlatformCapabilities.objects.get().sunset_at
    assert ends is not None
    assert ends.date().isoformat() == "2027-12-31"
    for unreadable in ("some day", "Fri, 31 Dec 9999 23:59:59 -2300"):
        capabilities.note_capabilities("videos", document(), sunset=unreadable)
        assert PlatformCapabilities.objects.get().sunset_at is None
    capabilities.note_capabilities("videos", document(), sunset="Fri, 31 Dec 2027 23:59:59 -0000")
    assert PlatformCapabilities.objects.get().sunset_at == ends


def test_jobs_ask_the_platforms(reference: RunningReference, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = HttpPlatform(config(base_url="http://127.0.0.1:9", options={"attempts": 1}))
    connectors = {"reference": HttpPlatform(reference.config()).connector(), "videos": silent.connector()}
    monkeypatch.setattr(registry, "_connectors", connectors)
    assert upkeep.ask_platforms() == 2
    with clock.freeze_time(clock.now()):
        runner.run_due_jobs()
    rows = {row.platform: row for row in PlatformCapabilities.objects.all()}
    assert (rows["reference"].problem, rows["videos"].document) == ("", None)
    assert rows["videos"].problem
    assert registry.get_connector("reference").serves("followers")


def test_a_platform_that_refuses_our_signature_is_noted_by_jobs_and_calls(
    reference: RunningReference, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = replace(reference.config("videos"), credentials={"secrets": signing.new_secret()})
    monkeypatch.setattr(registry, "_connectors", {"videos": make(wrong)})
    upkeep.ask_platforms()
    with clock.freeze_time(clock.now()):
        runner.run_due_jobs()
    with pytest.raises(AccessRefused):
        registry.get_connector("videos").accounts.account("7")
    row = PlatformTraffic.objects.get()
    assert (row.fault, row.failures, row.answered_at is not None) == ("access_refused", 0, True)
    assert list(PlatformFailure.objects.values_list("kind", "count", "last_status")) == [("access_refused", 2, 401)]


@pytest.mark.parametrize("kind", ["application/problem+json", "text/html"])
@pytest.mark.parametrize(
    ("status", "code", "refused"), [(401, "x", True), (403, "x", True), (403, "not_served", False)]
)
def test_only_what_is_refused_to_the_portal_counts_as_refused(
    status: int, code: str, kind: str, *, refused: bool
) -> None:
    with pytest.raises(PlatformError) as raised:
        answers.require_success(Answer(status, {"Content-Type": kind}, f'{{"code": "{code}"}}'.encode()))
    assert isinstance(raised.value, AccessRefused) == (refused or kind == "text/html")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"base_url": ""}, "base_url"),
        ({"credentials": {}}, "secrets"),
        ({"credentials": {"secrets": "whsec_short"}}, "secrets"),
        ({"credentials": {"secrets": ",".join(signing.new_secret() for _ in range(3))}}, "one or two"),
        ({"options": {"speed": 9}}, "speed"),
        ({"options": {"rate": 0}}, "rate"),
        ({"credentials": {"secrets": signing.new_secret(), "incoming_secrets": "x"}}, "incoming_secrets"),
    ],
)
def test_a_wrong_entry_is_an_error_without_the_secret(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        make(config(**changes))
    assert "whsec_" not in str(caught.value).replace("a secret is whsec_", "")


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (404, "not_found", Unknown),
        (410, "gone", Unknown),
        (409, "account_closed", AccountClosed),
        (403, "not_served", Unserved),
        (401, "wrong_signature", PlatformError),
        (422, "invalid", Declined),
        (403, "forbidden", Declined),
    ],
)
def test_problems_are_errors_of_the_protocol(status: int, code: str, error: type[Exception]) -> None:
    content = f'{{"status": {status}, "code": "{code}"}}'.encode()
    with pytest.raises(error):
        answers.require_success(Answer(status, {"Content-Type": "application/problem+json"}, content))


def test_a_problem_may_have_anything_for_a_code() -> None:
    with pytest.raises(Unknown):
        answers.require_success(Answer(404, {"Content-Type": "application/problem+json"}, b'{"code": ["x"]}'))


@pytest.mark.parametrize("status", [401, 408, 425])
def test_what_may_pass_is_no_refusal(status: int) -> None:
    answer = Answer(status, {"Content-Type": "application/problem+json"}, b'{"code": "later"}')
    with pytest.raises(PlatformError) as raised:
        answers.require_success(answer)
    assert not isinstance(raised.value, Declined)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("@1688169599", 1688169599), (" @1688169599;a=1 ", 1688169599), ("true", None), ("1688169599", None)),
        *(("@999999999999999", None), ("@-999999999999999", None), ("@1e9", None), ("", None)),
    ],
)
def test_the_deprecation_of_a_version_is_noted(text: str, seconds: int | None) -> None:
    capabilities.note_capabilities("videos", document(), deprecation=text)
    found = PlatformCapabilities.objects.get().deprecated_at
    assert (found.timestamp() if found else None) == seconds


def test_a_page_that_says_not_found_is_no_unknown_account() -> None:
    with pytest.raises(answers.ContractBroken):
        answers.require_success(Answer(404, {"Content-Type": "text/html"}, b"<h1>Not found"))


@pytest.mark.parametrize(
    "wrong",
    [
        *(PAGE | {"moved": [3, 3]}, PAGE | {"already": [3]}, PAGE | {"moved": []}, PAGE | {"by_work": {}}),
        *(PAGE | {"cursor": 2}, PAGE | {"moved": ["3"]}, PAGE | {"excluded": {"because": [4]}}, {}, None, []),
        *(PAGE | {"moved": [True]}, PAGE | {"passed": -1}, PAGE | {"by_time": {"2026-01-01T00:00:00": [4]}}),
        PAGE | {"excluded": {"bot": [3]}},
        *(PAGE | {"passed": 100}, PAGE | {"passed": 2**62}, PAGE | {"by_time": {"0001-01-01T00:00:00+14:00": [3]}}),
        {"cursor": 9, "moved": [], "already": [], "excluded": {}, "passed": 0},
    ],
)
def test_a_page_that_does_not_add_up_is_not_believed(wrong: Any) -> None:
    assert answers.read_moved_page(PAGE, cursor=2, limit=100).moved == [3]
    with pytest.raises(answers.ContractBroken):
        answers.read_moved_page(wrong, cursor=2, limit=100)


ACCOUNT = {"id": "7", "handle": "author", "name": "A", "url": "https://videos.example/@author", "state": "open"}
WORK = {"id": "1", "account_id": "7", "title": "A bowl", "url": "https://videos.example/works/1", "state": "public"}
WORK["published_at"] = "2026-03-01T08:30:15+00:00"


@pytest.mark.parametrize(
    ("read", "right", "wrong"),
    [
        (answers.read_account, ACCOUNT, {"id": "7/8"}),
        (answers.read_account, ACCOUNT, {"id": "7" * 81}),
        (answers.read_account, ACCOUNT, {"handle": "a" * 81}),
        (answers.read_account, ACCOUNT, {"url": "javascript:alert(1)"}),
        (answers.read_work, WORK, {"id": ""}),
        (answers.read_work, WORK, {"account_id": "7" * 81}),
        (answers.read_work, WORK, {"url": "javascript:alert(1)"}),
        (answers.read_work, WORK, {"url": "https://" + "a" * 493}),
    ],
)
def test_what_rows_cannot_keep_and_what_is_no_link_is_not_believed(
    read: Any, right: dict[str, str], wrong: dict[str, str]
) -> None:
    assert read(right).id == right["id"]
    with pytest.raises(answers.ContractBroken):
        read(right | wrong)


def test_nobody_of_an_earlier_page_comes_again() -> None:
    with pytest.raises(answers.ContractBroken):
        answers.read_moved_page(PAGE, cursor=3, limit=100)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"moved": [3, 4]}, {"moved": [4], "by_work": {"1": [4]}}, {"cursor": 8}, {"passed": 2}, {"already": [8]}),
        {"excluded": {"bot": [1]}},
    ],
)
def test_nobody_but_who_has_answered_is_believed_to_have_moved(wrong: dict[str, Any]) -> None:
    assert answers.read_answered_page(PAGE | {"passed": 1}, [3, 7]).moved == [3]
    with pytest.raises(answers.ContractBroken):
        answers.read_answered_page(PAGE | wrong, [3, 7])


@pytest.mark.parametrize("after", [[0], [7, 7], [9, 4], ["x"], [1, 2, 3], [-1], [True, None]], ids=str)
def test_ranges_that_do_not_follow_one_another_are_not_believed(after: list[Any]) -> None:
    assert answers.read_ranges({"after": [4, 9]}, parts=3) == [4, 9]
    assert answers.read_ranges({"after": []}, parts=3) == []
    with pytest.raises(answers.ContractBroken):
        answers.read_ranges({"after": after}, parts=3)


@pytest.mark.parametrize(
    "wrong", [{"moved": [9], "by_work": {"1": [9]}}, {"cursor": 8}, {"excluded": {"bot": [9]}}], ids=str
)
def test_a_page_that_leaves_its_range_is_not_believed(wrong: dict[str, Any]) -> None:
    given = PAGE | {"passed": 1}
    assert answers.read_moved_page(given, cursor=2, limit=5, last=8).moved == [3]
    assert answers.read_moved_page(given | wrong, cursor=2, limit=5).moved
    with pytest.raises(answers.ContractBroken):
        answers.read_moved_page(given | wrong, cursor=2, limit=5, last=8)


@pytest.mark.parametrize("stated", [True, False])
def test_answers_go_one_by_one_to_a_platform_that_does_not_say_that_it_takes_more(
    platform: HttpPlatform, stage: ReferenceStage, monkeypatch: pytest.MonkeyPatch, *, stated: bool
) -> None:
    limits = {"answers_per_call": 50} if stated else {}
    serves = sorted(ALL | {"invitations"})
    PlatformCapabilities.objects.update(document=document(serves=serves, limits=limits))
    assert platform.answers_at_once() == (50 if stated else 1)
    called = []

    def answered(path: str, _body: object, **_key: str) -> object:
        called.append(path)
        return PAGE

    monkeypatch.setattr(platform, "_post", answered)
    order = MoveOrder("o:1", "1", "2", ("1",), until=clock.now())
    for followers in [[3], [3, 7]]:
        platform.answer_invitations(order, followers, accepted=True)
    assert called == ["/v1/followers/answer", "/v1/followers/answers"]


def test_many_works_and_messages_go_in_parts(platform: HttpPlatform, stage: ReferenceStage) -> None:
    limits = {"works_per_page": 2, "messages_per_call": 2, "followers_per_page": 1}
    PlatformCapabilities.objects.update(document=document(serves=sorted(ALL), limits=limits))
    account = stage.account("author")
    works = [stage.work(account) for _ in range(5)]
    assert [work.id for work in platform.works_of(account)] == works
    viewers = [stage.viewer() for _ in range(5)]
    message = GroupMessage("m:1", "About your follow", "Choose.", viewers)
    platform.send_messages(message)
    assert [stage.messages(viewer) for viewer in viewers] == [[message.for_follower(viewer)] for viewer in viewers]


def test_an_id_that_can_be_none_is_not_asked_for(platform: HttpPlatform, reference: RunningReference) -> None:
    for text in ("..", "a/b", "a?b", "a b", "é", "x" * 81):
        reference.inject("error", path="/v1/*")
        with pytest.raises(Unknown):
            platform.account(text)
    assert len(reference.store.rows("SELECT * FROM fault")) == 6
