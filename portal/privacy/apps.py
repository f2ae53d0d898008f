"""Personal data: the table of what is kept, and copies of one's own data."""

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "portal.privacy"
    verbose_name = _("Personal data")

    def ready(self) -> None:
        from portal.evidence.actions.keys import register_text_renewal, rewrap_data_keys  # noqa: PLC0415 -- models are loaded now
        from portal.jobs import registry  # noqa: PLC0415 -- as above
        from portal.people import departures  # noqa: PLC0415 -- as above
        from portal.privacy.actions import erasures, exports  # noqa: PLC0415 -- as above
        from portal.privacy.models import DataExport  # noqa: PLC0415 -- as above
        from portal.privacy.platform_data import register_platform_data  # noqa: PLC0415 -- as above

        register_platform_data()
        registry.register_kind(exports.EXPORT_JOB, exports.run_export, attempts=3, exhausted=exports.give_up_export)
        registry.register_kind(erasures.ERASE_JOB, erasures.run_erasure, attempts=5)
        registry.register_periodic("privacy.erase_due", 3600, erasures.enqueue_due_erasures)
        registry.register_periodic("privacy.purge_exports", 3600, exports.purge_old_exports)
        departures.register_erasure(exports.erase_exports)
        register_text_renewal("exports", partial(rewrap_data_keys, DataExport))
