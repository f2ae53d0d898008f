"""What followers follow now, many at once."""

from collections.abc import Sequence

from portal.connectors.sandbox.answers import fetch_rows
from portal.platforms.orders import FollowState, MoveOrder

_STATES = """
    SELECT a.id, s.created_at, t.follower_id IS NOT NULL, coalesce(t.order_key = %(key)s, false)
    FROM unnest(%(followers)s::bigint[]) asked (id) JOIN sandbox_account a ON a.id = asked.id AND a.closed_at IS NULL
    LEFT JOIN sandbox_follow s ON s.account_id = %(source)s AND s.follower_id = a.id
    LEFT JOIN sandbox_follow t ON t.account_id = %(target)s AND t.follower_id = a.id
    ORDER BY a.id"""


def follow_states(order: MoveOrder, followers: Sequence[int]) -> list[FollowState]:
    """One state for each of those whose account is open."""
    values = {"key": order.key, "source": int(order.source), "target": int(order.target or 0)}
    return [FollowState(*row) for row in fetch_rows(_STATES, values | {"followers": list(followers)})]
