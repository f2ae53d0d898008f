"""The tables of people."""

from portal.people.models.api_clients import ApiClientUse
from portal.people.models.changes import ChangeRequest
from portal.people.models.form_drafts import FormDraft
from portal.people.models.links import LinkedAccount
from portal.people.models.people import (
    Agency,
    Intervention,
    Letter,
    Mandate,
    Recovery,
    User,
    UserManager,
    new_public_id,
)

__all__ = [
    "Agency",
    "ApiClientUse",
    "ChangeRequest",
    "FormDraft",
    "Intervention",
    "Letter",
    "LinkedAccount",
    "Mandate",
    "Recovery",
    "User",
    "UserManager",
    "new_public_id",
]
