"""People: users, roles and permissions in code, second factor, agencies and mandates."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"

    def ready(self) -> None:
        from portal.accounts import letters  # noqa: PLC0415 -- models are loaded now
        from portal.jobs import registry  # noqa: PLC0415

        # Twelve attempts: about an hour and a half of a mail server that is away.
        registry.periodic("accounts.purge_letters", 3600, letters.purge)
        registry.periodic("accounts.purge_sessions", 3600, _purge_sessions)
        registry.register(letters.KIND, letters.deliver, attempts=12, exhausted=letters.give_up)


def _purge_sessions() -> None:
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415 -- models are loaded now

    SessionStore.clear_expired()
