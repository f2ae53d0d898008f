"""Changes of certificates get their place in the order in which programs read them.

The database notes each change in the transaction that makes it (certification/models/changes.py). Ids are given before the
commit, so that one with a smaller id may be seen later; places are given to what is committed, one after another, by
whoever reads next. What a reader was given is therefore never followed by a change with an earlier place.
"""

from django.db import connection, transaction

from certification.models import Certificate, CertificateChange
from portal.people.models import LinkedAccount
from portal.workflow import lock_names

_LOCK = "certification.changes"
_NUMBER = """
    WITH last AS (SELECT coalesce(max(position), 0) AS position FROM certification_certificatechange),
    fresh AS (
        SELECT id, row_number() OVER (ORDER BY id) AS place
        FROM (SELECT id FROM certification_certificatechange WHERE position IS NULL ORDER BY id LIMIT %s) committed)
    UPDATE certification_certificatechange c SET position = last.position + fresh.place
    FROM fresh, last WHERE c.id = fresh.id"""


def number_changes(most: int) -> None:
    """Give up to `most` committed changes their places, after all that have one. Safe to run many times at once.

    The lock is taken by a statement of its own: the next one sees what its last holder committed.
    """
    if not CertificateChange.objects.filter(position=None).exists():
        return
    with transaction.atomic():
        lock_names(_LOCK)
        with connection.cursor() as cursor:
            cursor.execute(_NUMBER, [most])


def note_link_change(link: LinkedAccount) -> None:
    """The certificates of whoever has proven an account, or no longer has it, concern its platform from now on, or no more."""
    rows = Certificate.objects.filter(holder=link.person_id).order_by("pk")
    CertificateChange.objects.bulk_create(
        CertificateChange(certificate_id=pk, state=state, platform=link.platform)
        for pk, state in rows.values_list("pk", "state")
    )
