"""Originality: complaints about copies, decided by people, with measures and the return of followers."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"

    def ready(self) -> None:
        from complaints import tasks  # noqa: PLC0415 -- models are loaded now

        tasks.register()
        _add_to_menu()


def _add_to_menu() -> None:
    from portal.accounts.access import holds  # noqa: PLC0415 -- models are loaded now
    from portal.accounts.roles import Permission  # noqa: PLC0415 -- as above
    from portal.web import navigation  # noqa: PLC0415 -- as above

    applies, complains = holds(Permission.APPLY), holds(Permission.COMPLAIN)

    def only_complains(user: Any) -> bool:
        return complains(user) and not applies(user)

    navigation.add(_("Originality"), "complaints:home", order=20)
    navigation.add_home("complaints:home", only_complains)
