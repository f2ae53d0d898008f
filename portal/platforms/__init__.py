"""What the portal asks of a creator platform: one protocol, a registry, and a contract that every connector passes.

Pure Python. A connector of a real platform speaks HTTP; the sandbox's (portal/sandbox) speaks SQL.
"""

from portal.platforms.protocol import (
    Account,
    Connector,
    Following,
    Label,
    Message,
    MovedPage,
    MoveOrder,
    PlatformError,
    RestoredPage,
    RestorePage,
    Unknown,
    Work,
)

__all__ = [
    "Account",
    "Connector",
    "Following",
    "Label",
    "Message",
    "MoveOrder",
    "MovedPage",
    "PlatformError",
    "RestorePage",
    "RestoredPage",
    "Unknown",
    "Work",
]
