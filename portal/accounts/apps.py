"""People: users, roles and permissions in code, second factor, agencies and mandates."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "portal.accounts"

    def ready(self) -> None:
        from portal.accounts import letters  # noqa: PLC0415 -- models are loaded now
        from portal.jobs import registry  # noqa: PLC0415

        # Twelve attempts: about an hour and a half of a mail server that is away.
        _add_to_menu()
        registry.periodic("accounts.purge_letters", 3600, letters.purge)
        registry.periodic("accounts.purge_sessions", 3600, _purge_sessions)
        registry.register(letters.KIND, letters.deliver, attempts=12, exhausted=letters.give_up)


def _add_to_menu() -> None:
    from portal.accounts.access import holds  # noqa: PLC0415 -- models are loaded now
    from portal.accounts.roles import Permission  # noqa: PLC0415 -- as above
    from portal.web import navigation  # noqa: PLC0415 -- as above

    navigation.add(_("Mandates"), "accounts:mandates", order=60, visible=holds(Permission.APPLY))
    navigation.add(_("Your creators"), "accounts:clients", order=20, visible=holds(Permission.APPLY_FOR_OTHERS))
    navigation.add(_("Lost second factors"), "accounts:recoveries", order=80, visible=holds(Permission.ADMINISTER))
    navigation.add_home("accounts:clients", holds(Permission.APPLY_FOR_OTHERS))


def _purge_sessions() -> None:
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415 -- models are loaded now

    SessionStore.clear_expired()
