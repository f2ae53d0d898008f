"""The four steps of a draft: about you, credentials, documents, check and submit."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import policies
from certification.actions import applications, drafts
from certification.forms.steps import (
    AboutForm,
    ConsentForm,
    CredentialForm,
    credential_facts,
    credentials_by_code,
    stored_number_mark,
)
from certification.models import Application
from certification.states import EDITABLE_STATES, ApplicationState
from certification.views import document_uploads, requirement_view
from certification.views.pages import applicant_page
from portal.evidence.models import FileState
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.web.form_recovery import submitted_data
from portal.web.pages import is_partial
from portal.web.steps import Step, StepForm, render_autosaved


def completed_steps(application: Application) -> set[str]:
    """Steps in which nothing is missing."""
    requirement = policies.applicable_requirement(application)
    if application.category_id is None or not application.public_name.strip() or requirement is None:
        return set()
    missing = sum(form.is_missing for form in document_uploads.document_upload_forms(application))
    gaps = len(policies.application_gaps(application))
    return {"about"} | ({"credentials"} if gaps == missing else set()) | (set() if gaps else {"documents"})


APPLICATION_STEPS = StepForm[Application](
    namespace="certification",
    row_name="application",
    steps=(
        Step("about", _("About you")),
        Step("credentials", _("Credentials")),
        Step("documents", _("Documents")),
        Step("check", _("Check and submit")),
    ),
    completed=completed_steps,
    guard=applicant_page,
    discard_name="draft_discard",
    sent_message=_("This application was submitted in the meantime; nothing was changed."),
)


@APPLICATION_STEPS.page(ApplicationState.DRAFT)
def about_you_step(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Step 1: category, name and texts. Saved as a whole, or by htmx as far as it can be read."""
    offered = requirement_view.offers_in_area(application.area)
    categories = [offer.category for offer in offered]
    with transaction.atomic():
        # Locked, so that what two windows send is compared one after the other.
        row = Application.objects.locked().get(pk=application.pk)
        written = APPLICATION_STEPS.saved_marks(request)
        form = AboutForm(submitted_data(request), application=row, categories=categories, written=written)
        if request.method == "POST" and _save_about(row, form, request):
            return _redirect_after_save(request, row, "about", [form])
    if is_partial(request):
        return _render_autosaved(request, [form])
    return APPLICATION_STEPS.render(request, row, "about", {"form": form, "offers": offered})


def _save_about(row: Application, form: AboutForm, request: HttpRequest) -> bool:
    whole = form.is_valid()
    if not whole and not is_partial(request):
        return False
    wrong = len(form.errors)
    with show_refusals(form):
        drafts.save_application_draft(
            application=row, by=person_of(request), category=form.cleaned_data.get("category"), texts=form.texts()
        )
        APPLICATION_STEPS.remember_saved(request, form, form.stored_of(row))
    return len(form.errors) == wrong


@APPLICATION_STEPS.page(*EDITABLE_STATES)
def credentials_step(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Step 2: what is declared of each credential. Good ones are saved even when another one is wrong."""
    if policies.applicable_requirement(application) is None:
        return redirect("certification:about", application.number)
    person = person_of(request)
    refusal = policies.refuse_attaching(application, person)
    with transaction.atomic():
        # Locked, so that what two windows send is compared one after the other.
        row = Application.objects.locked().get(pk=application.pk)
        groups = _credential_groups(row, submitted_data(request), APPLICATION_STEPS.saved_marks(request))
        if request.method == "POST" and not refusal:
            if request.POST.get("undeclare"):
                return _remove_credential(request, row)
            forms = [form for group in groups for form in group["forms"]]
            good = [_save_credential(row, form, request) for form in forms]
            if all(good):
                return _redirect_after_save(request, row, "credentials", forms)
            if is_partial(request):
                return _render_autosaved(request, forms)
    return APPLICATION_STEPS.render(request, row, "credentials", {"groups": groups, "refusal": refusal})


def _credential_groups(row: Application, data: Any, written: dict[str, str]) -> list[dict[str, Any]]:
    requirement = policies.applicable_requirement(row)
    declared = credentials_by_code(row.credentials.select_related("type"))
    return [
        {
            "choice": part.choice,
            "forms": [
                CredentialForm(data, kind=kind, credential=declared.get(kind.code), written=written)
                for kind in part.kinds
            ],
        }
        for part in (requirement_view.requirement_parts(requirement) if requirement else [])
    ]


def _save_credential(row: Application, form: CredentialForm, request: HttpRequest) -> bool:
    """True if there was nothing wrong with it."""
    if not form.is_filled and not form.is_declared:
        return True
    if not form.is_valid():
        return False
    if form.has_news:
        with show_refusals(form):
            number = form.cleaned_data.get("number", "")
            form.credential = drafts.declare_credential(
                application=row, by=person_of(request), kind=form.kind, number=number, facts=form.facts()
            )
            stored = {**credential_facts(form.credential), **stored_number_mark(form.credential)}
            APPLICATION_STEPS.remember_saved(request, form, stored)
    return not form.errors


def _remove_credential(request: HttpRequest, row: Application) -> HttpResponseBase:
    credential = row.credentials.filter(type__code=request.POST["undeclare"]).select_related("application").first()
    if credential is not None:
        drafts.remove_credential(credential=credential, by=person_of(request))
    return redirect("certification:credentials", row.number)


@APPLICATION_STEPS.page(ApplicationState.DRAFT)
def documents_step(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Step 3: a place for every document. Files are kept one by one, good ones also when another is bad."""
    person = person_of(request)
    refusal = policies.refuse_attaching(application, person)
    forms = document_uploads.document_upload_forms(application, request if request.method == "POST" else None)
    if request.method == "POST" and not refusal:
        if document_uploads.receive_uploads(application, forms, request):
            return _redirect_after_save(request, application, "documents", [])
        forms = document_uploads.forms_with_errors(application, forms)
    return APPLICATION_STEPS.render(request, application, "documents", {"forms": forms, "refusal": refusal})


@APPLICATION_STEPS.page(ApplicationState.DRAFT)
def check_step(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Step 4: everything once more, what becomes public and what never, consent, hand-in."""
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            applications.submit_application(application=application, by=person_of(request), consent=True)
            messages.success(request, _now("Application received"))
            return redirect(application)
    declared = application.credentials.select_related("type").order_by("pk")
    papers = document_uploads.document_upload_forms(application)
    context = {
        "form": form,
        "gaps": policies.application_gaps(application),
        "opening": sum(document.file.state == FileState.STORED for paper in papers for document in paper.documents),
        "open_step_url": APPLICATION_STEPS.first_open_url(application),
        "credentials": declared,
        "papers": papers,
        "requirement": policies.applicable_requirement(application),
        "own": person_of(request).pk == application.applicant_id,
    }
    return APPLICATION_STEPS.render(request, application, "check", context)


def _redirect_after_save(request: HttpRequest, row: Application, step: str, fresh: list[Any]) -> HttpResponseBase:
    if is_partial(request):
        return _render_autosaved(request, fresh)
    if row.state != ApplicationState.DRAFT:
        return redirect("certification:request_answer", row.number)
    return APPLICATION_STEPS.redirect_after_save(request, row, step)


def _render_autosaved(request: HttpRequest, forms: list[Any]) -> HttpResponse:
    stale = any(form.is_bound and form.is_stale for form in forms)
    wrong = any(form.is_bound and form.errors for form in forms)
    return render_autosaved(request, stale=stale, wrong=wrong)
