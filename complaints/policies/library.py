"""Rules of the library: which matches an author hears of, and what may be done about one."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from complaints.models import Authorisation, Complaint, Grade, LibraryMatch, PossibleCopy, Work
from complaints.policies import pairs, parties
from complaints.policies.terms import Reason
from portal.engines.fingerprints import Comparison
from portal.engines.fingerprints.transformations import SMALL_AREA
from portal.media.models import Kind, MediaFile
from portal.people.models import User

# Grades of which it is said that imagery is in common. "Similar" says of videos no more than that they change at the same
# moments; of sounds and texts it is the grade of a match.
MATCHING_GRADES = frozenset({Grade.IDENTICAL, Grade.MOTION_CONFIRMED, Grade.IMAGERY, Grade.STATIC})
_SHARE_OF_TEXT = 0.2  # of the shorter text, or
_CHARACTERS = 400  # folded ones, from which passages are told to an author: everybody quotes a sentence


def is_match(kind: str, found: Comparison) -> bool:
    """Whether two works of a kind have so much in common that it is kept, and an author may hear of it.

    A sticker or a logo in both is not enough.
    """
    if found.grade in MATCHING_GRADES:
        return not found.segments or any(SMALL_AREA not in each.transformations for each in found.segments)
    if found.grade != Grade.SIMILAR or kind not in (Kind.AUDIO, Kind.TEXT):
        return False
    if kind == Kind.AUDIO:
        return True
    return found.score >= _SHARE_OF_TEXT or sum(row.hits for row in found.segments) >= _CHARACTERS


def concerns_author(work: Work, post: Work) -> bool:
    """Whether the author of `work` is to hear that the video of `post` matches it.

    Only for posts of other people on a platform, on an account that the author has not authorised, and about which they have
    not complained. The post may be older than the work (is_earlier_post).
    """
    if work.owner is None or work.deleted_at is not None or not (post.external_id and post.account_id):
        return False
    if post.owner_id == work.owner_id:
        return False
    if parties.owns_account(work.owner, post.platform, post.account_id) or pairs.refuse_video_pair(work, post):
        return False
    complained = Complaint.objects.filter(pairs.same_work_query("copy", post), complainant=work.owner)
    return not complained.exists() and not _is_authorised(work, post)


def is_earlier_post(work: Work, post: Work) -> bool:
    """Whether anything says that the post is the older one: then it may be the original, and the work the copy.

    Compared are the dates of publication as far as both are known, and when the portal came to know of each.
    """
    if post.registered_at <= work.registered_at:
        return True
    return bool(post.published_at and work.published_at and post.published_at < work.published_at)


def untold_copies() -> QuerySet[PossibleCopy]:
    """Possible copies of which no message has told their author, and about which they have done nothing."""
    rows = PossibleCopy.objects.filter(told_at=None, dismissed_at=None, complaint=None)
    return rows.filter(work__deleted_at=None, work__owner__is_active=True)


def possible_copies_of(user: User) -> QuerySet[PossibleCopy]:
    """What an author is shown: of their own works, not dismissed, newest first."""
    mine = PossibleCopy.objects.filter(work__owner=user, work__deleted_at=None, dismissed_at=None)
    return mine.select_related("work__media", "post__media", "match__a", "match__b", "complaint").order_by(
        "-found_at", "-pk"
    )


def refuse_possible_copy(copy: PossibleCopy, user: User) -> Reason:
    """Why the user may neither dismiss it nor complain because of it."""
    if copy.work.owner_id != user.pk:
        return _("Only the author of the work can see this.")
    return parties.refuse_complaining(user)


def matches_of_original(complaint: Complaint) -> QuerySet[LibraryMatch]:
    """Other videos in the library that match the original of a complaint: neither its copy nor the complainant's own."""
    original, copy = complaint.original, complaint.copy
    if original is None or original.media_id is None:
        return LibraryMatch.objects.none()
    own = MediaFile.objects.filter(works__owner=complaint.complainant).values("pk")
    same = [original.media_id, *([copy.media_id] if copy is not None and copy.media_id else [])]
    rows = LibraryMatch.objects.filter(Q(a=original.media_id) | Q(b=original.media_id))
    for side, other in (("a", "b"), ("b", "a")):
        rows = rows.exclude(Q(**{side: original.media_id}) & (Q(**{f"{other}__in": same}) | Q(**{f"{other}__in": own})))
    return rows.select_related("a", "b").order_by("found_at", "pk")


def _is_authorised(work: Work, post: Work) -> bool:
    standing = Authorisation.objects.filter(
        Q(work=None) | Q(work=work),
        author=work.owner_id,
        platform=post.platform,
        account_id=post.account_id,
        ended_at=None,
    )
    return standing.exists()
