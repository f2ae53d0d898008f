"""Whether videos may be removed on a MediaCMS: by consent, by role, by what the ledger knows, and by trying it out.

That an editor becomes the owner of what they change is a side effect of MediaCMS 8, which another release may not have. On a
work that the portal's account owns already it would not be seen. So the operator names a work of another account of
theirs, the probe work, and it is removed and restored by the very calls of a removal: taken, made private, given its state and
its owner back, and read after each. A probe that stopped half way goes on like any other removal.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal import clock
from portal.connectors import holds
from portal.connectors.holds import Place
from portal.connectors.mediacms.api import Api
from portal.connectors.mediacms.custody import Custody, NotInLedger, OwnerStays, TakenByOthers
from portal.connectors.members import member
from portal.connectors.models import HeldTarget
from portal.platforms import PlatformError, Unknown

# A probe that went well counts for so long.
PROBED_FOR = timedelta(days=1)
_KEY = "probe"
# Why videos are not removed, by the codes of portal/connectors/reasons.py, in words for whoever runs the portal.
PROBLEMS: Mapping[str, str] = {
    "no-editor": "the portal's account there is not an editor",
    "other-account": "videos are held by another account than that of the token",
    "unknown-works": "the portal's account owns videos that the portal has not noted",
    "no-probe-work": "there is no probe work, or it is not there any more",
    "no-custody": "the probe work could not be taken and given back",
}


@dataclass(frozen=True)
class Ledger:
    """What the portal holds on one platform, as its rows say."""

    platform: str

    def rows(self) -> dict[str, HeldTarget]:
        """The rows of works that the portal has taken or was about to take, by the id of the work."""
        held = HeldTarget.objects.filter(platform=self.platform, ability="removals").filter(undo_data__isnull=False)
        return {row.target: row for row in held}

    def has_other_account(self, account: str) -> bool:
        """Whether one was taken by another account than this."""
        return any(row.noted["account"] != account for row in self.rows().values())

    def unknown_works(self, api: Api, account: str) -> list[str]:
        """The works that the account owns and that are in no row. What comes or goes meanwhile is known before or after."""
        known = set(self.rows())
        owned = [member(row, "friendly_token") for row in api.works_of(account)]
        return sorted(set(owned) - known - set(self.rows()))


@dataclass(frozen=True)
class Probe:
    """Tries on one platform, as `account`, whether removal works. `work` is the probe work, "" where none is named."""

    api: Api
    platform: str
    account: str
    work: str

    def run(self, known: Mapping[str, Any]) -> dict[str, str]:
        """The code of what keeps videos from being removed as `custody`, "" for nothing, and what was tried and when.

        `known` is what this said last: what went well counts for a day.
        """
        about = {"probe_work": self.work, "probed_at": clock.now().isoformat()}
        if problem := self._find_problem_in_ledger():
            return {**about, "custody": problem}
        if self._is_recent(known):
            return {**about, "custody": "", "probed_at": known["probed_at"]}
        return {**about, "custody": self._try()}

    def _find_problem_in_ledger(self) -> str:
        ledger = Ledger(self.platform)
        if ledger.has_other_account(self.account):
            return "other-account"
        self._finish_changes(ledger.rows())
        return "unknown-works" if ledger.unknown_works(self.api, self.account) else ""

    def _finish_changes(self, works: Collection[str]) -> None:
        """Go on with what stopped half way, also while nothing new is removed. What fails now has its own job."""
        for work in works:
            with suppress(PlatformError):
                holds.finish_change(*self._custody(work))

    def _is_recent(self, known: Mapping[str, Any]) -> bool:
        same = (known.get("account"), known.get("probe_work"), known.get("custody")) == (self.account, self.work, "")
        return same and datetime.fromisoformat(known["probed_at"]) > clock.now() - PROBED_FOR

    def _try(self) -> str:
        if not self.work:
            return "no-probe-work"
        place, custody = self._custody(self.work)
        try:
            if place.row() is not None:
                self._end(place, custody)
            holds.begin_hold(place, custody, key=_KEY, reason="")
            taken = holds.has_hold(place, custody, key=_KEY)
            self._end(place, custody)
        except Unknown:
            return "no-probe-work"
        except (OwnerStays, TakenByOthers, NotInLedger):
            return "no-custody"
        return "" if taken and place.row() is None else "no-custody"

    def _end(self, place: Place, custody: Custody) -> None:
        """Give the work back and forget that it was held, so that the same key serves again."""
        holds.end_hold(place, custody, key=_KEY)
        row = place.row()
        if row is not None and not row.noted:
            row.holds.filter(key=_KEY).delete()
            if not row.holds.exists():
                row.delete()

    def _custody(self, work: str) -> tuple[Place, Custody]:
        return Place(self.platform, "removals", work), Custody(self.api, work, self.account)
