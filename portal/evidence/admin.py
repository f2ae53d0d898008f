"""Evidence in the admin: who looked at what and why. The files themselves are not here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import AdminSection, ReadOnlyAdmin, public_id_column
from portal.evidence.models import EvidenceAccess


@admin.register(EvidenceAccess)
class EvidenceAccessAdmin(ReadOnlyAdmin):
    """Looks at documents, newest first."""

    section = AdminSection.RECORDS
    owned_by = public_id_column("file.owner", _("owner"))
    looked_by = public_id_column("by", _("by"), nobody=_("the system"))
    list_display = ("at", "looked_by", "owned_by", "purpose", "page", "why")
    fields = ("at", "looked_by", "owned_by", "purpose", "file", "page", "why")
    list_display_links = ("at",)
    list_select_related = ("by", "file__owner")
    search_fields = ("=by__public_id", "=file__owner__public_id")
    search_help_text = _("Who looked or whose paper it is (p_…), exactly.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without looks at the person's own documents: they would tell who holds their case."""
        return super().get_queryset(request).exclude(file__owner=request.user.pk)

    @admin.display(description=_("purpose"))
    def purpose(self, row: EvidenceAccess) -> str:
        """What the document was uploaded for."""
        return row.file.purpose
