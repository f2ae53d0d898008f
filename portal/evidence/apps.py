"""Uploaded files: sniffed, opened, hashed, encrypted, rendered; every reading logged."""

from functools import partial

from django.apps import AppConfig
from django.core import checks


class EvidenceConfig(AppConfig):
    name = "portal.evidence"
    append_only = ("EvidenceAccess", "KeyMark")

    def ready(self) -> None:
        from portal.evidence import blobs, key_marks  # noqa: PLC0415 -- models are loaded now
        from portal.evidence.actions import keys, marked_copies, pages, retention  # noqa: PLC0415 -- as above
        from portal.evidence.models import MarkedCopy  # noqa: PLC0415 -- as above
        from portal.jobs import registry  # noqa: PLC0415 -- as above
        from portal.people import departures, second_factor  # noqa: PLC0415 -- models are loaded now
        from portal.web import health  # noqa: PLC0415 -- as above

        health.register_health_check("fingerprint_key", key_marks.refuse_changed_key)
        checks.register(key_marks.check_fingerprint_key, checks.Tags.security, deploy=True)
        registry.register_periodic(key_marks.MARK_JOB, 3600, key_marks.mark_keys)
        keys.register_text_renewal("second factors", second_factor.renew_factor_secrets)
        registry.register_kind(
            "evidence.render",
            pages.document_check.run,
            attempts=4,
            exhausted=pages.document_check.give_up,
        )
        registry.register_kind(
            marked_copies.MARK_JOB,
            marked_copies.mark_pages,
            attempts=marked_copies.MARK_ATTEMPTS,
            exhausted=marked_copies.give_up_marking,
        )
        registry.register_periodic("evidence.purge_marked", 3600, marked_copies.purge_marked_copies)
        retention.evidence_retention.register_derived(marked_copies.delete_copies_of_file)
        keys.register_text_renewal("marked copies", partial(keys.rewrap_data_keys, MarkedCopy))
        departures.register_erasure(retention.evidence_retention.erase_files_of)
        departures.register_file_erasure(retention.evidence_retention.purge_files_of)
        registry.register_periodic("evidence.purge", 3600, retention.purge_due_files)
        registry.register_periodic("evidence.sweep", 600, blobs.sweep_orphan_blobs)
