"""The tag by which a form keeps a draft of itself."""

from typing import Any

from django import template
from django.template.context import RequestContext

from portal.people.form_drafts import draft_writer, make_draft_token, open_form_draft, sealed_drafts

register = template.Library()


@register.inclusion_tag("people/_form_draft.html", takes_context=True)
def form_draft(context: RequestContext, form: str = "") -> dict[str, Any]:
    """Within a form: keep what is typed, and fill in what was kept. `form` names it where a page has several."""
    request: Any = context["request"]
    name, person = form or request.path, draft_writer(request)
    kept: list[list[str]] = []
    if person and request.method != "POST":  # what was just sent and came back is newer
        if not hasattr(request, "sealed_drafts"):
            request.sealed_drafts = sealed_drafts(person)
        kept = open_form_draft(person, name, request.sealed_drafts.get(name, ""))
    return {"token": make_draft_token(request, name), "kept": kept}
