"""Videos: taken in part by part, encrypted, probed in a child process, played by byte ranges."""

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediaConfig(AppConfig):
    name = "portal.media"
    verbose_name = _("Videos")
    append_only = ("MediaLook",)

    def ready(self) -> None:
        from portal.evidence.actions.keys import register_text_renewal, rewrap_data_keys  # noqa: PLC0415 -- models are loaded now
        from portal.jobs import registry  # noqa: PLC0415 -- as above
        from portal.media.actions import probes, retention  # noqa: PLC0415 -- as above
        from portal.media.models import MediaFile  # noqa: PLC0415 -- as above
        from portal.media.tus import MAX_REQUEST_BYTES  # noqa: PLC0415 -- as above
        from portal.people import departures  # noqa: PLC0415 -- as above
        from portal.web import bodies  # noqa: PLC0415 -- as above

        bodies.allow_large_bodies("media:upload", most=MAX_REQUEST_BYTES, senders=bodies.is_signed_in)
        register_text_renewal("videos", partial(rewrap_data_keys, MediaFile))
        departures.register_erasure(retention.video_retention.erase_files_of)
        departures.register_file_erasure(retention.video_retention.purge_files_of)
        registry.register_kind("media.probe", probes.video_check.run, attempts=4, exhausted=probes.video_check.give_up)
        registry.register_periodic("media.purge", 3600, retention.purge_due_videos)
