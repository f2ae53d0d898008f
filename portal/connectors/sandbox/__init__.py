"""The connector to the sandbox, the small video platform in the portal's own database (portal/sandbox)."""

from django.conf import settings

from portal.platforms import Connector, PlatformConfig


def make(config: PlatformConfig) -> Connector:
    """The sandbox as a platform; raises ValueError if the sandbox is off, since its pages have no addresses then."""
    from portal.connectors.sandbox.connector import SandboxPlatform  # noqa: PLC0415 -- models are loaded when called

    if not settings.SANDBOX:
        message = "the sandbox is off (SANDBOX)"
        raise ValueError(message)
    return SandboxPlatform().connector(config.code, config.name)
