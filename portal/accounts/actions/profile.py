"""What a person does with her own account."""

from django.db import transaction

from portal.accounts import letters
from portal.accounts.actions import people
from portal.accounts.models import User
from portal.audit import trail


def update(*, person: User, display_name: str, language: str) -> None:
    """Change how she is called and which language we write in."""
    changed = [
        name
        for name, value in (("display_name", display_name), ("language", language))
        if getattr(person, name) != value
    ]
    if not changed:
        return
    with transaction.atomic():
        person.display_name, person.language = display_name, language
        person.save(update_fields=["display_name", "language"])
        trail.record("accounts.user.profile_changed", by=person, on=person, data={"fields": changed})


def close(*, person: User) -> None:
    """Close her own account: she cannot sign in any more; what was decided stays on record."""
    with transaction.atomic():
        people.shut(person)
        trail.record("accounts.user.closed", by=person, on=person)
        letters.write_to(person, "accounts/email/closed")
