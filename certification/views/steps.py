"""The steps of a draft: about you, evidence (views/evidence_step.py), check and submit."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import policies
from certification.actions import applications, drafts
from certification.forms.document_uploads import DocumentUploadForm
from certification.forms.steps import (
    AboutForm,
    ConsentForm,
)
from certification.models import Application
from certification.policies.terms import Gap
from certification.states import ApplicationState
from certification.views import document_uploads, register_words, requirement_view
from certification.views.pages import applicant_page
from certification.views.reading_progress import reading_facts
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.web.form_recovery import submitted_data
from portal.web.pages import is_partial
from portal.web.steps import LinkedText, Step, StepForm, render_autosaved


def completed_steps(application: Application) -> set[str]:
    """Steps in which nothing is missing."""
    requirement = policies.applicable_requirement(application)
    if application.category_id is None or not application.public_name.strip() or requirement is None:
        return set()
    return {"about"} if policies.application_gaps(application) else {"about", "evidence"}


APPLICATION_STEPS = StepForm[Application](
    namespace="certification",
    row_name="application",
    steps=(
        Step("about", _("About you")),
        Step("evidence", _("Evidence and documents")),
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
            return redirect_after_save(request, row, "about", [form])
    if is_partial(request):
        return render_saved(request, [form])
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


@APPLICATION_STEPS.page(ApplicationState.DRAFT)
def check_step(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Step 3: everything once more, what becomes public and what never, consent, hand-in."""
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            applications.submit_application(application=application, by=person_of(request), consent=True)
            messages.success(request, _now("Application received"))
            return redirect(application)
    own = person_of(request).pk == application.applicant_id
    declared = application.credentials.select_related("type").order_by("pk")
    papers = document_uploads.document_upload_forms(application)
    context = {
        "form": form,
        "gaps": [_linked(gap, application) for gap in policies.application_gaps(application)],
        "open_step_url": APPLICATION_STEPS.first_open_url(application),
        "credentials": declared,
        "papers": papers,
        "requirement": policies.applicable_requirement(application),
        **register_words.consent_facts(declared),
        "own": own,
        **reading_facts(request, application),
    }
    return APPLICATION_STEPS.render(request, application, "check", context)


def _linked(gap: Gap, application: Application) -> LinkedText:
    """The gap with the way to its field, in a card that is open."""
    place = f"id_{gap.field}" if gap.field else f"kind-{gap.code}"
    address = APPLICATION_STEPS.url(application, "evidence")
    return LinkedText(gap, f"{address}?{urlencode({'open': gap.code})}#{place}")


def remember_dates(request: HttpRequest, forms: Sequence[DocumentUploadForm]) -> None:
    """Keep in the session that the page has seen the dates that it has stored with its files."""
    for form in forms:
        if form.documents and form.is_bound and "dated_on" in form.fields and not form.errors:
            APPLICATION_STEPS.remember_saved(request, form, {"dated_on": form.cleaned_data.get("dated_on")})


def redirect_after_save(request: HttpRequest, row: Application, step: str, fresh: list[Any]) -> HttpResponseBase:
    """Where a step leads once it is saved; what htmx sent is answered in its line."""
    if is_partial(request):
        return render_saved(request, fresh)
    if row.state != ApplicationState.DRAFT:
        return redirect("certification:request_answer", row.number)
    return APPLICATION_STEPS.redirect_after_save(request, row, step)


def render_saved(request: HttpRequest, forms: list[Any]) -> HttpResponse:
    """The line that says what became of what htmx sent."""
    stale = any(form.is_bound and getattr(form, "is_stale", False) for form in forms)
    wrong = any(form.is_bound and form.errors for form in forms)
    return render_autosaved(request, stale=stale, wrong=wrong)
