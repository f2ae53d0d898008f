"""Evidence in the admin: who looked at what and why. The files themselves are not here."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import AdminSection, public_id_column
from portal.evidence.models import EvidenceAccess
from portal.people.own_rows import OthersRowsAdmin


@admin.register(EvidenceAccess)
class EvidenceAccessAdmin(OthersRowsAdmin):
    """Looks at documents, newest first."""

    section = AdminSection.RECORDS
    own_people = ("file__owner",)
    owned_by = public_id_column("file.owner", _("owner"))
    looked_by = public_id_column("by", _("by"), nobody=_("the system"))
    list_display = ("at", "looked_by", "owned_by", "purpose", "page", "why")
    fields = ("at", "looked_by", "owned_by", "purpose", "file", "page", "why")
    list_display_links = ("at",)
    list_select_related = ("by", "file__owner")
    search_fields = ("=by__public_id", "=file__owner__public_id")
    search_help_text = _("An exact viewer or document owner (p_…).")

    @admin.display(description=_("purpose"))
    def purpose(self, row: EvidenceAccess) -> str:
        """What the document was uploaded for."""
        return row.file.purpose
