"""Append-only, hash-chained audit events; trail.record_event() is the only writer."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "portal.audit"
    append_only = ("AuditEvent",)

    def ready(self) -> None:
        from portal.audit import heads  # noqa: PLC0415 -- models are loaded now
        from portal.jobs import registry  # noqa: PLC0415 -- as above

        registry.register_periodic("audit.write_head", 3600, heads.write_due_head)
        registry.register_kind(heads.MAIL_KIND, heads.mail_head, attempts=12)
