"""Pages of a draft of a rule: the tree step by step, who would fail under it, and asking a second person."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from certification import requirement_trees, rule_words
from certification.actions import rule_previews, rules
from certification.forms import rules as forms
from certification.models import CredentialType, PreviewResult, RuleDraft, RulePreview
from certification.number_forms import describe_number_form
from certification.policies import rules as policies
from certification.states import RuleDraftState
from certification.views.rules import lead_page
from portal.errors import Conflict, DomainError
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.people.models import User
from portal.web.form_recovery import submitted_data
from portal.web.pages import render_page
from portal.web.pagination import keyset_page

_SHOWN = 50  # findings on a page


@lead_page
def rules_draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Write a draft. Every button saves what was typed, does one step and comes back to the place where it was."""
    draft, person = _draft(pk), person_of(request)
    data = submitted_data(request) if draft.state == RuleDraftState.DRAFT else None
    form: Any = (
        forms.TypeDraftForm(data, draft=draft) if draft.type_id else forms.RequirementDraftForm(data, draft=draft)
    )
    status = None
    if request.method == "POST" and form.is_valid():
        try:
            return _save(request, draft, form, person)
        except Conflict as error:
            form.add_error(None, str(error.message))
            status = HTTPStatus.CONFLICT
        except DomainError as error:
            form.add_error(None, str(error.message))
    if form.is_bound and not form.errors and request.method != "POST":
        form.is_valid()
    context = _context(draft, form, person)
    status = status or (HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else None)
    return render_page(request, f"certification/rules/{context['kind']}_draft.html", context, status=status)


@lead_page
def rules_draft_discard(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask once more, then give the draft up."""
    draft = _draft(pk)
    refusal = policies.refuse_writing_draft(draft, person_of(request))
    if refusal:
        messages.info(request, str(refusal))
        return redirect(draft)
    if request.method == "POST":
        rules.discard_draft(draft=draft, by=person_of(request))
        messages.success(request, _("The draft was discarded. The rules stay as they are."))
        return redirect(_home_of(draft))
    context = {
        "title": _("Discard this draft?"),
        "question": draft.title,
        "consequences": [_("What was written in it is not used. The published version stays as it is.")],
        "verb": _("Discard"),
        "back_url": draft.get_absolute_url(),
    }
    return render_page(request, "components/confirm.html", context)


@lead_page
def rules_preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who would fail under the draft, and asking a second person to publish it."""
    draft, person = _draft(pk), person_of(request)
    if request.method == "POST" and request.POST.get("do") == "count":
        rule_previews.begin_preview(draft=draft, by=person)
        return redirect("certification:rules_preview", draft.pk)
    typed = submitted_data(request)
    form = forms.AskForm(typed, initial={"revision": draft.revision})
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            change = rules.ask_for_publication(draft=draft, by=person, **form.cleaned_data)
            messages.success(request, _("Requested. Nothing changes before a second person approves it."))
            return redirect("certification:rules_change", change.pk)
    preview = draft.previews.filter(revision=draft.revision).first()
    result = request.GET.get("result", "")
    shown = result if result in PreviewResult.values else PreviewResult.FAILS
    context = {
        "draft": draft,
        "preview": preview,
        "tabs": _tabs(draft, preview, shown) if preview else [],
        "differences": rule_words.draft_differences(draft, policies.published_values(draft), draft.values),
        "problems": policies.draft_problems(draft) if draft.state == RuleDraftState.DRAFT else [],
        "refusal": policies.refuse_asking_publication(draft, person),
        "form": form,
        **(_findings(request, preview, shown) if preview else {}),
    }
    return render_page(request, "certification/rules/preview.html", context, wrong=request.method == "POST")


def _save(request: HttpRequest, draft: RuleDraft, form: Any, person: User) -> HttpResponseBase:
    """Save what was typed, with the step of the button that was pressed."""
    verb, _colon, path = request.POST.get("do", "save").partition(":")
    values = form.values() if draft.type_id else form.values(_stepped(request, draft, verb, path))
    row = rules.save_draft(
        draft=draft,
        revision=form.cleaned_data["revision"],
        values=values,
        in_force_from=form.moment(policies.zone_of(draft)),
        by=person,
    )
    if verb == "preview":
        rule_previews.begin_preview(draft=_draft(row.pk), by=person)
        return redirect("certification:rules_preview", row.pk)
    if verb == "save":
        messages.success(request, _("Saved."))
        return redirect(row)
    place = requirement_trees.TreeNode(
        path.rpartition(".")[0] if verb in {"remove", "up", "down"} else path, "all"
    ).anchor
    return redirect(f"{row.get_absolute_url()}#{place}")


def _stepped(request: HttpRequest, draft: RuleDraft, verb: str, path: str) -> dict[str, Any]:
    """The tree after one step. Raises Conflict where the page is older than the tree."""
    tree = draft.expression
    match verb:
        case "add":
            code = request.POST.get(f"type:{path}", "")
            if not CredentialType.objects.filter(code=code, active=True).exists():
                raise Conflict(_("Please choose a credential type first."))
            return requirement_trees.add_leaf(tree, path, code)
        case "group-all" | "group-any":
            return requirement_trees.add_group(tree, path, verb.removeprefix("group-"))
        case "turn-all" | "turn-any":
            return requirement_trees.turn_group(tree, path, verb.removeprefix("turn-"))
        case "remove":
            return requirement_trees.remove_part(tree, path)
        case "up" | "down":
            return requirement_trees.move_part(tree, path, -1 if verb == "up" else 1)
        case _:
            return tree


def _draft(pk: int) -> RuleDraft:
    return get_object_or_404(RuleDraft.objects.with_rows(), pk=pk)


def _home_of(draft: RuleDraft) -> str:
    if draft.type is not None:
        return reverse("certification:rules_type", args=[draft.type.code])
    assert draft.area is not None  # noqa: S101 -- the database sees to it
    return reverse("certification:rules_area", args=[draft.area.code])


def _context(draft: RuleDraft, form: Any, person: User) -> dict[str, Any]:
    is_open = draft.state == RuleDraftState.DRAFT
    published = policies.published_values(draft)
    context = {
        "kind": "type" if draft.type_id else "requirement",
        "draft": draft,
        "form": form,
        "back_url": _home_of(draft),
        "is_open": is_open,
        "refusal": policies.refuse_writing_draft(draft, person),
        "problems": policies.draft_problems(draft) if is_open else [],
        "differences": rule_words.draft_differences(draft, published, draft.values) if is_open else [],
        "number": policies.newest_version(draft) + 1 if is_open else None,
    }
    if draft.type_id:
        return {**context, "form_words": describe_number_form(draft.values.get("identifier_pattern", ""))}
    assert draft.area is not None  # noqa: S101 -- the database sees to it
    kinds = CredentialType.objects.filter(active=True).select_related("jurisdiction").order_by("code")
    fitting = [row for row in kinds if row.jurisdiction_id in (None, draft.area.jurisdiction_id)]
    names, usable = rule_words.type_names(), frozenset(row.code for row in fitting)
    tree = requirement_trees.tree_nodes(draft.expression, names, usable)
    words = requirement_trees.requirement_words(draft.expression, names)
    return {**context, "tree": tree, "types": fitting, "words": words}


def _tabs(draft: RuleDraft, preview: RulePreview, shown: str) -> list[dict[str, Any]]:
    counts = {"fails": preview.failing, "unknown": preview.unknown, "shorter": preview.shorter}
    page = reverse("certification:rules_preview", args=[draft.pk])
    return [
        {
            "label": PreviewResult(result).label,
            "url": f"{page}?result={result}",
            "current": result == shown,
            "count": count,
        }
        for result, count in counts.items()
    ]


def _findings(request: HttpRequest, preview: RulePreview, shown: str) -> dict[str, Any]:
    """A page of the certificates with a result, each with the reasons in words."""
    rows = preview.findings.filter(result=shown).select_related("certificate")
    found, names = keyset_page(request, rows, order=["pk"], size=_SHOWN), rule_words.type_names()
    listed = [
        {"certificate": row.certificate, "reasons": rule_words.reasons_words(row.reasons, names)} for row in found
    ]
    return {"findings": listed, "page": found}
