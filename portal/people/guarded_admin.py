"""Pages of the admin for rows of rules: a change of a guarded field is asked for, with a reason, instead of saved."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import AuditedAdmin, StampedForm
from portal.people.access import person_of
from portal.people.actions.changes import ANOTHER_WAITS
from portal.people.forms import ReasonForm, textarea_field
from portal.people.guarded_rows import (
    GuardedModel,
    ask_for_deletion,
    ask_for_row,
    guarded_names,
    part_values,
    waiting_change,
)
from portal.people.models import ChangeRequest
from portal.people.models.changes import LONGEST_REASON
from portal.people.views.admin_action import admin_action
from portal.people.views.changes_admin import TWO_PEOPLE, asked

_REASON = "change_reason"


class GuardedForm(StampedForm):
    """Asks why, where a guarded field changes; always, where rows `within` the page change with it. `guarded` is set by the page."""

    guarded: ClassVar[GuardedModel]
    within: ClassVar[bool] = False
    change_reason = textarea_field(
        _("Reason for the change"), rows=3, most=LONGEST_REASON, required=False, help_text=TWO_PEOPLE
    )

    @cached_property
    def guarded_changes(self) -> list[str]:
        """The guarded fields that were changed, compared with the row before it is saved."""
        names = [name for name in self.changed_data if name not in {_REASON, "stamp"}]
        return guarded_names(self.guarded, self.instance, names)

    def clean(self) -> dict[str, Any]:
        """A guarded change needs a reason."""
        data = super().clean()
        guarded = self.within or self.guarded_changes
        if guarded and not data.get(_REASON):
            self.add_error(
                _REASON, _("Please give a reason: this change requires a second administrator, who will read it.")
            )
        if guarded and self.instance.pk and waiting_change(self.instance):
            raise ValidationError(ANOTHER_WAITS)
        return data


class GuardedAdmin(AuditedAdmin):
    """Pages whose guarded fields change when a second administrator agrees. All that was typed waits together.

    Rows that stand within a page belong to its row and are all guarded.
    """

    form = GuardedForm
    guarded: ClassVar[GuardedModel]

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """The form, which knows what is guarded."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.guarded, form.within = self.guarded, bool(self.inlines)
        return form

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """The reason comes last, where something can be changed."""
        fields = [name for name in super().get_fields(request, obj) if name != _REASON]
        if obj is None:
            may_change = self.guarded.additions and self.has_add_permission(request)
        else:
            may_change = self.has_change_permission(request, obj)
        return [*fields, _REASON] if may_change else fields

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save what is not guarded."""
        if not form.within and not form.guarded_changes:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Ask for the change of what is guarded, with the rows that stand within the page."""
        parts = {rows.fk.remote_field.related_name: _typed_parts(rows) for rows in formsets if rows.has_changed()}
        if not form.guarded_changes and not parts:
            return
        names = [name for name in (form.changed_data if change else form.fields) if name not in {_REASON, "stamp"}]
        reason, by = form.cleaned_data[_REASON], person_of(request)
        request.change_request = ask_for_row(form.instance, names, reason=reason, by=by, parts=parts)  # type: ignore[attr-defined]

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Nothing: Django's own log is not written, and nothing was saved of the rows within the page."""

    def response_add(self, request: HttpRequest, obj: Model, post_url_continue: str | None = None) -> HttpResponse:
        """Show what was asked for."""
        return _shown_request(request) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        """Show what was asked for."""
        return _shown_request(request) or super().response_change(request, obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponseBase:  # type: ignore[override]
        """Ask for the deletion, with a reason."""
        row = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_delete_permission(request, row):
            return super().delete_view(request, object_id, extra_context)

        def act(data: dict[str, Any]) -> HttpResponseBase:
            return asked(request, ask_for_deletion(row, reason=data["reason"], by=person_of(request)))

        title = _("Delete %s") % row
        return admin_action(
            request, ReasonForm, act, title=title, button=_("Request deletion"), lead=TWO_PEOPLE, danger=True
        )


def _typed_parts(formset: Any) -> list[dict[str, Any]]:
    """What the rows within a page are to be, in their order in the table."""
    kept = [
        form.instance
        for form in formset.forms
        if form not in formset.deleted_forms and form.has_changed() | bool(form.instance.pk)
    ]
    return sorted(part_values(kept), key=lambda row: [str(value) for value in row.values()])


def _shown_request(request: HttpRequest) -> Any:
    change = getattr(request, "change_request", None)
    return asked(request, change) if isinstance(change, ChangeRequest) else None
