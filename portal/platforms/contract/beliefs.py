"""What no connector to a platform over a network believes: answers about somebody else, and lists that do not go on."""

from collections.abc import Callable, Iterable

import pytest

from portal.platforms.contract.stage import Stage
from portal.platforms.protocol import BrokenAnswer, Connector

# Has the platform answer calls about the first id with what it knows of the second.
MixUp = Callable[[str, str], None]
# More than any platform lists on one page here.
_MANY = 130


class Beliefs:
    """Inherited beside Works; fixtures `mix_up` and `stick`, which has lists give their first page again and again."""

    def test_another_account_than_was_asked_for_is_not_believed(
        self, connector: Connector, stage: Stage, mix_up: MixUp
    ) -> None:
        asked, other = stage.account("author"), stage.account("other")
        mix_up(asked, other)
        with pytest.raises(BrokenAnswer):
            connector.accounts.account(asked)
        assert connector.accounts.account(other).id == other

    def test_another_work_than_was_asked_for_is_not_believed(
        self, connector: Connector, stage: Stage, mix_up: MixUp
    ) -> None:
        account_id = stage.account("author")
        asked, other = stage.work(account_id), stage.work(account_id)
        mix_up(asked, other)
        with pytest.raises(BrokenAnswer):
            connector.works.find_work(asked)
        assert connector.works.find_work(other).id == other

    def test_works_of_another_account_are_not_listed(self, connector: Connector, stage: Stage, mix_up: MixUp) -> None:
        asked, other = stage.account("author"), stage.account("other")
        stage.work(asked)
        stage.work(other)
        mix_up(asked, other)
        try:
            listed = connector.works.works_of(asked)
        except BrokenAnswer:
            return
        assert listed == []

    def test_a_list_that_does_not_go_on_is_not_believed(
        self, connector: Connector, stage: Stage, stick: Callable[[Iterable[str]], list[int]]
    ) -> None:
        account_id = stage.account("author")
        for _ in range(_MANY):
            stage.work(account_id)
        calls = stick(("cursor", "start", "page"))
        with pytest.raises(BrokenAnswer):
            connector.works.works_of(account_id)
        assert len(calls) < 5
