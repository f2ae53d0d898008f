"""What a reviewer does on the case page of an application besides deciding: ask, look up, read, reveal a number."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from certification.actions import applications, decisions
from certification.forms.review import DocumentCheckForm, InformationRequestForm, RegistryCheckForm
from certification.models import Credential, Document
from certification.views.case_subjects import ApplicationSubject
from portal.people.access import permitted_page, person_of
from portal.people.forms import show_refusals
from portal.people.roles import Permission
from portal.reviews.casepage.lookup import case_subject_or_404
from portal.reviews.casepage.rendering import answer_decision, answer_note, redirect_to_case, render_case_page
from portal.web.pages import is_partial, render_page

P = ParamSpec("P")
CaseAction = Callable[Concatenate[HttpRequest, ApplicationSubject, P], HttpResponseBase]


def case_action(view: CaseAction[P]) -> Callable[..., HttpResponseBase]:
    """An action on the case of an application. Whatever does not fit such a case leads back to its page."""

    @wraps(view)
    def guarded(request: HttpRequest, /, number: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        subject = case_subject_or_404(number)
        if request.method != "POST" or not isinstance(subject, ApplicationSubject):
            return redirect_to_case(subject.case)
        return view(request, subject, *args, **kwargs)

    return permitted_page(Permission.REVIEW)(guarded)


@case_action
def review_ask_applicant(request: HttpRequest, subject: ApplicationSubject) -> HttpResponseBase:
    """Ask the applicant for more; the case rests until they answer."""
    form = InformationRequestForm(request.POST, auto_id="id_ask_%s")
    if form.is_valid():
        with show_refusals(form):
            applications.request_information(
                application=subject.application, by=person_of(request), **form.cleaned_data
            )
    thanks = _("Your question was sent. The case rests until the answer comes.")
    return answer_decision(request, subject, "ask", form, thanks)


@case_action
def review_look_up(request: HttpRequest, subject: ApplicationSubject, pk: int) -> HttpResponseBase:
    """Note what the official register says about a credential."""
    credential = _credential(subject, pk)
    if credential is None:
        return redirect_to_case(subject.case)
    form = RegistryCheckForm(request.POST, credential=credential)
    if form.is_valid():
        with show_refusals(form):
            decisions.record_registry_check(credential=credential, by=person_of(request), **form.cleaned_data)
    return answer_note(request, subject, form, f"credential-{pk}")


@case_action
def review_paper_check(request: HttpRequest, subject: ApplicationSubject, pk: int) -> HttpResponseBase:
    """Note what a paper says."""
    document = _document(subject, pk)
    if document is None:
        return redirect_to_case(subject.case)
    form = DocumentCheckForm(request.POST, document=document)
    if form.is_valid():
        with show_refusals(form):
            decisions.record_document_check(document=document, by=person_of(request), **form.cleaned_data)
    return answer_note(request, subject, form, f"document-{pk}")


@case_action
def review_number_reveal(request: HttpRequest, subject: ApplicationSubject, pk: int) -> HttpResponseBase:
    """A number in full, once; the look is logged."""
    credential = _credential(subject, pk)
    if credential is None:
        return redirect_to_case(subject.case)
    shown = applications.reveal_credential_number(credential=credential, by=person_of(request))
    if is_partial(request):
        return render_page(request, "certification/reviewer/_revealed_number.html", {"shown": shown})
    return render_case_page(request, subject, opened={pk: shown})


def _credential(subject: ApplicationSubject, pk: int) -> Credential | None:
    row = subject.application.credentials.select_related("type").filter(pk=pk).first()
    if row is not None:
        row.application = subject.application
    return row


def _document(subject: ApplicationSubject, pk: int) -> Document | None:
    row = subject.application.documents.current().filter(pk=pk).first()
    if row is not None:
        row.application = subject.application
    return row
