"""Certification in key areas: applications, checks, decisions, certificates, the public register."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificationConfig(AppConfig):
    name = "certification"
    append_only = ("Check",)

    def ready(self) -> None:
        from certification import tasks  # noqa: PLC0415 -- models are loaded now

        tasks.register()
        _add_to_menu()


def _add_to_menu() -> None:
    from portal.accounts.access import holds  # noqa: PLC0415 -- models are loaded now
    from portal.accounts.roles import Permission  # noqa: PLC0415 -- as above
    from portal.web import navigation  # noqa: PLC0415 -- as above

    creators = holds(Permission.APPLY)
    navigation.add(_("Certification"), "certification:home", order=10, visible=creators)
    navigation.add(_("Register"), "certification:register", order=40)
    navigation.add(_("Areas"), "certification:areas", order=50)
    navigation.add_home("certification:home", creators)
