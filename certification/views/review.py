"""What a reviewer does on a case page of certification besides deciding: ask, look up, read, reveal a number."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _

from certification.actions import applications, decisions, register_queries
from certification.forms.review import DocumentCheckForm, InformationRequestForm, RegistryCheckForm
from certification.models import Credential, Document
from certification.views.case_subjects import ApplicationSubject, InquirySubject
from portal.people.access import permitted_page, person_of
from portal.people.forms import show_refusals
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.reviews.casepage.lookup import case_subject_or_404
from portal.reviews.casepage.rendering import answer_decision, answer_note, redirect_to_case, render_case_page
from portal.web import form_recovery
from portal.web.pages import is_partial, render_page

P = ParamSpec("P")
CertificationCase = ApplicationSubject | InquirySubject
CaseAction = Callable[Concatenate[HttpRequest, CertificationCase, QueryDict, P], HttpResponseBase]


def case_action(view: CaseAction[P]) -> Callable[..., HttpResponseBase]:
    """An action on an application or on a doubt about its certificate. Other cases lead back to their page.

    The view gets what was sent; or, by GET, what was typed before the person had to sign in again, to be shown.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, number: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        subject, typed = case_subject_or_404(number), form_recovery.submitted_data(request)
        if typed is None or not isinstance(subject, CertificationCase):
            return redirect_to_case(subject.case)
        return view(request, subject, typed, *args, **kwargs)

    return permitted_page(Permission.REVIEW)(second_factor_required(guarded))


@case_action
def review_ask_applicant(request: HttpRequest, subject: CertificationCase, typed: QueryDict) -> HttpResponseBase:
    """Ask the applicant for more; the case rests until they answer."""
    if isinstance(subject, InquirySubject):
        return redirect_to_case(subject.case)
    form = InformationRequestForm(typed, auto_id="id_ask_%s")
    if request.method != "POST":
        return render_case_page(request, subject, {"ask": form})
    if form.is_valid():
        with show_refusals(form):
            applications.request_information(
                application=subject.application, by=person_of(request), **form.cleaned_data
            )
    thanks = _("Your request was sent. The case is paused until the answer arrives.")
    return answer_decision(request, subject, "ask", form, thanks)


@case_action
def review_look_up(request: HttpRequest, subject: CertificationCase, typed: QueryDict, pk: int) -> HttpResponseBase:
    """Note what the official register says about a credential."""
    credential = _credential(subject, pk)
    if credential is None:
        return redirect_to_case(subject.case)
    form = RegistryCheckForm(typed, request.FILES or None, credential=credential, owner=person_of(request))
    if request.method != "POST":
        return render_case_page(request, subject, {form.prefix or "": form})
    if form.is_valid():
        with show_refusals(form):
            decisions.record_registry_check(credential=credential, by=person_of(request), **form.cleaned_data)
    return answer_note(request, subject, form, f"credential-{pk}")


@case_action
def review_ask_register(
    request: HttpRequest, subject: CertificationCase, _typed: QueryDict, pk: int
) -> HttpResponseBase:
    """Have the register of a credential asked again."""
    credential = _credential(subject, pk)
    if credential is None or request.method != "POST":
        return redirect_to_case(subject.case)
    register_queries.ask_register_again(credential=credential, by=person_of(request))
    messages.success(request, _("The register is being asked. Reload the page in a moment to see its answer."))
    return redirect_to_case(subject.case)


@case_action
def review_paper_check(request: HttpRequest, subject: CertificationCase, typed: QueryDict, pk: int) -> HttpResponseBase:
    """Note what a paper says."""
    document = _document(subject, pk)
    if document is None:
        return redirect_to_case(subject.case)
    form = DocumentCheckForm(typed, document=document)
    if request.method != "POST":
        return render_case_page(request, subject, {form.prefix or "": form})
    if form.is_valid():
        with show_refusals(form):
            decisions.record_document_check(document=document, by=person_of(request), **form.cleaned_data)
    return answer_note(request, subject, form, f"document-{pk}")


@case_action
def review_number_reveal(
    request: HttpRequest, subject: CertificationCase, _typed: QueryDict, pk: int
) -> HttpResponseBase:
    """A number in full, once; the look is logged."""
    credential = _credential(subject, pk)
    if credential is None or request.method != "POST":
        return redirect_to_case(subject.case)
    shown = applications.reveal_credential_number(credential=credential, by=person_of(request))
    if is_partial(request):
        return render_page(request, "certification/reviewer/_revealed_number.html", {"shown": shown})
    return render_case_page(request, subject, opened={pk: shown})


def _credential(subject: CertificationCase, pk: int) -> Credential | None:
    row = subject.application.credentials.select_related("type").filter(pk=pk).first()
    if row is not None:
        row.application = subject.application
    return row


def _document(subject: CertificationCase, pk: int) -> Document | None:
    row = subject.application.documents.current().filter(pk=pk).first()
    if row is not None:
        row.application = subject.application
    return row
