"""What a reviewer does on the case page of a complaint besides deciding: play the videos, open contact data."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from complaints.actions import comparison_evidence, contacts
from complaints.policies import evidence as policy
from complaints.views import evidence, reviewer_context, videos
from complaints.views.case_subjects import ComplaintSubject
from portal.people.access import permitted_page, person_of
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.reviews.casepage.lookup import case_subject_or_404
from portal.reviews.casepage.rendering import redirect_to_case, render_case_page
from portal.web.pages import is_partial, render_page

_SIDES = {reviewer_context.VIDEO_A: videos.ORIGINAL, reviewer_context.VIDEO_B: videos.COPY}


@permitted_page(Permission.REVIEW)
@second_factor_required
@require_safe
def review_video(request: HttpRequest, number: str, name: str) -> HttpResponseBase:
    """One of the two videos, by ranges, for the holder of the case; the look is logged."""
    subject = _workable_subject_or_404(request, number)
    if name not in _SIDES:
        raise Http404
    return videos.play_video(request, subject.complaint, _SIDES[name])


@permitted_page(Permission.REVIEW)
@second_factor_required
@require_safe
def review_evidence_file(request: HttpRequest, number: str) -> HttpResponseBase:
    """The sealed evidence, as both sides get it, for the holder of the case."""
    return evidence.evidence_download(request, _workable_subject_or_404(request, number).complaint)


@permitted_page(Permission.REVIEW)
@second_factor_required
@require_safe
def review_evidence_picture(request: HttpRequest, number: str, kind: str, place: int) -> HttpResponseBase:
    """One of its pictures, for the holder of the case."""
    return evidence.evidence_picture(request, _workable_subject_or_404(request, number).complaint, kind, place)


@permitted_page(Permission.REVIEW)
@second_factor_required
@require_POST
def review_evidence_again(request: HttpRequest, number: str) -> HttpResponseBase:
    """Have the pictures of the last comparison made once more, where they could not be; for the holder of the case."""
    subject = _workable_subject_or_404(request, number)
    comparison = subject.complaint.comparisons.first()
    if comparison is None:
        raise Http404
    if reason := policy.refuse_drawing_again(comparison):
        messages.info(request, str(reason))
    else:
        comparison_evidence.enqueue_again(comparison=comparison, by=person_of(request))
        messages.success(request, _("The file is being made. It appears here within minutes."))
    return redirect_to_case(subject.case)


@permitted_page(Permission.REVIEW)
@second_factor_required
def review_contact(request: HttpRequest, number: str, side: str) -> HttpResponseBase:
    """Name and address of one side, once; the look is logged."""
    subject = complaint_subject_or_404(number)
    if request.method != "POST" or side not in reviewer_context.SIDES_BY_NAME:
        return redirect_to_case(subject.case)
    shown = contacts.read_party_contact(complaint=subject.complaint, by=person_of(request), side=side)
    if is_partial(request):
        return render_page(request, "complaints/reviewer/_contact.html", {"opened": shown})
    return render_case_page(request, subject, opened={side: shown})


def complaint_subject_or_404(number: str) -> ComplaintSubject:
    """The subject of a case about a complaint; 404 for every other case."""
    subject = case_subject_or_404(number)
    if not isinstance(subject, ComplaintSubject):
        raise Http404
    return subject


def _workable_subject_or_404(request: HttpRequest, number: str) -> ComplaintSubject:
    """The subject, for whoever may work on its case now."""
    subject = complaint_subject_or_404(number)
    if subject.refuse_work(person_of(request)):
        raise Http404
    return subject
