"""What the portal asks of a creator platform: small protocols, a registry, and a contract that every connector passes.

Pure Python. A connector of a real platform speaks HTTP; the sandbox's speaks SQL (portal/connectors/sandbox).
"""

from portal.platforms.messages import GroupMessage, Message, PersonalLink
from portal.platforms.orders import Following, FollowState, MovedPage, MoveOrder, RestoredPage, RestorePage
from portal.platforms.protocol import (
    Ability,
    Account,
    AccountClosed,
    AccountSignals,
    Connector,
    Declined,
    FetchedFile,
    Followers,
    JoinedFollowers,
    Label,
    NotServed,
    PlatformConfig,
    PlatformError,
    Report,
    Unknown,
    Unserved,
    Work,
    served,
)

__all__ = [
    "Ability",
    "Account",
    "AccountClosed",
    "AccountSignals",
    "Connector",
    "Declined",
    "FetchedFile",
    "FollowState",
    "Followers",
    "Following",
    "GroupMessage",
    "JoinedFollowers",
    "Label",
    "Message",
    "MoveOrder",
    "MovedPage",
    "NotServed",
    "PersonalLink",
    "PlatformConfig",
    "PlatformError",
    "Report",
    "RestorePage",
    "RestoredPage",
    "Unknown",
    "Unserved",
    "Work",
    "served",
]
