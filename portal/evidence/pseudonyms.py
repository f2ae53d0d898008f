"""How people who looked at somebody's documents are called towards that person: the same every time, and for nobody else."""

from django.utils.translation import gettext as _

from portal import vault
from portal.people.models import User
from portal.people.roles import Permission

_LETTERS = 6


def viewer_pseudonym(viewer: User | None, owner: User) -> str:
    """Such as "Reviewer 3F9A1C"; another one towards another owner, so that two of them cannot compare."""
    if viewer is None:
        return _("the system")
    if not viewer.may(Permission.REVIEW):
        return _("the other side of the complaint")
    code = vault.keyed_fingerprint(f"evidence.look:{owner.pk}:{viewer.pk}")[:_LETTERS].upper()
    return _("Reviewer %(code)s") % {"code": code}
