"""People: users, roles and permissions in code, second factor, agencies and mandates."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "portal.people"
    default = True

    def ready(self) -> None:
        from portal.jobs import registry  # noqa: PLC0415
        from portal.outbound.mail import register_mails  # noqa: PLC0415 -- models are loaded now
        from portal.people import client_secrets, form_drafts, letters  # noqa: PLC0415 -- as above
        from portal.people.actions import api_clients, changes, departures, staff  # noqa: PLC0415 -- as above
        from portal.people.guarded_rows import register_row_changes  # noqa: PLC0415 -- as above
        from portal.people.models import Letter  # noqa: PLC0415 -- as above
        from portal.people.staff_conflicts import refuse_linked_accounts, register_staff_conflict  # noqa: PLC0415

        _add_to_menu()
        registry.register_periodic("people.purge_letters", 3600, letters.purge_settled_letters)
        registry.register_periodic("people.purge_form_drafts", 3600, form_drafts.purge_form_drafts)
        registry.register_periodic("people.purge_sessions", 3600, _purge_sessions)
        registry.register_periodic("people.purge_tokens", 3600, _purge_tokens)
        registry.register_periodic("people.purge_departed", 3600, departures.purge_departed_people)
        registry.register_periodic("people.purge_changes", 24 * 3600, departures.purge_old_changes)
        registry.register_periodic("people.purge_unconfirmed", 3600, departures.purge_unconfirmed_people)
        registry.register_periodic("people.due_changes", 60, changes.carry_out_due_changes)
        register_mails(Letter, letters.compose_letter)
        staff.register_staff_changes()
        api_clients.register_client_changes()
        client_secrets.take_both_secrets()
        register_row_changes()
        register_staff_conflict(refuse_linked_accounts)


class BackofficeConfig(admin_apps.AdminConfig):
    """Django's admin with our own frame (portal/people/backoffice.py)."""

    default = False
    default_site = "portal.people.backoffice.Backoffice"


def _add_to_menu() -> None:
    from portal.people.access import holds_permission  # noqa: PLC0415 -- models are loaded now
    from portal.people.roles import Permission  # noqa: PLC0415 -- as above
    from portal.web import navigation  # noqa: PLC0415 -- as above

    navigation.add_menu_entry(_("Mandates"), "people:mandates", order=60, visible=holds_permission(Permission.APPLY))
    navigation.add_menu_entry(
        _("Your creators"), "people:clients", order=20, visible=holds_permission(Permission.APPLY_FOR_OTHERS)
    )
    navigation.add_menu_entry(
        _("Lost second factors"), "people:recoveries", order=80, visible=holds_permission(Permission.ADMINISTER)
    )
    navigation.add_menu_entry(
        _("Administration"), "admin:index", order=70, visible=holds_permission(Permission.ADMINISTER)
    )
    navigation.add_home_page("people:clients", holds_permission(Permission.APPLY_FOR_OTHERS))
    navigation.add_home_page("admin:index", holds_permission(Permission.ADMINISTER))


def _purge_sessions() -> None:
    from allauth.usersessions.models import UserSession  # noqa: PLC0415 -- models are loaded now
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415 -- as above
    from django.contrib.sessions.models import Session  # noqa: PLC0415 -- as above

    SessionStore.clear_expired()  # by the time of the machine, as sessions are made, not by that of the demo
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def _purge_tokens() -> None:
    from allauth.idp.oidc.models import Token  # noqa: PLC0415 -- models are loaded now

    Token.objects.expired().delete()
