"""Where one follower stands in the ledger of all restitutions of a platform."""

from django.db import connection

from complaints.models import Restitution, RestitutionPage
from complaints.models.restitutions import RestitutionPageQuerySet, RestitutionQuerySet

# The index has this expression and this condition (migrations): of all pages, those whose span of ids holds the follower.
_CONCERNS = """
    SELECT p.id FROM complaints_restitutionpage p
    JOIN complaints_restitution r ON r.id = p.restitution_id AND r.platform = %(platform)s
    WHERE cardinality(p.moved) + cardinality(p.already) + cardinality(p.invited) > 0
      AND int8range(LEAST(p.moved[1], p.already[1], p.invited[1],
                p.moved[cardinality(p.moved)], p.already[cardinality(p.already)], p.invited[cardinality(p.invited)]),
            GREATEST(p.moved[1], p.already[1], p.invited[1],
                p.moved[cardinality(p.moved)], p.already[cardinality(p.already)], p.invited[cardinality(p.invited)]),
            '[]') @> %(follower)s::bigint
      AND (%(follower)s = ANY (p.moved) OR %(follower)s = ANY (p.already) OR %(follower)s = ANY (p.invited))"""


def pages_concerning(platform: str, follower_id: int) -> RestitutionPageQuerySet:
    """The pages of a platform that say that this follower moved, that a follow of theirs ended, or that they are asked."""
    with connection.cursor() as cursor:
        cursor.execute(_CONCERNS, {"platform": platform, "follower": follower_id})
        return RestitutionPage.objects.filter(pk__in=[pk for (pk,) in cursor.fetchall()])


def followed_both(pages: RestitutionPageQuerySet, follower_id: int) -> set[int]:
    """Ids of the restitutions, among those of these pages, that only ended a follow of theirs: nobody moved them."""
    return set(pages.filter(already__contains=[follower_id]).values_list("restitution", flat=True))


def restitutions_of(pages: RestitutionPageQuerySet) -> RestitutionQuerySet:
    """The restitutions of these pages, latest first."""
    return Restitution.objects.filter(pk__in=pages.values("restitution")).order_by("-planned_at", "-pk")
