"""The tables of people."""

from portal.accounts.models.links import LinkedAccount
from portal.accounts.models.people import (
    Agency,
    Intervention,
    Letter,
    LetterState,
    Mandate,
    Recovery,
    User,
    UserManager,
    new_public_id,
)

__all__ = [
    "Agency",
    "Intervention",
    "Letter",
    "LetterState",
    "LinkedAccount",
    "Mandate",
    "Recovery",
    "User",
    "UserManager",
    "new_public_id",
]
