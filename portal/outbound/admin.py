"""What platforms do not show as they should, in the admin."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import AdminSection, ReadOnlyAdmin
from portal.outbound.models import Discrepancy
from portal.platforms.registry import platform_names


class SettledFilter(admin.SimpleListFilter):
    """Those that are open, or settled; the page of platforms links to the open ones."""

    title = _("state")
    parameter_name = "settled_at__isempty"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Both states."""
        return [("1", _("Not settled")), ("0", _("Settled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those in the state that was asked for."""
        value = self.value()
        return queryset.filter(settled_at__isnull=value == "1") if value in {"0", "1"} else queryset


@admin.register(Discrepancy)
class DiscrepancyAdmin(ReadOnlyAdmin):
    """Effects that do not hold as they should, the newest first. Nothing to do here: attempts go on by themselves."""

    section = AdminSection.WORK
    code_names: ClassVar = {"platform": platform_names}
    list_display = ("since", "platform", "effect", "wanted", "subject", "problem", "attempts", "tried_at", "settled_at")
    list_filter = (SettledFilter, "platform", "effect", "problem")
    change_list_template = "admin/outbound/discrepancies.html"
    search_fields = ("=subject", "=platform")
    search_help_text = _("The exact number of a case or certificate, or code of a platform")
