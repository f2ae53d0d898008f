"""Originality: complaints about copies, decided by people, with remedies and the return of followers."""

from typing import Any, ClassVar

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"
    append_only = ("Comparison", "EvidenceLook", "MatchSegment", "SideReasons")
    erasable: ClassVar = {"SideReasons": ("text",)}

    def ready(self) -> None:
        from complaints import personal_data, tasks, webhooks  # noqa: PLC0415 -- models are loaded now
        from complaints.policies import parties  # noqa: PLC0415 -- as above
        from complaints.policies.terms import EVIDENCE_PURPOSE  # noqa: PLC0415 -- as above
        from complaints.views import case_subjects, pages  # noqa: PLC0415 -- as above
        from portal.audit import admin_pages  # noqa: PLC0415 -- as above
        from portal.evidence.access import register_link_rule  # noqa: PLC0415 -- as above
        from portal.evidence.uploads import FORM_BYTES  # noqa: PLC0415 -- as above
        from portal.people.staff_conflicts import register_staff_conflict  # noqa: PLC0415 -- as above
        from portal.web import bodies  # noqa: PLC0415 -- as above

        admin_pages.register_own_chains(parties.own_chains)
        steps = ("copy", "original", "notice", "work_new")
        after = ("completion", "appeal", "reply", "answer", "answer_appeal", "answer_reply")
        for names, senders in ((steps, bodies.is_signed_in), (after, pages.is_party)):
            bodies.allow_large_bodies(*(f"complaints:{name}" for name in names), most=FORM_BYTES, senders=senders)
        register_link_rule(EVIDENCE_PURPOSE, pages.shows_file_by_link)
        tasks.register_complaint_tasks()
        personal_data.register_complaint_data()
        webhooks.register_complaint_webhooks()
        case_subjects.register_case_kinds()
        register_staff_conflict(parties.refuse_open_complaint)
        post_migrate.connect(_prepare_library, sender=self)
        _add_to_menu()


def _prepare_library(**_about: Any) -> None:
    from complaints.library import get_library  # noqa: PLC0415 -- models are loaded now

    get_library().prepare()


def _add_to_menu() -> None:
    from portal.people.access import holds_permission  # noqa: PLC0415 -- models are loaded now
    from portal.people.roles import Permission  # noqa: PLC0415 -- as above
    from portal.web import navigation  # noqa: PLC0415 -- as above

    applies, complains = holds_permission(Permission.APPLY), holds_permission(Permission.COMPLAIN)

    def only_complains(user: Any) -> bool:
        return complains(user) and not applies(user)

    navigation.add_menu_entry(_("Originality"), "complaints:home", order=20)
    overseers = holds_permission(Permission.REVIEW_SECOND, Permission.READ_ALL)
    navigation.add_menu_entry(_("Returns"), "complaints:restitutions", order=30, visible=overseers)
    navigation.add_home_page("complaints:home", only_complains)
