"""Removal by custody: the portal's account becomes the owner of a work and makes it private, and gives it back as it was.

MediaCMS has no removal that can be taken back. But an editor who changes a work becomes its owner, and only owners change its
state. So a removal is two calls, and its end two others. Owner and state are noted in the portal's row before the first of
them. Each call is followed by reading, so that a lost answer, or a worker that died in between, is gone on from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

from portal.connectors.holds import HeldBy, Standing
from portal.connectors.mediacms.answers import PRIVATE, read_id
from portal.connectors.mediacms.api import Api
from portal.connectors.models import HeldTarget
from portal.outbound.http import change_and_read_back, send_change
from portal.platforms import Declined, PlatformError

# MediaCMS keeps for so long whether a file may be had.
FILE_LAG = timedelta(seconds=300)


class NotInLedger(PlatformError):
    """The portal's account owns a work of which no row says whose it was."""


class OwnerStays(Declined):
    """MediaCMS has taken the change, and the owner is who it was: nothing can be removed there."""


class TakenByOthers(PlatformError):
    """Somebody else has become the owner meanwhile."""


@dataclass(frozen=True)
class Owned:
    """Whose a work is, and in which state."""

    owner: str
    state: str

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "Owned":
        """What an answer says of it; raises UnknownAnswer."""
        return cls(read_id(given, "user"), read_id(given, "state"))


@dataclass(frozen=True)
class Custody:
    """The custody of one work by `account`, the portal's own; a Switch of portal/connectors/holds.py."""

    api: Api
    work: str
    account: str
    lag: ClassVar[timedelta] = FILE_LAG

    def read(self, row: HeldTarget | None) -> Standing:
        """Whose it is now. Raises Unknown, NotInLedger."""
        now, noted = self._now(), row.noted if row is not None else {}
        if now.owner == self.account:
            if not noted:
                raise NotInLedger(f"the portal's account owns a video that it has not noted: {self.work}")
            return Standing(now.state == PRIVATE, HeldBy.PORTAL)
        if noted and now.owner != noted["owner"]:
            return Standing(now.state == PRIVATE, HeldBy.OTHERS)
        return Standing(in_effect=False, held_by=HeldBy.NOBODY)

    def turn_on(self, row: HeldTarget, reason: str) -> None:
        """Take the work and make it private, from whichever of these steps is left."""
        now = self._now()
        if now.owner != self.account:
            self._note(row, now)
            self._take(row)
        self._keep(row, {**row.noted, "taken": True})
        self._set_state(PRIVATE)

    def turn_off(self, row: HeldTarget) -> None:
        """Give the work its state and its owner back. Unknown where the owner's account is gone: the work stays private."""
        noted = Owned(row.noted["owner"], row.noted["state"])
        self.api.user(noted.owner)
        self._set_state(noted.state)
        give = partial(self.api.change_own_work, self.work, "change_owner", owner=noted.owner)
        change_and_read_back(give, lambda: self._now() == noted)

    def _now(self) -> Owned:
        return Owned.read(self.api.work(self.work))

    def _note(self, row: HeldTarget, now: Owned) -> None:
        """Keep what is to be put back. What came back to its owner private was made so by the portal."""
        noted = row.noted
        if noted and noted["owner"] != now.owner:
            raise TakenByOthers("somebody else has become the owner of the video meanwhile")
        if noted and noted["taken"] and now.state == PRIVATE:
            return
        self._keep(row, {"owner": now.owner, "state": now.state, "account": self.account, "taken": False})

    def _take(self, row: HeldTarget) -> None:
        lost = send_change(lambda: self.api.take_work(self.work))
        owner = self._now().owner
        if owner == row.noted["owner"]:
            raise lost or OwnerStays("the platform leaves the owner of a video as it was")
        if owner != self.account:
            raise TakenByOthers("somebody else has become the owner of the video meanwhile")

    def _set_state(self, state: str) -> None:
        wanted = Owned(self.account, state)
        if self._now() != wanted:
            set_state = partial(self.api.change_own_work, self.work, "set_state", state=state)
            change_and_read_back(set_state, lambda: self._now() == wanted)

    def _keep(self, row: HeldTarget, noted: dict[str, Any]) -> None:
        row.undo_data = noted
        HeldTarget.objects.filter(pk=row.pk).update(undo_data=noted)
