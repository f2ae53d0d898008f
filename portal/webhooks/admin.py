"""Webhooks in the admin: endpoints with their buttons, and the log of deliveries."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import AdminSection, ReadOnlyAdmin, StateFilter
from portal.platforms.registry import platform_names
from portal.webhooks import views
from portal.webhooks.models import Delivery, Endpoint
from portal.webhooks.registry import TEST_TYPE, webhook_types


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    """Addresses of platforms to which webhooks are sent."""

    section = AdminSection.WORK
    code_names: ClassVar = {"platform": platform_names}
    list_display = ("url", "platform", "shown_state", "failing_since", "created_at")
    list_filter = (StateFilter, "platform")
    search_fields = ("=code", "url")
    search_help_text = _("A part of the address, or an exact ID (we_…).")
    change_list_template = "admin/webhooks/endpoints.html"

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, endpoint: Endpoint) -> str:
        """The state in words."""
        return endpoint.state_label

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def get_urls(self) -> list[URLPattern]:
        """The buttons' pages before Django's own."""
        wrap = self.admin_site.admin_view
        return [
            path("add/", wrap(views.create_endpoint_page), name="webhooks_endpoint_add"),
            path("<int:pk>/edit/", wrap(views.edit_endpoint_page), name="webhook_endpoint_edit"),
            path("<int:pk>/secret/", wrap(views.endpoint_secret_page), name="webhook_endpoint_secret"),
            path("<int:pk>/test/", wrap(views.endpoint_test_page), name="webhook_endpoint_test"),
            path("<int:pk>/disable/", wrap(views.disable_endpoint_page), name="webhook_endpoint_disable"),
            path("<int:pk>/enable/", wrap(views.enable_endpoint_page), name="webhook_endpoint_enable"),
            path("<int:pk>/end/", wrap(views.end_endpoint_page), name="webhook_endpoint_end"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponseBase:  # type: ignore[override]
        """Ask for a new endpoint."""
        return views.create_endpoint_page(request)

    def change_view(  # type: ignore[override]
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """How it stands, its buttons, and its last deliveries."""
        return views.endpoint_page(request, object_id)


class EndpointFilter(admin.SimpleListFilter):
    """Deliveries to one endpoint."""

    title = _("endpoint")
    parameter_name = "endpoint"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every endpoint there is, by its id, so that a link can name it."""
        return [(str(row.pk), str(row)) for row in Endpoint.objects.order_by("platform", "url")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Deliveries to the endpoint that was asked for."""
        value = self.value() or ""
        return queryset.filter(endpoint=value) if value.isdecimal() else queryset


class TypeFilter(admin.SimpleListFilter):
    """Deliveries of one type of event."""

    title = _("event type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every type there is."""
        return [(name, name) for name in (*webhook_types(), TEST_TYPE)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Deliveries of the type that was asked for."""
        return queryset.filter(event__type=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What was sent to platforms, newest first."""

    section = AdminSection.RECORDS
    list_display = ("occurred_at", "type", "to", "shown_state", "attempts", "last_status", "delivered_at")
    list_select_related = ("event", "endpoint")
    list_filter = (StateFilter, TypeFilter, EndpointFilter)
    search_fields = ("=event__message", "=ordering_key")
    change_list_template = "admin/webhooks/deliveries.html"
    search_help_text = _("An exact message (msg_…) or ordering key (complaint:OC-…).")

    @admin.display(description=_("at"))
    def occurred_at(self, row: Delivery) -> Any:
        """When it happened."""
        return row.event.occurred_at

    @admin.display(description=_("type"))
    def type(self, row: Delivery) -> str:
        """What happened."""
        return row.event.type

    @admin.display(description=_("endpoint"))
    def to(self, row: Delivery) -> str:
        """Where it goes."""
        return str(row.endpoint)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Delivery) -> str:
        """The state in words."""
        return row.state_label

    def get_urls(self) -> list[URLPattern]:
        """The button's page and the fragment before Django's own."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/again/", wrap(views.send_again_page), name="webhook_delivery_again"),
            path("<int:pk>/attempts/", wrap(views.delivery_attempts), name="webhook_delivery_attempts"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        """The log, and the events that nobody was told of."""
        return super().changelist_view(request, {**(extra_context or {}), "skipped": views.skipped_events()})

    def change_view(  # type: ignore[override]
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """The body, every attempt, and the button to send it again."""
        return views.delivery_page(request, object_id)
