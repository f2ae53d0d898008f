"""The evidence step of a draft: what is asked for, each with its number, its dates and its files on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from certification import policies, readings
from certification.actions import drafts, reading
from certification.forms.document_uploads import DocumentUploadForm
from certification.forms.steps import CredentialForm, credential_facts, credentials_by_code, stored_number_mark
from certification.models import Application, CredentialType, ReadField
from certification.states import EDITABLE_STATES, ApplicationState
from certification.views import document_uploads, requirement_view
from certification.views.steps import APPLICATION_STEPS, redirect_after_save, remember_dates, render_saved
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.web.form_recovery import submitted_data
from portal.web.pages import is_partial

STEP = "evidence"


@dataclass
class EvidenceCard:
    """One credential on the page: what is declared of it, and a form for each of its documents."""

    declared: CredentialForm
    uploads: Sequence[DocumentUploadForm]
    optional: bool
    is_open: bool = False

    @property
    def forms(self) -> list[Any]:
        """All forms of the card, in the order of the page."""
        return [self.declared, *self.uploads]

    @property
    def is_begun(self) -> bool:
        """Whether anything of it is stored or was typed, or something is wrong."""
        return self.declared.is_declared or self.declared.is_filled or any(form.errors for form in self.forms)

    @property
    def missing(self) -> list[str]:
        """What is still to be given, as the labels of its fields."""
        return [*self.declared.missing, *(name for form in self.uploads for name in form.missing)]

    @property
    def is_complete(self) -> bool:
        """Whether it is declared, and nothing of it is missing."""
        return self.declared.is_declared and not self.missing

    @property
    def has_errors(self) -> bool:
        """Whether something that was sent is wrong."""
        return any(form.errors for form in self.forms)

    @property
    def file_names(self) -> list[str]:
        """Names of the file inputs, which only a button sends."""
        return [name for form in self.uploads for name in form.file_names]


@dataclass(frozen=True)
class EvidenceGroup:
    """Cards of which all, or if `choice` any one, is needed. `extra`: declared, and not asked for any more."""

    cards: Sequence[EvidenceCard]
    choice: bool = False
    extra: bool = False


@APPLICATION_STEPS.page(*EDITABLE_STATES)
def evidence_step(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Step 2: numbers, dates and files. What is good is saved even when something else is wrong."""
    if policies.applicable_requirement(application) is None:
        return redirect("certification:about", application.number)
    refusal = policies.refuse_attaching(application, person_of(request))
    sends = request.method == "POST" and not refusal
    with transaction.atomic():
        # Locked, so that what two windows send is compared one after the other.
        row = Application.objects.locked().get(pk=application.pk)
        if sends and request.POST.get("undeclare"):
            return _remove_credential(request, row)
        answers = sends and bool({"use_read", "keep_read"} & request.POST.keys())
        if answers and not request.FILES:
            return _answer_offer(request, row)
        groups, other = _evidence_groups(row, request)
        cards = [card for group in groups for card in group.cards]
        good = [_save_credential(row, card.declared, request) for card in cards] if sends else []
    if sends and _save_files(row, groups, other, request) and all(good):
        saved = redirect_after_save(request, row, STEP, [card.declared for card in cards])
        return _answer_offer_again(request, row) if answers else saved
    forms = [*(form for card in cards for form in card.forms), other]
    if sends and is_partial(request):
        return render_saved(request, forms)
    offers = [] if refusal else readings.open_offers(row)
    _open_cards(groups, request.GET.get("open", ""))
    context = {"groups": groups, "other": other, "forms": forms, "refusal": refusal, "offers": offers}
    context["being_read"] = readings.files_being_read(row)
    unsent = ",".join([*(name for card in cards for name in card.file_names), *other.file_names])
    return APPLICATION_STEPS.render(request, row, STEP, context | {"unsent": unsent})


def _evidence_groups(row: Application, request: HttpRequest) -> tuple[list[EvidenceGroup], DocumentUploadForm]:
    """The groups, and the form of other documents."""
    requirement = policies.applicable_requirement(row)
    parts = requirement_view.requirement_parts(requirement) if requirement else []
    declared = credentials_by_code(row.credentials.select_related("type"))
    asked = [kind for part in parts for kind in part.kinds]
    extra = [found.type for code, found in declared.items() if code not in {kind.code for kind in asked}]
    data = submitted_data(request)
    pairs = [(kind, declared.get(kind.code)) for kind in [*asked, *extra]]
    sent = request if request.method == "POST" else None
    written = APPLICATION_STEPS.saved_marks(request)
    *uploads, other = document_uploads.upload_forms(row, pairs, data, sent, written)

    def card(kind: CredentialType, *, optional: bool) -> EvidenceCard:
        typed = data if CredentialForm.is_in(data, kind) else None
        form = CredentialForm(typed, kind=kind, credential=declared.get(kind.code), written=written)
        return EvidenceCard(form, [one for one in uploads if one.type == kind], optional)

    groups = [EvidenceGroup([card(kind, optional=part.choice) for kind in part.kinds], part.choice) for part in parts]
    if extra:
        groups.append(EvidenceGroup([card(kind, optional=True) for kind in extra], extra=True))
    return groups, other


def _open_cards(groups: Sequence[EvidenceGroup], asked: str) -> None:
    """Few fields at once: open are the card that a link asks for, those with errors, and the first that is not complete."""
    first = next((card for card in _needed_cards(groups) if not card.is_complete), None)
    for group in groups:
        for card in group.cards:
            card.is_open = card is first or card.has_errors or card.declared.kind.code == asked


def _needed_cards(groups: Sequence[EvidenceGroup]) -> list[EvidenceCard]:
    """Of a choice the one that was begun, or the first one."""
    needed: list[EvidenceCard] = []
    for group in groups:
        begun = [card for card in group.cards if card.is_begun]
        needed += (begun or group.cards[:1]) if group.choice else group.cards
    return needed


def _save_credential(row: Application, form: CredentialForm, request: HttpRequest) -> bool:
    """True if there was nothing wrong with it."""
    if not form.is_bound or (not form.is_filled and not form.is_declared):
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


def _save_files(
    row: Application, groups: Sequence[EvidenceGroup], other: DocumentUploadForm, request: HttpRequest
) -> bool:
    """Keep the files that came, and say what is missing if the applicant wants to go on. True if all is good."""
    cards = [card for group in groups for card in group.cards]
    forms = [*(form for card in cards for form in card.uploads), other]
    for card in cards:
        for form in card.uploads:
            form.credential = form.credential or card.declared.credential
    good = document_uploads.receive_uploads(row, forms, request)
    document_uploads.forms_with_errors(row, forms)
    remember_dates(request, forms)
    for card in cards:
        stored = row.credentials.filter(type=card.declared.kind).select_related("type", "application").first()
        if stored and card.optional and row.state == ApplicationState.DRAFT and drafts.is_empty_credential(stored):
            removed = drafts.remove_empty_credential(credential=stored, by=person_of(request))
            stored = None if removed else stored
        card.declared.credential = stored
    if "next" in request.POST:
        _say_gaps(groups)
    return good and not any(form.errors for card in cards for form in card.forms)


def _say_gaps(groups: Sequence[EvidenceGroup]) -> None:
    """Of a choice one is enough; another one that was begun must be whole, too."""
    for group in groups:
        begun = [card for card in group.cards if card.declared.credential or card.is_begun]
        for card in (begun or group.cards[:1]) if group.choice else group.cards:
            for form in card.forms:
                form.add_gaps()


def _remove_credential(request: HttpRequest, row: Application) -> HttpResponseBase:
    credential = row.credentials.filter(type__code=request.POST["undeclare"]).select_related("application").first()
    if credential is not None:
        drafts.remove_credential(credential=credential, by=person_of(request))
    return redirect(f"certification:{STEP}", row.number)


def _answer_offer_again(request: HttpRequest, row: Application) -> HttpResponseBase:
    """After the files that came with the answer were saved."""
    with transaction.atomic():
        return _answer_offer(request, Application.objects.locked().get(pk=row.pk))


def _answer_offer(request: HttpRequest, row: Application) -> HttpResponseBase:
    """Use what was read, or keep what was typed; a value that is gone is no error."""
    pk = request.POST.get("use_read") or request.POST.get("keep_read") or ""
    field = ReadField.objects.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
    if field is not None:
        answer = reading.use_read_value if request.POST.get("use_read") else reading.keep_typed_value
        answer(application=row, by=person_of(request), value=field)
    return redirect(f"certification:{STEP}", row.number)
