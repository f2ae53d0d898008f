"""Certification in key areas: applications, checks, decisions, certificates, the public register."""

from typing import ClassVar

from django.apps import AppConfig
from django.core import checks
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

BATCH_FORM_BYTES = 4 << 20


class CertificationConfig(AppConfig):
    name = "certification"
    append_only = ("Check", "GateChange", "InspectionRound")
    erasable: ClassVar = {"Check": ("input", "data", "note", "url")}

    def ready(self) -> None:
        from certification import personal_data, tasks, webhooks  # noqa: PLC0415 -- models are loaded now
        from certification.policies import people  # noqa: PLC0415 -- as above
        from certification.registers import faults, http_register  # noqa: PLC0415 -- as above
        from certification.views import case_subjects  # noqa: PLC0415 -- as above
        from portal.audit import admin_pages  # noqa: PLC0415 -- as above
        from portal.evidence.uploads import FORM_BYTES  # noqa: PLC0415 -- as above
        from portal.people.staff_conflicts import register_staff_conflict  # noqa: PLC0415 -- as above
        from portal.web import bodies, health  # noqa: PLC0415 -- as above

        admin_pages.register_own_chains(people.own_chains)
        pages = (
            *("evidence", "request_answer", "appeal", "inquiry_answer", "revocation_appeal"),
            *("inspection_answer", "review_look_up"),
        )
        names = (f"certification:{page}" for page in pages)
        bodies.allow_large_bodies(*names, most=FORM_BYTES, senders=bodies.is_signed_in)
        # A million characters, at most four bytes each; the form is sent as multipart/form-data.
        bodies.allow_large_bodies("certification:suspension_batch", most=BATCH_FORM_BYTES, senders=_leads_areas)
        # A thousand accounts with the longest names.
        bodies.allow_large_bodies("certification_api:gate_list", most=160 << 10, senders=_has_token)
        tasks.register_certification_tasks()
        personal_data.register_certification_data()
        webhooks.register_certification_webhooks()
        case_subjects.register_case_kinds()
        checks.register(http_register.check_registers)
        health.register_health_check("official_registers", faults.refuse_faulty_registers, degrades=True)
        register_staff_conflict(people.refuse_open_application)
        _add_to_menu()


def _has_token(request: HttpRequest, **_kwargs: object) -> bool:
    """Whether a request comes with the token of an API client, which its view then looks at."""
    return "Authorization" in request.headers


def _leads_areas(request: HttpRequest, **_kwargs: object) -> bool:
    from portal.people.roles import Permission  # noqa: PLC0415 -- models are loaded now

    return request.user.is_authenticated and request.user.may(Permission.LEAD_AREA)


def _add_to_menu() -> None:
    from portal.people.access import holds_permission  # noqa: PLC0415 -- models are loaded now
    from portal.people.roles import Permission  # noqa: PLC0415 -- as above
    from portal.web import navigation  # noqa: PLC0415 -- as above

    creators = holds_permission(Permission.APPLY)
    navigation.add_menu_entry(_("Certification"), "certification:home", order=10, visible=creators)
    rules = holds_permission(Permission.LEAD_AREA, Permission.READ_ALL)
    reviewers = holds_permission(Permission.REVIEW)
    navigation.add_menu_entry(_("Certificates"), "certification:inspections", order=30, visible=rules)
    navigation.add_menu_entry(_("Renewals"), "certification:unchanged_renewals", order=30, visible=reviewers)
    navigation.add_menu_entry(_("Register"), "certification:register", order=40)
    navigation.add_menu_entry(_("Areas"), "certification:areas", order=50)
    leads = holds_permission(Permission.LEAD_AREA)
    navigation.add_menu_entry(_("Rules"), "certification:rules", order=55, visible=leads)
    navigation.add_home_page("certification:home", creators)
