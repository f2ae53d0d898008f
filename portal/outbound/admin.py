"""What platforms do not show as they should, in the admin."""

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import AdminSection, ReadOnlyAdmin
from portal.outbound.models import Discrepancy
from portal.platforms.registry import platform_names


@admin.register(Discrepancy)
class DiscrepancyAdmin(ReadOnlyAdmin):
    """Effects that do not hold as they should, the newest first. Nothing to do here: attempts go on by themselves."""

    section = AdminSection.WORK
    code_names: ClassVar = {"platform": platform_names}
    list_display = ("since", "platform", "effect", "wanted", "subject", "problem", "attempts", "tried_at", "settled_at")
    list_filter = (("settled_at", admin.EmptyFieldListFilter), "platform", "effect", "problem")
    search_fields = ("=subject", "=platform")
    search_help_text = _("The exact number of a case or certificate, or code of a platform")
