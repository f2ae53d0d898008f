"""People, agencies and API clients in the admin. What is done to a person goes through the actions only."""

from datetime import datetime
from typing import Any, ClassVar

from allauth.idp.oidc.models import Client
from django.contrib import admin
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import AdminSection, AuditedAdmin, ReadOnlyAdmin, StateFilter, public_id_column
from portal.people.changes import change_title
from portal.people.client_secrets import previous_secret_until
from portal.people.models import Agency, ApiClientUse, ChangeRequest, LinkedAccount, Mandate, User
from portal.people.tokens import is_test_client, platform_of_client
from portal.people.views import changes_admin, clients_admin, people_admin
from portal.platforms.registry import platform_names


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """People. Adding is inviting; everything else is a button on the person's page."""

    section = AdminSection.PEOPLE
    list_display = ("public_id", "display_name", "role", "agency", "is_active", "joined_at")
    fields: ClassVar[Any] = (*list_display, "email", "language", "purge_at", "purged_at")
    list_filter = ("role", "is_active")
    list_select_related = ("agency",)
    search_fields = ("=public_id",)
    search_help_text = _("A public ID: p_… To look up an e-mail address, use “Find by e-mail”.")
    change_list_template = "admin/people/people.html"
    change_form_template = "admin/people/person.html"

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def get_urls(self) -> list[URLPattern]:
        """The buttons' pages before Django's own."""
        wrap = self.admin_site.admin_view
        return [
            path("add/", wrap(people_admin.invite_page), name="people_user_add"),
            path("find/", wrap(people_admin.find_page), name="people_user_find"),
            path("<int:pk>/role/", wrap(people_admin.role_page), name="people_user_role"),
            path("<int:pk>/deactivate/", wrap(people_admin.deactivate_page), name="people_user_deactivate"),
            path("<int:pk>/reactivate/", wrap(people_admin.reactivate_page), name="people_user_reactivate"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponseBase:  # type: ignore[override]
        """Invite somebody who will work here."""
        return people_admin.invite_page(request)


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ReadOnlyAdmin):
    """Changes of roles and rules; on its page a second administrator agrees or refuses."""

    section = AdminSection.PEOPLE
    asker = public_id_column("asked_by", _("requested by"))
    list_display = ("what", "shown_state", "asked_at", "asker", "takes_effect_at", "closed_at")
    list_filter = (StateFilter,)
    list_select_related = ("asked_by",)
    search_fields = ("=person__public_id", "=asked_by__public_id")
    search_help_text = _("An exact person (p_…) who asked or who is concerned.")

    @admin.display(description=_("what"))
    def what(self, change: ChangeRequest) -> str:
        """What changes."""
        return change_title(change)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, change: ChangeRequest) -> str:
        """The state in words."""
        return change.state_label

    def change_view(  # type: ignore[override]
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """What will happen, and the buttons of whoever may decide."""
        if not object_id.isdecimal():
            raise Http404
        return changes_admin.change_page(request, int(object_id))


@admin.register(Agency)
class AgencyAdmin(AuditedAdmin):
    """Agencies (MCNs)."""

    section = AdminSection.PEOPLE
    list_display = ("name", "code")
    search_fields = ("name", "code")
    fixed_fields = ("code",)  # the trail names agencies by it
    deletable = False  # mandates and cases point at agencies


@admin.register(Mandate)
class MandateAdmin(ReadOnlyAdmin):
    """Mandates; only the creator gives and ends them."""

    section = AdminSection.PEOPLE
    of = public_id_column("creator", _("creator"))
    list_display = ("id", "of", "agency", "starts_at", "ends_at")
    fields: ClassVar[Any] = list_display[1:]
    list_select_related = ("creator", "agency")
    list_filter = ("agency",)
    search_fields = ("=creator__public_id",)
    search_help_text = _("An exact creator (p_…).")


@admin.register(LinkedAccount)
class LinkedAccountAdmin(ReadOnlyAdmin):
    """Accounts of platforms; only the person themselves links them and ends links."""

    section = AdminSection.PEOPLE
    code_names: ClassVar = {"platform": platform_names}
    of = public_id_column("person", _("person"))
    list_display = ("id", "of", "platform", "external_id", "handle", "state", "claimed_at", "proven_at", "ended_at")
    fields: ClassVar[Any] = (*list_display[1:6], "name", "url", "region", "agency", "tries", *list_display[6:])
    list_select_related = ("person",)
    list_filter = (StateFilter, "platform")
    search_fields = ("=person__public_id", "=external_id", "=handle")
    search_help_text = _("An exact person (p_…), platform ID or handle.")


@admin.register(Client)
class ClientAdmin(ReadOnlyAdmin):
    """Programs of the platform that may call the API."""

    section = AdminSection.WORK
    list_display = ("name", "id", "platform", "scope_list", "kind", "last_used", "created_at")
    fields: ClassVar[Any] = (*list_display, "old_secret")
    ordering = ("name", "id")
    change_form_template = "admin/people/client.html"

    @admin.display(description=_("platform"))
    def platform(self, client: Client) -> str:
        """Where it sees and files."""
        code = platform_of_client(client)
        return platform_names().get(code, code)

    @admin.display(description=_("scopes"))
    def scope_list(self, client: Client) -> str:
        """What it may open."""
        return ", ".join(client.get_scopes())

    @admin.display(description=_("kind"))
    def kind(self, client: Client) -> Any:
        """Whether it gets real rows or fixed answers."""
        return _("test: fixed answers") if is_test_client(client) else _("live")

    @admin.display(description=_("last used at"))
    def last_used(self, client: Client) -> Any:
        """When a token of it was last taken."""
        return _moment(getattr(client, "used_at", None)) or str(_("never"))

    @admin.display(description=_("old secret valid until"), empty_value="–")
    def old_secret(self, client: Client) -> Any:
        """Until when the secret before is taken."""
        return _moment(previous_secret_until(client))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the last use of each."""
        used = ApiClientUse.objects.filter(client=OuterRef("pk")).values("last_used_at")
        rows: QuerySet[Any] = super().get_queryset(request).annotate(used_at=Subquery(used))
        return rows

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def get_urls(self) -> list[URLPattern]:
        """The buttons' pages before Django's own."""
        wrap = self.admin_site.admin_view
        return [
            path("add/", wrap(clients_admin.create_client_page), name="allauth_idp_oidc_client_add"),
            path("<slug:pk>/scopes/", wrap(clients_admin.client_scopes_page), name="api_client_scopes"),
            path("<slug:pk>/secret/", wrap(clients_admin.client_secret_page), name="api_client_secret"),
            path("<slug:pk>/old-secret/", wrap(clients_admin.end_previous_secret_page), name="api_client_old_secret"),
            path("<slug:pk>/end/", wrap(clients_admin.end_client_page), name="api_client_end"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponseBase:  # type: ignore[override]
        """Make a client and show its secret once."""
        return clients_admin.create_client_page(request)


def _moment(at: datetime | None) -> str | None:
    return formats.localize(timezone.localtime(at)) if at else None
