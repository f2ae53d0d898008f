"""The four steps of a draft: about you, credentials, documents, check and submit."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
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
from certification.views.pages import ApplicationView, applicant_page
from portal import clock
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.web import form_recovery
from portal.web.pages import is_partial, render_page

_SAVED_MARKS = "certification.written"


@dataclass(frozen=True)
class ApplicationStep:
    """One step: its name in URLs and its title."""

    name: str
    title: Promise


APPLICATION_STEPS = (
    ApplicationStep("about", _("About you")),
    ApplicationStep("credentials", _("Credentials")),
    ApplicationStep("documents", _("Documents")),
    ApplicationStep("check", _("Check and submit")),
)


def step_url(application: Application, name: str) -> str:
    """Where a step is."""
    return reverse(f"certification:{name}", args=[application.number])


def stepper_items(application: Application, current: str) -> list[dict[str, Any]]:
    """The steps for the component of this name."""
    done = completed_steps(application)
    return [
        {
            "label": step.title,
            "url": step_url(application, step.name),
            "done": step.name in done,
            "current": step.name == current,
        }
        for step in APPLICATION_STEPS
    ]


def completed_steps(application: Application) -> set[str]:
    """Steps in which nothing is missing."""
    requirement = policies.applicable_requirement(application)
    if application.category_id is None or not application.public_name.strip() or requirement is None:
        return set()
    missing = sum(form.is_missing for form in document_uploads.document_upload_forms(application))
    gaps = len(policies.application_gaps(application))
    return {"about"} | ({"credentials"} if gaps == missing else set()) | (set() if gaps else {"documents"})


def first_open_step(application: Application) -> str:
    """Where a draft goes on."""
    done = completed_steps(application)
    return next(step.name for step in APPLICATION_STEPS if step.name not in done)


def step_page(*states: str) -> Callable[[ApplicationView], Callable[..., HttpResponseBase]]:
    """A step of an application in one of the states; in any other its status page is shown instead."""

    def decorate(view: ApplicationView) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def opened(request: HttpRequest, application: Application) -> HttpResponseBase:
            if application.state in states:
                return view(request, application)
            if request.method == "POST":
                messages.info(request, _now("This application was handed in meanwhile; nothing was changed."))
            return redirect(application)

        return applicant_page(opened)

    return decorate


@step_page(ApplicationState.DRAFT)
def about_you_step(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Step 1: category, name and texts. Saved as a whole, or by htmx as far as it can be read."""
    offered = requirement_view.offers_in_area(application.area)
    categories = [offer.category for offer in offered]
    with transaction.atomic():
        # Locked, so that what two windows send is compared one after the other.
        row = Application.objects.locked().get(pk=application.pk)
        form = AboutForm(
            _submitted_data(request), application=row, categories=categories, written=_saved_marks(request)
        )
        if request.method == "POST" and _save_about(row, form, request):
            return _redirect_after_save(request, row, "about", [form])
    if is_partial(request):
        return _render_autosaved(request, [form])
    return _render_step(request, row, "about", {"form": form, "offers": offered})


def _save_about(row: Application, form: AboutForm, request: HttpRequest) -> bool:
    whole = form.is_valid()
    if not whole and (not is_partial(request) or form.is_stale):
        return False
    wrong = len(form.errors)
    with show_refusals(form):
        drafts.save_application_draft(
            application=row, by=person_of(request), category=form.cleaned_data.get("category"), texts=form.texts()
        )
        request.session[_SAVED_MARKS] = form.remember(_saved_marks(request), form.stored_of(row))
    return len(form.errors) == wrong


@step_page(*EDITABLE_STATES)
def credentials_step(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Step 2: what is declared of each credential. Good ones are saved even when another one is wrong."""
    if policies.applicable_requirement(application) is None:
        return redirect("certification:about", application.number)
    person = person_of(request)
    refusal = policies.refuse_attaching(application, person)
    with transaction.atomic():
        # Locked, so that what two windows send is compared one after the other.
        row = Application.objects.locked().get(pk=application.pk)
        groups = _credential_groups(row, _submitted_data(request), _saved_marks(request))
        if request.method == "POST" and not refusal:
            if request.POST.get("undeclare"):
                return _remove_credential(request, row)
            forms = [form for group in groups for form in group["forms"]]
            good = [_save_credential(row, form, request) for form in forms]
            if all(good):
                return _redirect_after_save(request, row, "credentials", forms)
            if is_partial(request):
                return _render_autosaved(request, forms)
    return _render_step(request, row, "credentials", {"groups": groups, "refusal": refusal})


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
            request.session[_SAVED_MARKS] = form.remember(_saved_marks(request), stored)
    return not form.errors


def _remove_credential(request: HttpRequest, row: Application) -> HttpResponseBase:
    credential = row.credentials.filter(type__code=request.POST["undeclare"]).select_related("application").first()
    if credential is not None:
        drafts.remove_credential(credential=credential, by=person_of(request))
    return redirect("certification:credentials", row.number)


@step_page(ApplicationState.DRAFT)
def documents_step(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Step 3: a place for every document. Files are kept one by one, good ones also when another is bad."""
    person = person_of(request)
    refusal = policies.refuse_attaching(application, person)
    forms = document_uploads.document_upload_forms(application, request if request.method == "POST" else None)
    if request.method == "POST" and not refusal:
        if document_uploads.receive_uploads(application, forms, request):
            return _redirect_after_save(request, application, "documents", [])
        forms = document_uploads.forms_with_errors(application, forms)
    return _render_step(request, application, "documents", {"forms": forms, "refusal": refusal})


@step_page(ApplicationState.DRAFT)
def check_step(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Step 4: everything once more, what becomes public and what never, consent, hand-in."""
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            applications.submit_application(application=application, by=person_of(request), consent=True)
            messages.success(request, _now("Your application was received."))
            return redirect(application)
    declared = application.credentials.select_related("type").order_by("pk")
    context = {
        "form": form,
        "gaps": policies.application_gaps(application),
        "open_step_url": step_url(application, first_open_step(application)),
        "credentials": declared,
        "papers": document_uploads.document_upload_forms(application),
        "requirement": policies.applicable_requirement(application),
        "own": person_of(request).pk == application.applicant_id,
    }
    return _render_step(request, application, "check", context)


def _saved_marks(request: HttpRequest) -> dict[str, str]:
    """What this session's pages have saved last, page by page."""
    return dict(request.session.get(_SAVED_MARKS, {}))


def _submitted_data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else form_recovery.take_unsaved_form(request)


def _redirect_after_save(request: HttpRequest, row: Application, step: str, fresh: list[Any]) -> HttpResponseBase:
    if is_partial(request):
        return _render_autosaved(request, fresh)
    if row.state != ApplicationState.DRAFT:
        return redirect("certification:request_answer", row.number)
    names = [known.name for known in APPLICATION_STEPS]
    stay = "next" not in request.POST
    return redirect(step_url(row, step if stay else names[names.index(step) + 1]))


def _render_autosaved(request: HttpRequest, forms: list[Any]) -> HttpResponse:
    stale = any(form.is_bound and form.is_stale for form in forms)
    wrong = any(form.is_bound and form.errors for form in forms)
    context = {"stale": stale, "wrong": wrong, "at": clock.now()}
    return render_page(request, "certification/creator/_autosaved.html", context)


def _render_step(request: HttpRequest, row: Application, step: str, context: dict[str, Any]) -> HttpResponse:
    about_step = {"application": row, "steps": stepper_items(row, step), "step": step}
    return render_page(
        request, f"certification/creator/{step}.html", about_step | context, wrong=request.method == "POST"
    )
