"""The rules as area leads read and change them: areas with their requirements, kinds of applicants, credential types."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from certification import requirement_trees, rule_words
from certification.actions import guarded_rules, rules
from certification.forms import rules as forms
from certification.models import (
    ApplicantCategory,
    CredentialType,
    CredentialTypeVersion,
    KeyArea,
    Requirement,
    RuleDraft,
)
from certification.number_forms import describe_number_form
from certification.policies.rules import requirements_naming
from certification.rule_words import Difference
from certification.views.requirement_view import areas_by_jurisdiction
from portal import clock
from portal.errors import DomainError
from portal.people import changes
from portal.people.access import permitted_page, person_of
from portal.people.actions import changes as change_actions
from portal.people.forms import show_refusals
from portal.people.guarded_rows import waiting_change
from portal.people.models import ChangeRequest
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.people.states import OPEN_CHANGE_STATES
from portal.reviews.models import ReviewerSkill
from portal.web.form_recovery import submitted_data
from portal.web.pages import render_page


@dataclass(frozen=True)
class CategoryRules:
    """The versions for one category of an area: in force, announced, past, and the draft of the next one."""

    category: ApplicantCategory
    in_force: Requirement | None
    upcoming: list[tuple[Requirement, list[str]]]
    past: list[Requirement]
    draft: RuleDraft | None
    tree: requirement_trees.TreeNode | None

    @property
    def newest(self) -> Requirement | None:
        """The version that was published last."""
        return self.upcoming[-1][0] if self.upcoming else self.in_force


def lead_page(view: Any) -> Any:
    """A page for area leads and administrators, after a second factor. No cache keeps it."""
    return permitted_page(Permission.LEAD_AREA)(second_factor_required(view))


@lead_page
@require_safe
def rules_home(request: HttpRequest) -> HttpResponse:
    """All areas, what waits for a second person, and the drafts that are being written."""
    now = clock.now()
    areas = list(KeyArea.objects.select_related("jurisdiction").order_by("position", "code"))
    names: dict[int, list[str]] = defaultdict(list)
    for row in Requirement.objects.in_force(now).select_related("category"):
        names[row.area_id].append(row.category.name)
    places = areas_by_jurisdiction(areas)
    for place in places:
        place["rows"] = [{"area": area, "categories": _(", ").join(names[area.pk])} for area in place["areas"]]
    context = {
        "places": places,
        "changes": _open_changes(),
        "drafts": RuleDraft.objects.open().with_rows().order_by("-edited_at", "-pk"),
        "announced": _announced(),
    }
    return render_page(request, "certification/rules/home.html", context)


@lead_page
def rules_area(request: HttpRequest, code: str) -> HttpResponseBase:
    """One area: its facts, and for each kind of applicant what applies now, later and before. A button begins a draft."""
    area = _area(code)
    if request.method == "POST":
        category = get_object_or_404(ApplicantCategory, code=request.POST.get("category", "")[:40])
        return redirect(rules.begin_requirement_draft(area=area, category=category, by=person_of(request)))
    found = _category_rules(area)
    used = {row.category.pk for row in found}
    context = {
        "area": area,
        "categories": found,
        "others": [row for row in ApplicantCategory.objects.all() if row.pk not in used],
        "change": waiting_change(area),
        "reviewers": ReviewerSkill.objects.filter(skill=area.code).count(),
    }
    return render_page(request, "certification/rules/area.html", context)


@lead_page
def rules_area_new(request: HttpRequest) -> HttpResponseBase:
    """Ask for a new area."""
    form = forms.NewAreaForm(submitted_data(request), guarded=guarded_rules.GUARDED_AREA)
    context = {"title": _("New area"), "back_url": reverse("certification:rules"), "back": _("Rules")}
    return _row_form(request, form, context)


@lead_page
def rules_area_edit(request: HttpRequest, code: str) -> HttpResponseBase:
    """Change what an area is called, and ask for a change of how it works."""
    area = _area(code)
    form = forms.AreaForm(submitted_data(request), instance=area, guarded=guarded_rules.GUARDED_AREA)
    back = reverse("certification:rules_area", args=[area.code])
    return _row_form(request, form, {"title": area.full_name, "back_url": back, "back": _("Requirements")})


@lead_page
def rules_category_new(request: HttpRequest) -> HttpResponseBase:
    """A new kind of applicant; afterwards the area from which one came."""
    form = forms.NewCategoryForm(submitted_data(request), guarded=guarded_rules.GUARDED_CATEGORY)
    area = KeyArea.objects.filter(code=request.GET.get("area", "")[:40].replace("\x00", "")).first()
    back = reverse("certification:rules_area", args=[area.code]) if area else reverse("certification:rules")
    return _row_form(request, form, {"title": _("New applicant category"), "back_url": back, "back": _("Rules")})


@lead_page
def rules_category(request: HttpRequest, code: str) -> HttpResponseBase:
    """Change what a kind of applicant is called, and ask for a change of what it is."""
    row = get_object_or_404(ApplicantCategory, code=code)
    form = forms.CategoryForm(submitted_data(request), instance=row, guarded=guarded_rules.GUARDED_CATEGORY)
    context = {"title": row.name, "back_url": reverse("certification:rules"), "back": _("Rules")}
    return _row_form(request, form, context)


@lead_page
@require_safe
def rules_types(request: HttpRequest) -> HttpResponse:
    """All credential types."""
    rows = CredentialType.objects.select_related("jurisdiction").order_by("jurisdiction__code", "code")
    groups: dict[str, list[CredentialType]] = defaultdict(list)
    for row in rows:
        groups[row.jurisdiction.name if row.jurisdiction else ""].append(row)
    return render_page(request, "certification/rules/types.html", {"groups": list(groups.items())})


@lead_page
def rules_type_new(request: HttpRequest) -> HttpResponseBase:
    """Ask for a new credential type; it counts for nothing until a second person approves it and a requirement names it."""
    form = forms.NewCredentialTypeForm(submitted_data(request), guarded=guarded_rules.GUARDED_TYPE)
    back = {"back_url": reverse("certification:rules_types"), "back": _("Credential types")}
    return _row_form(request, form, {"title": _("New credential type"), **back})


@lead_page
def rules_type(request: HttpRequest, code: str) -> HttpResponseBase:
    """One credential type: what it says, its versions, and the requirements that name it. A button begins a draft."""
    row = get_object_or_404(CredentialType.objects.select_related("jurisdiction"), code=code)
    if request.method == "POST":
        return redirect(rules.begin_type_draft(kind=row, by=person_of(request)))
    values = rule_words.type_values(row)
    context = {
        "type": row,
        "form_words": describe_number_form(row.identifier_pattern),
        "facts": [*rule_words.type_facts(values), *rule_words.number_space_facts(row)],
        "versions": _type_versions(row, values),
        "draft": RuleDraft.objects.open().filter(type=row).first(),
        "named_by": requirements_naming(row.code),
    }
    return render_page(request, "certification/rules/type.html", context)


@lead_page
def rules_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A change of rules that waits for a second person: what it does, and the buttons of whoever may decide."""
    rows = ChangeRequest.objects.select_related("asked_by", "closed_by", "person")
    change = get_object_or_404(rows, pk=pk)
    if not changes.is_open_to_leads(change):
        raise Http404
    form = forms.RefusalForm(request.POST if request.POST.get("verb") == "refuse" else None)
    if request.method == "POST":
        answer = _decide(request, change, form)
        if answer is not None:
            return answer
    person = person_of(request)
    kind = changes.change_kinds[change.kind]
    draft = RuleDraft.objects.with_rows().filter(change=change).first()
    if draft is not None:
        change.title = draft.title  # kept in the language of whoever asked, shown in the reader's
    context = {
        "change": change,
        "title": changes.change_title(change),
        "values": [Difference(*row) for row in kind.describe(change) if str(row[1]) != str(row[2])],
        "effects": kind.foresee(change),
        "draft": draft,
        "preview": draft.previews.filter(revision=change.after["revision"]).first() if draft else None,
        "form": form,
        "refusal": changes.refuse_deciding_change(change, by=person),
        "may_withdraw": changes.refuse_withdrawing_change(change, by=person) is None,
    }
    return render_page(request, "certification/rules/change.html", context, wrong=bool(form.errors))


def _decide(request: HttpRequest, change: ChangeRequest, form: forms.RefusalForm) -> HttpResponseBase | None:
    """Carry out one of the buttons; None where the form is to be shown again."""
    person, verb = person_of(request), request.POST.get("verb", "")
    page = redirect("certification:rules_change", change.pk)
    try:
        if verb == "approve":
            change_actions.approve_change(change=change, by=person)
            messages.success(request, _("Approved. The change has been made."))
        elif verb == "withdraw":
            change_actions.withdraw_change(change=change, by=person)
            messages.success(request, _("Withdrawn. Nothing changes."))
        elif verb == "refuse" and form.is_valid():
            change_actions.refuse_change(change=change, reason=form.cleaned_data["reason"], by=person)
            messages.success(request, _("Rejected. Nothing changes."))
        elif verb == "refuse":
            return None
    except DomainError as error:
        messages.warning(request, str(error.message))
    return page


def _row_form(request: HttpRequest, form: Any, context: dict[str, Any]) -> HttpResponseBase:
    """The page of a form of an area, a category or a new credential type: saved at once, or shown as a request for a second person."""
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            change = guarded_rules.save_rule_row(
                row=form.instance,
                names=form.changed_names,
                guarded=form.guarded,
                reason=form.cleaned_data["change_reason"],
                by=person_of(request),
            )
            if change is not None:
                messages.success(request, _("Requested. Nothing changes before a second person approves it."))
                return redirect("certification:rules_change", change.pk)
            messages.success(request, _("Saved."))
            return redirect(context["back_url"])
    return render_page(request, "certification/rules/row_form.html", {**context, "form": form}, wrong=bool(form.errors))


def _area(code: str) -> KeyArea:
    return get_object_or_404(KeyArea.objects.select_related("jurisdiction", "calendar"), code=code)


def _category_rules(area: KeyArea) -> list[CategoryRules]:
    """The kinds of applicants of an area, in their order, with all versions and drafts."""
    trees = _Trees(rule_words.type_names(), rule_words.usable_types())
    versions: dict[int, list[Requirement]] = defaultdict(list)
    for row in Requirement.objects.filter(area=area).order_by("in_force_from", "version"):
        versions[row.category_id].append(row)
    drafts = {row.category_id: row for row in RuleDraft.objects.open().with_rows().filter(area=area)}
    found = ApplicantCategory.objects.filter(pk__in={*versions, *drafts}).order_by("position", "pk")
    return [_one_category(row, versions[row.pk], drafts.get(row.pk), trees) for row in found]


@dataclass(frozen=True)
class _Trees:
    """What trees are shown with: names by code, and the codes that are in use."""

    names: dict[str, str]
    usable: frozenset[str]

    def of(self, requirement: Requirement | None) -> requirement_trees.TreeNode | None:
        """The tree of a version."""
        if requirement is None:
            return None
        return requirement_trees.tree_nodes(requirement_trees.as_group(requirement.expression), self.names, self.usable)


def _one_category(
    category: ApplicantCategory, rows: list[Requirement], draft: RuleDraft | None, trees: _Trees
) -> CategoryRules:
    now = clock.now()
    begun = [row for row in rows if row.in_force_from <= now]
    in_force = begun[-1] if begun else None
    upcoming, before = [], rule_words.requirement_values(in_force)
    for row in rows[len(begun) :]:
        after = rule_words.requirement_values(row)
        upcoming.append((row, rule_words.change_sentences(before, after, trees.names)))
        before = after
    return CategoryRules(category, in_force, upcoming, begun[:-1][::-1], draft, trees.of(in_force))


def _open_changes() -> list[ChangeRequest]:
    """What waits for a second person among the rules that area leads decide on."""
    rows = ChangeRequest.objects.filter(state__in=OPEN_CHANGE_STATES).select_related("asked_by").order_by("asked_at")
    found = [row for row in rows if changes.is_open_to_leads(row)]
    for draft in RuleDraft.objects.with_rows().filter(change__in=found):
        change = next(row for row in found if row.pk == draft.change_id)
        change.title = draft.title  # as on its own page
    return found


def _announced() -> list[Requirement]:
    """The versions of requirements that are published and not in force yet, the nearest first."""
    rows = Requirement.objects.filter(in_force_from__gt=clock.now()).select_related("area__jurisdiction", "category")
    return list(rows.order_by("in_force_from", "pk"))


def _type_versions(row: CredentialType, values: dict[str, Any]) -> list[dict[str, Any]]:
    """The versions after the first one, newest first, each with how it differs from the one before."""
    found, before = [], values
    versions: list[CredentialTypeVersion] = list(row.versions.order_by("version"))
    for version in versions:
        old = version.before if version.applied_at else before
        found.append({"version": version, "differences": rule_words.type_differences(old, version.values)})
        before = version.values
    return found[::-1]
