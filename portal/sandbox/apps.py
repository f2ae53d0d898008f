"""The sandbox: a small video platform at /sandbox/, for trying the portal out. Nothing there is real."""

from django.apps import AppConfig
from django.conf import settings


class SandboxConfig(AppConfig):
    name = "portal.sandbox"

    def ready(self) -> None:
        from portal.media.actions import retention  # noqa: PLC0415 -- models are loaded now
        from portal.platforms import registry  # noqa: PLC0415 -- as above
        from portal.sandbox.actions import posts  # noqa: PLC0415 -- as above
        from portal.sandbox.connector import SandboxConnector  # noqa: PLC0415 -- as above

        retention.register_video_use(posts.is_used_by_post)
        if settings.SANDBOX:
            registry.register_platform(SandboxConnector())
