"""Accounts, works, messages, remedies and labels."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from portal.platforms.contract.stage import LATER, LONG_AGO, PUBLISHED, Stage, declared
from portal.platforms.messages import GroupMessage, Message, PersonalLink
from portal.platforms.protocol import AccountSignals, Connector, Label, Unknown, Unserved

VIDEO = b"not really a video, but bytes are bytes" * 100
CALLS_TO_NOBODY: list[Callable[[Connector], object]] = [
    lambda connector: connector.accounts.account("0"),
    lambda connector: connector.accounts.profile_text("0"),
    lambda connector: connector.works.works_of("0"),
    lambda connector: declared(connector.messages).send_message("0", Message("k", "s", "b")),
    lambda connector: declared(connector.removals).remove_work("0", key="k", reason="r"),
    lambda connector: declared(connector.removals).restore_work("0", key="k"),
    lambda connector: declared(connector.removals).has_removal("0", key="k"),
    lambda connector: declared(connector.restrictions).restrict_account("0", key="k", reason="r"),
    lambda connector: declared(connector.restrictions).lift_restriction("0", key="k"),
    lambda connector: declared(connector.restrictions).has_restriction("0", key="k"),
    lambda connector: declared(connector.labels).set_label("0", Label("k", {"en": "a"}, "https://portal.example")),
    lambda connector: declared(connector.labels).clear_label("0", key="k"),
    lambda connector: declared(connector.labels).shown_label("0", key="k"),
    lambda connector: declared(connector.signals).account_signals("0"),
]


class Works:
    """All but followers. A platform's own class says what a platform cannot tell.

    `tells_regions`: it names the region and the agency of an account. `tells_gone`: it still knows closed accounts and
    deleted works. `shows_every_reason`: those of all removals of a work, else that of the first alone; `shows_reasons`: any.
    `counts_followers`: it says how many there are. `gives_removed`: the file of a removed work can be had. `shows_keys`: a
    message is shown with its key. `loses_answers`: a message may come twice, as the platform does not confirm any.
    """

    tells_regions = tells_gone = shows_every_reason = shows_reasons = True
    counts_followers = gives_removed = shows_keys = True
    loses_answers = False

    def test_an_account_is_found_by_handle_id_and_address(self, connector: Connector, stage: Stage) -> None:
        found = connector.accounts.account(stage.account("author", region="eu", agency="Demo Agency"))
        assert (found.handle, found.state) == ("author", "open")
        assert (found.region, found.agency) == (("eu", "Demo Agency") if self.tells_regions else ("", ""))
        for text in ("author", "@author", found.id, found.url, f" {found.url} "):
            assert connector.accounts.find_account(text) == found

    @pytest.mark.parametrize(
        "text", ["", "nobody", "@", "0", "-1", "9" * 40, "https://elsewhere.example/x", "http://["]
    )
    def test_who_is_not_there_is_unknown(self, connector: Connector, stage: Stage, text: str) -> None:
        for call in (connector.accounts.find_account, connector.works.find_work, connector.works.open_media):
            with pytest.raises(Unknown):
                call(text)

    def test_a_closed_account_is_still_told(self, connector: Connector, stage: Stage) -> None:
        account_id = stage.account("author")
        stage.close(account_id)
        for call in (connector.accounts.account, connector.accounts.find_account):
            if self.tells_gone:
                assert call("author" if call == connector.accounts.find_account else account_id).state == "closed"
            else:
                with pytest.raises(Unknown):
                    call(account_id)

    def test_followers_are_counted(self, connector: Connector, stage: Stage) -> None:
        account_id = stage.account("author")
        for _ in range(3):
            stage.follow(account_id, stage.viewer(), at=LATER)
        assert connector.accounts.account(account_id).followers == (3 if self.counts_followers else 0)

    def test_the_profile_text_is_what_the_holder_wrote(self, connector: Connector, stage: Stage) -> None:
        account_id = stage.account("author", bio="Pots and pans. trust-1234")
        assert connector.accounts.profile_text(account_id) == "Pots and pans. trust-1234"

    def test_addresses_of_the_platform_are_recognised_and_others_not(self, connector: Connector, stage: Stage) -> None:
        account_id = stage.account("author")
        assert connector.accounts.recognises(connector.accounts.account(account_id).url)
        assert connector.accounts.recognises(connector.works.find_work(stage.work(account_id)).url)
        for address in ("https://elsewhere.example/", "author", "", "http://[", "javascript:alert(1)"):
            assert not connector.accounts.recognises(address)

    def test_an_address_that_only_looks_like_one_is_not_recognised(self, connector: Connector, stage: Stage) -> None:
        own = urlsplit(connector.accounts.account(stage.account("author")).url)
        for netloc in (f"{own.hostname}.elsewhere.example", f"{own.netloc}@elsewhere.example", f"name@{own.netloc}"):
            assert not connector.accounts.recognises(own._replace(netloc=netloc).geturl())
        assert not connector.accounts.recognises(own._replace(path=f"{own.path}/../../../elsewhere").geturl())
        if own.port is None:
            stated = own._replace(netloc=f"{own.hostname}:{443 if own.scheme == 'https' else 80}")
            assert connector.accounts.recognises(stated.geturl())

    def test_a_work_is_found_by_id_and_address(self, connector: Connector, stage: Stage) -> None:
        account_id = stage.account("author")
        found = connector.works.find_work(stage.work(account_id, title="A bowl", at=PUBLISHED))
        assert (found.account_id, found.title, found.published_at) == (account_id, "A bowl", PUBLISHED)
        assert found.state == "public"
        assert connector.works.find_work(found.url) == found

    def test_works_of_a_time_come_oldest_first(self, connector: Connector, stage: Stage) -> None:
        account_id, other = stage.account("author"), stage.account("other")
        days = [PUBLISHED + timedelta(days=day) for day in (2, 0, 1)]
        works = [stage.work(account_id, at=day) for day in days]
        stage.work(other, at=PUBLISHED)
        stage.delete_work(works[0])
        deleted = [works[0]] if self.tells_gone else []
        assert [work.id for work in connector.works.works_of(account_id)] == [works[1], works[2], *deleted]
        states = [work.state for work in connector.works.works_of(account_id)]
        assert states == ["public", "public", *(["deleted"] if self.tells_gone else [])]
        assert [work.id for work in connector.works.works_of(account_id, since=days[2])] == [works[2], *deleted]
        assert [work.id for work in connector.works.works_of(account_id, until=days[2])] == [works[1]]

    def test_each_work_is_listed_once_and_those_of_others_are_not(self, connector: Connector, stage: Stage) -> None:
        account_id, other = stage.account("author"), stage.account("other")
        works = [stage.work(account_id) for _ in range(130)]
        theirs = stage.work(other)
        listed = connector.works.works_of(account_id)
        assert sorted(work.id for work in listed) == sorted(works)
        assert {work.account_id for work in listed} == {account_id}
        assert [work.id for work in connector.works.works_of(other)] == [theirs]

    def test_a_removed_work_is_listed_and_its_video_read(self, connector: Connector, stage: Stage) -> None:
        account_id = stage.account("author")
        work_id = stage.work(account_id, video=VIDEO)
        declared(connector.removals).remove_work(work_id, key="k", reason="r")
        assert [(work.id, work.state) for work in connector.works.works_of(account_id)] == [(work_id, "removed")]
        if not self.gives_removed:
            with pytest.raises(Unserved):
                connector.works.open_media(work_id)
            return
        with connector.works.open_media(work_id) as stream:
            assert stream.read() == VIDEO

    def test_a_video_is_read_until_it_is_deleted(self, connector: Connector, stage: Stage) -> None:
        work_id = stage.work(stage.account("author"), video=VIDEO)
        with connector.works.open_media(work_id) as stream:
            assert stream.read(10) + stream.read() == VIDEO
        stage.delete_work(work_id)
        with pytest.raises(Unknown):
            connector.works.open_media(work_id)

    def test_a_message_comes_once_for_each_key(self, connector: Connector, stage: Stage) -> None:
        author, other = stage.account("author"), stage.account("other")
        first = Message("m:1", "About your video", "Please look.", "https://portal.example/1")
        second = Message("m:2", "Again", "Please look again.")
        for message in (first, second, first):
            declared(connector.messages).send_message(author, message)
        declared(connector.messages).send_message(other, first)
        assert self._shown(stage.messages(author)) == self._shown([first, second])
        assert self._shown(stage.messages(other)) == self._shown([first])
        with pytest.raises(Unknown):
            declared(connector.messages).send_message("0", first)

    def _shown(self, messages: list[Message]) -> list[Message]:
        """Messages as the platform shows them; where answers are lost, those that came twice count once."""
        rows = messages if self.shows_keys else [replace(message, key="") for message in messages]
        return list(dict.fromkeys(rows)) if self.loses_answers else rows

    def test_messages_to_many_come_once_and_only_to_those_there(self, connector: Connector, stage: Stage) -> None:
        viewers, send = [stage.viewer() for _ in range(6)], declared(connector.followers).send_messages
        message = GroupMessage("m:1", "You follow a copy", "Choose.", [*viewers[:3], 2**62])
        for _ in range(2):
            send(message)
        send(replace(message, followers=viewers[2:5]))
        send(replace(message, followers=[]))
        assert [stage.messages(viewer) for viewer in viewers] == [[Message("m:1", message.subject, "Choose.")]] * 5 + [
            []
        ]

    def test_each_of_many_gets_a_link_of_their_own(self, connector: Connector, stage: Stage) -> None:
        viewers = [stage.viewer() for _ in range(2)]
        link = PersonalLink("https://portal.example/f/", "/", head=b"\0" * 7 + b"\x11", key=b"k" * 32)
        message = GroupMessage("m:1", "You follow a copy", "Choose.", viewers, link)
        declared(connector.followers).send_messages(message)
        assert [stage.messages(one) for one in viewers] == [[message.for_follower(one)] for one in viewers]
        assert len({message.for_follower(one).url for one in viewers}) == 2

    def test_a_work_stays_removed_while_one_removal_holds(self, connector: Connector, stage: Stage) -> None:
        work_id = stage.work(stage.account("author"))
        declared(connector.removals).remove_work(work_id, key="a", reason="A copy of another video.")
        declared(connector.removals).remove_work(work_id, key="a", reason="A copy of another video.")
        declared(connector.removals).remove_work(work_id, key="b", reason="Another reason.")
        assert connector.works.find_work(work_id).state == "removed"
        reasons = ["A copy of another video.", "Another reason."]
        shown = reasons if self.shows_every_reason else reasons[:1]
        assert stage.removal_reasons(work_id) == (shown if self.shows_reasons else [])
        declared(connector.removals).restore_work(work_id, key="a")
        assert connector.works.find_work(work_id).state == "removed"
        declared(connector.removals).restore_work(work_id, key="b")
        assert connector.works.find_work(work_id).state == "public"

    def test_a_removal_taken_back_does_not_come_again_late(self, connector: Connector, stage: Stage) -> None:
        work_id, removals = stage.work(stage.account("author")), declared(connector.removals)
        for _ in range(2):
            removals.remove_work(work_id, key="a", reason="r")
            removals.restore_work(work_id, key="a")
        removals.remove_work(work_id, key="a", reason="r")
        assert connector.works.find_work(work_id).state == "public"

    def test_the_same_removal_is_complete_at_the_same_time(self, connector: Connector, stage: Stage) -> None:
        work_id, removals = stage.work(stage.account("author")), declared(connector.removals)
        at = removals.remove_work(work_id, key="a", reason="r")
        assert at is None or at.tzinfo is not None
        assert removals.remove_work(work_id, key="a", reason="r") == at

    def test_a_restriction_taken_back_does_not_come_again_late(self, connector: Connector, stage: Stage) -> None:
        account_id, restrictions = stage.account("author"), declared(connector.restrictions)
        for _ in range(2):
            restrictions.restrict_account(account_id, key="a", reason="r")
            restrictions.lift_restriction(account_id, key="a")
        restrictions.restrict_account(account_id, key="a", reason="r")
        assert connector.accounts.account(account_id).state == "open"

    def test_what_is_taken_back_first_never_comes(self, connector: Connector, stage: Stage) -> None:
        account_id = stage.account("author")
        work_id = stage.work(account_id)
        declared(connector.removals).restore_work(work_id, key="a")
        declared(connector.removals).remove_work(work_id, key="a", reason="r")
        assert connector.works.find_work(work_id).state == "public"
        declared(connector.restrictions).lift_restriction(account_id, key="a")
        declared(connector.restrictions).restrict_account(account_id, key="a", reason="r")
        assert connector.accounts.account(account_id).state == "open"

    def test_a_deleted_work_stays_deleted(self, connector: Connector, stage: Stage) -> None:
        work_id = stage.work(stage.account("author"))
        stage.delete_work(work_id)
        removals = declared(connector.removals)
        if not self.tells_gone:
            with pytest.raises(Unknown):
                removals.remove_work(work_id, key="a", reason="r")
            return
        removals.remove_work(work_id, key="a", reason="r")
        removals.restore_work(work_id, key="a")
        assert connector.works.find_work(work_id).state == "deleted"

    def test_an_account_is_restricted_while_one_restriction_holds(self, connector: Connector, stage: Stage) -> None:
        account_id = stage.account("author")
        declared(connector.restrictions).restrict_account(account_id, key="past", reason="r", until=LONG_AGO)
        assert connector.accounts.account(account_id).state == "open"
        declared(connector.restrictions).restrict_account(account_id, key="a", reason="r")
        declared(connector.restrictions).restrict_account(
            account_id, key="b", reason="r", until=datetime(9000, 1, 1, tzinfo=UTC)
        )
        declared(connector.restrictions).lift_restriction(account_id, key="a")
        assert connector.accounts.account(account_id).state == "restricted"
        declared(connector.restrictions).lift_restriction(account_id, key="b")
        assert connector.accounts.account(account_id).state == "open"

    def test_a_label_is_replaced_by_key_and_cleared(self, connector: Connector, stage: Stage) -> None:
        account_id = stage.account("author")
        first = Label("c:1", {"en": "Farming", "zh-hans": "农业"}, "https://portal.example/c/1")
        better = Label("c:1", {"en": "Farming, checked", "zh-hans": "农业，已核验"}, "https://portal.example/c/1")
        second = Label("c:2", {"en": "Crafts", "zh-hans": "手工艺"}, "https://portal.example/c/2")
        for label in (first, second, better):
            declared(connector.labels).set_label(account_id, label)
        assert sorted(stage.labels(account_id), key=lambda label: label.key) == [better, second]
        for _ in range(2):
            declared(connector.labels).clear_label(account_id, key="c:1")
        assert stage.labels(account_id) == [second]

    def test_what_holds_is_told_by_key(self, connector: Connector, stage: Stage) -> None:
        account_id = stage.account("author")
        work_id, removals = stage.work(account_id), declared(connector.removals)
        assert not removals.has_removal(work_id, key="a")
        removals.remove_work(work_id, key="a", reason="r")
        assert [removals.has_removal(work_id, key=key) for key in ("a", "b")] == [True, False]
        removals.restore_work(work_id, key="a")
        assert not removals.has_removal(work_id, key="a")
        restrictions = declared(connector.restrictions)
        restrictions.restrict_account(account_id, key="past", reason="r", until=LONG_AGO)
        restrictions.restrict_account(account_id, key="a", reason="r")
        held = [restrictions.has_restriction(account_id, key=key) for key in ("past", "a", "b")]
        restrictions.lift_restriction(account_id, key="a")
        assert [*held, restrictions.has_restriction(account_id, key="a")] == [False, True, False, False]

    def test_a_deleted_work_needs_no_removal(self, connector: Connector, stage: Stage) -> None:
        work_id = stage.work(stage.account("author"))
        declared(connector.removals).remove_work(work_id, key="a", reason="r")
        stage.delete_work(work_id)
        if not self.tells_gone:
            with pytest.raises(Unknown):
                declared(connector.removals).has_removal(work_id, key="a")
            return
        assert not declared(connector.removals).has_removal(work_id, key="a")

    def test_a_label_is_told_as_it_is_shown(self, connector: Connector, stage: Stage) -> None:
        account_id, labels = stage.account("author"), declared(connector.labels)
        label = Label("c:1", {"en": "Farming", "zh-hans": "农业"}, "https://portal.example/c/1")
        labels.set_label(account_id, label)
        assert [labels.shown_label(account_id, key=key) for key in ("c:1", "c:2")] == [label, None]
        labels.clear_label(account_id, key="c:1")
        assert labels.shown_label(account_id, key="c:1") is None

    def test_devices_and_payees_are_told_by_their_hashes(self, connector: Connector, stage: Stage) -> None:
        signals = declared(connector.signals)
        author, other = stage.account("author"), stage.account("other")
        stage.give_signals(author, devices=["a1", "b2"], payees=["c3"])
        assert signals.account_signals(author) == AccountSignals(frozenset({"a1", "b2"}), frozenset({"c3"}))
        assert signals.account_signals(other) == AccountSignals()

    @pytest.mark.parametrize("call", CALLS_TO_NOBODY)
    def test_nothing_is_done_to_what_is_not_there(
        self, connector: Connector, stage: Stage, call: Callable[[Connector], object]
    ) -> None:
        with pytest.raises(Unknown):
            call(connector)
