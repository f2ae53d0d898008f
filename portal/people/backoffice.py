"""The admin's frame: for administrators with a second factor, grouped by what the rows are for."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from portal.audit.admin_pages import AdminSection
from portal.people.access import requires_permission
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required

# Signing in and out is the site's own; nothing here is shown elsewhere or looked up while typing.
_LEFT_OUT = {"login", "logout", "password_change", "password_change_done", "view_on_site", "autocomplete"}


class Backoffice(AdminSite):
    """Django's admin site; takes only pages that name their `section`."""

    site_title = _("Administration")
    site_header = _("Administration")
    index_title = _("Administration")
    enable_nav_sidebar = False
    final_catch_all_view = False

    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any
    ) -> None:
        """Register pages of ours; what libraries bring along stays outside."""
        if hasattr(admin_class, "section"):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """Django's addresses without those that the site has elsewhere."""
        return [url for url in super().get_urls() if getattr(url, "name", "") not in _LEFT_OUT]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Every page is for administrators, and asks for a second factor in this session where one is required."""
        inner = view if cacheable else never_cache(view)
        return requires_permission(Permission.ADMINISTER)(second_factor_required(inner))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The pages by section instead of by Python package."""
        found = {row["model"]: row for app in super().get_app_list(request, app_label) for row in app["models"]}
        groups = []
        for section in AdminSection:
            rows = [found[model] for model, page in self._registry.items() if _is_in(page, section) and model in found]
            if rows:
                rows.sort(key=lambda row: str(row["name"]))
                groups.append({"name": section.label, "app_label": section.value, "app_url": "", "models": rows})
        return groups


def _is_in(page: Any, section: AdminSection) -> bool:
    return bool(page.section == section)
