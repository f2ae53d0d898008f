"""Uploaded files: sniffed, opened, hashed, encrypted, rendered; every reading logged."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "portal.evidence"
    append_only = ("EvidenceAccess",)

    def ready(self) -> None:
        from portal.accounts import second_factor  # noqa: PLC0415 -- models are loaded now
        from portal.evidence import blobs  # noqa: PLC0415 -- models are loaded now
        from portal.evidence.actions import keys, pages, retention  # noqa: PLC0415 -- as above
        from portal.jobs import registry  # noqa: PLC0415 -- as above

        keys.register_texts("second factors", second_factor.renew_secrets)
        registry.register("evidence.render", pages.render, queue="documents", attempts=4, exhausted=pages.give_up)
        registry.periodic("evidence.purge", 3600, retention.purge_due)
        registry.periodic("evidence.sweep", 600, blobs.sweep)
