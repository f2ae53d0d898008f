"""The trail in the admin, to read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import AdminSection, ReadOnlyAdmin, SearchResult, without_own_chains
from portal.audit.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The trail, newest first; searched by chain, subject, person (public id) or event."""

    section = AdminSection.RECORDS
    list_display = ("at", "event", "actor", "subject", "chain", "number")
    fields = ("at", "event", "actor", "subject", "chain", "number", "data", "digest_hex")
    search_help_text = _("An exact chain (case:12), subject (people.user:5), person (p_…) or event.")
    search_fields = ("chain",)  # opens the search field; get_search_results does the work

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the person's own cases."""
        return without_own_chains(super().get_queryset(request), request.user)

    @admin.display(description=_("digest"))
    def digest_hex(self, event: AuditEvent) -> str:
        """The digest as text."""
        return bytes(event.digest).hex()

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> SearchResult:
        """One exact look-up by an index, chosen by the form of what was typed."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.startswith("p_"):
            return queryset.filter(actor=term), False
        if ":" in term:
            return queryset.filter(chain=term) | queryset.filter(subject=term), False
        return queryset.filter(event=term), False
