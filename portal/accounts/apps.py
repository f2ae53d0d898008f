"""People: users, roles and permissions in code, second factor, agencies and mandates."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    default = True

    def ready(self) -> None:
        from portal.accounts import letters  # noqa: PLC0415 -- models are loaded now
        from portal.jobs import registry  # noqa: PLC0415

        # Twelve attempts: about an hour and a half of a mail server that is away.
        _add_to_menu()
        registry.periodic("accounts.purge_letters", 3600, letters.purge)
        registry.periodic("accounts.purge_sessions", 3600, _purge_sessions)
        registry.periodic("accounts.purge_tokens", 3600, _purge_tokens)
        registry.register(letters.KIND, letters.deliver, attempts=12, exhausted=letters.give_up)


class BackofficeConfig(admin_apps.AdminConfig):
    """Django's admin with our own frame (portal/accounts/backoffice.py)."""

    default = False
    default_site = "portal.accounts.backoffice.Backoffice"


def _add_to_menu() -> None:
    from portal.accounts.access import holds  # noqa: PLC0415 -- models are loaded now
    from portal.accounts.roles import Permission  # noqa: PLC0415 -- as above
    from portal.web import navigation  # noqa: PLC0415 -- as above

    navigation.add(_("Mandates"), "accounts:mandates", order=60, visible=holds(Permission.APPLY))
    navigation.add(_("Your creators"), "accounts:clients", order=20, visible=holds(Permission.APPLY_FOR_OTHERS))
    navigation.add(_("Lost second factors"), "accounts:recoveries", order=80, visible=holds(Permission.ADMINISTER))
    navigation.add(_("Administration"), "admin:index", order=70, visible=holds(Permission.ADMINISTER))
    navigation.add_home("accounts:clients", holds(Permission.APPLY_FOR_OTHERS))
    navigation.add_home("admin:index", holds(Permission.ADMINISTER))


def _purge_sessions() -> None:
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415 -- models are loaded now

    SessionStore.clear_expired()


def _purge_tokens() -> None:
    from allauth.idp.oidc.models import Token  # noqa: PLC0415 -- models are loaded now

    Token.objects.expired().delete()
