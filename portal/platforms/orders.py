"""Orders about the followers of an account, and what platforms answer to them; plain values, part of protocol.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class MoveOrder:
    """Which followers are to go from `source` to `target`, and why they are attributable to the copy.

    A follow is attributable if it came by one of `work_ids`; or, when `unknown_since` is not empty, if nothing
    is known of how it came and it is at or after the first of these moments (ascending) and before `until`. Follows
    that came by one of `disputed_work_ids` are under another open case and stay, even where the work is in `work_ids`,
    too. The works and moments of an order may become fewer from one page to the next, never more.

    With the `effect` "clear" nobody follows `target` by the order: the follows of the source end, as they do of who
    follows both, and the target, which may be "", is only who must not have been blocked. It stays the same for good.
    """

    key: str
    source: str
    target: str
    work_ids: tuple[str, ...]
    until: datetime
    unknown_since: tuple[datetime, ...] = ()
    disputed_work_ids: tuple[str, ...] = ()
    effect: Literal["move", "clear"] = "move"


# Why an attributable follow is not moved; every platform answers in these words, with the first that holds.
# blocked: the follower or the target has blocked or muted the other, or the target has removed them as a follower;
# is_target: they are the target; closed: their account is;
# minor: with closed settings; confirmed: they have chosen to keep following, after being told;
# opted_out: they want no order to change their follows (Followers.set_opt_out()).
EXCLUSIONS = ("blocked", "is_target", "closed", "bot", "minor", "confirmed", "disputed", "opted_out")


@dataclass(frozen=True)
class MovedPage:
    """What became of one page of follows of `source`, in the order of follower ids.

    `moved`: they follow the target now instead. `already`: the follow of the
    source has ended and none was put in its place, since they followed both or the order only clears. `excluded`: reason (one of EXCLUSIONS) to followers that stay. `passed`: how many
    are not attributable and stay, follows by disputed works that are not in `work_ids` among them.
    Every follow of the page is in one of these. `by_work` and `by_time` say why each of `moved` and `already` was
    attributable: the work of the order by which their follow came, or the latest moment of `unknown_since` that is
    not after it. Each of them stands there once. `cursor` is where the next page begins, None when there is none.
    `restore_data` is the platform's own note of the follows that have ended, given back to restore them exactly.
    """

    cursor: int | None
    moved: Sequence[int] = ()
    already: Sequence[int] = ()
    excluded: Mapping[str, Sequence[int]] = field(default_factory=dict)
    passed: int = 0
    restore_data: str = ""
    by_work: Mapping[str, Sequence[int]] = field(default_factory=dict)
    by_time: Mapping[datetime, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class RestorePage:
    """Those of one moved page who are to be taken back: all, or some. `restore_data` is that of the whole page."""

    moved: Sequence[int]
    already: Sequence[int]
    restore_data: str


@dataclass(frozen=True)
class RestoredPage:
    """How taking back went. `restored`: the follow is as it was, its time included.

    `overridden`: the follower has chosen since (unfollowed the target, followed the source again themselves,
    even if they have left it again, or undone their move), and their choice stands. `missing`: their account or
    the source is closed or does not exist any more.
    """

    restored: int
    overridden: Sequence[int] = ()
    missing: Sequence[int] = ()


@dataclass(frozen=True)
class Following:
    """Whether a follower follows source and target of an order now, and whether by the order's doing."""

    source: bool
    target: bool
    moved: bool


@dataclass(frozen=True)
class FollowState:
    """What one follower follows now: since when the source of an order (None if not), and whether the target, by its doing."""

    follower_id: int
    source_since: datetime | None
    target: bool
    moved: bool
