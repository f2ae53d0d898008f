"""The subject of a case by the number in a URL."""

from django.http import Http404

from portal.reviews import case_kinds
from portal.reviews.casepage.subjects import CaseSubject
from portal.reviews.models import ReviewCase


def case_subject_or_404(number: str) -> CaseSubject:
    """The subject of the case with that number in a URL, or 404."""
    try:
        case = ReviewCase.objects.select_related("claimed_by").numbered(number)
    except ReviewCase.DoesNotExist as error:
        raise Http404 from error
    if case.number != number:
        raise Http404
    return case_kinds.subject_of_case(case)
