"""The sandbox: a small video platform at /sandbox/, for trying the portal out. Nothing there is real."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "portal.sandbox"

    def ready(self) -> None:
        from portal.evidence.uploads import FORM_BYTES  # noqa: PLC0415 -- as above
        from portal.media.actions import retention  # noqa: PLC0415 -- models are loaded now
        from portal.sandbox import acting  # noqa: PLC0415 -- as above
        from portal.sandbox.actions import posts  # noqa: PLC0415 -- as above
        from portal.web import bodies  # noqa: PLC0415 -- as above

        bodies.allow_large_bodies("sandbox:publish", most=FORM_BYTES, senders=acting.is_acting)
        retention.register_video_use(posts.is_used_by_post)
