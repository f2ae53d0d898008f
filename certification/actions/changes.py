"""Changes of certificates get their place in the order in which programs read them.

The database notes each change in the transaction that makes it (certification/models/changes.py). Ids are given before the
commit, so that one with a smaller id may be seen later; places are given to what is committed, one after another, by
whoever reads next. What a reader was given is therefore never followed by a change with an earlier place.

A link between a person and an account is noted by itself, and becomes a change of each of the person's certificates when
places are given, after its commit. For a certificate that is issued at the same moment there are two cases. It was committed
by then: the link's change includes it. It was not: its own change gets a later place, and whoever reads that sees the link.
"""

from django.db import connection, transaction

from certification.models import CertificateChange, LinkChange
from portal.people.models import LinkedAccount
from portal.workflow import lock_names

_LOCK = "certification.changes"
_SPREAD = """
    WITH told AS (
        DELETE FROM certification_linkchange
        WHERE id IN (SELECT id FROM certification_linkchange ORDER BY id LIMIT %s)
        RETURNING id, person_id, platform)
    INSERT INTO certification_certificatechange (certificate_id, state, platform)
    SELECT c.id, c.state, told.platform
    FROM told JOIN certification_certificate c ON c.holder_id = told.person_id ORDER BY told.id, c.id"""
_NUMBER = """
    WITH last AS (SELECT coalesce(max(position), 0) AS position FROM certification_certificatechange),
    fresh AS (
        SELECT id, row_number() OVER (ORDER BY id) AS place
        FROM (SELECT id FROM certification_certificatechange WHERE position IS NULL ORDER BY id LIMIT %s) committed)
    UPDATE certification_certificatechange c SET position = last.position + fresh.place
    FROM fresh, last WHERE c.id = fresh.id"""


def number_changes(most: int) -> None:
    """Give up to `most` committed changes their places, after all that have one. Safe to run many times at once.

    The lock is taken by a statement of its own: the next ones see what its last holder committed.
    """
    if not has_fresh_changes():
        return
    with transaction.atomic():
        lock_names(_LOCK)
        with connection.cursor() as cursor:
            cursor.execute(_SPREAD, [most])
            cursor.execute(_NUMBER, [most])


def has_fresh_changes() -> bool:
    """Whether there are committed changes without a place. Two queries at most."""
    return CertificateChange.objects.filter(position=None).exists() or LinkChange.objects.exists()


def note_link_change(link: LinkedAccount) -> None:
    """The certificates of whoever has proven an account, or no longer has it, concern its platform from now on, or no more."""
    LinkChange.objects.create(person_id=link.person_id, platform=link.platform)
