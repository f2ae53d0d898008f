"""The connector to platforms that implement the contract for platforms (portal/platforms/openapi), over HTTP."""

from portal.platforms import Connector, PlatformConfig


def make(config: PlatformConfig) -> Connector:
    """The platform at `base_url`; raises ValueError without an address or without its secrets.

    `credentials`: `secrets`, with which calls are signed, and `incoming_secrets` of its requests to the portal; each one
    secret, or two separated by a comma while one replaces the other. `options`: how it may be called, by the names of
    portal.outbound.http.ClientSettings. Nothing is called here.
    """
    from portal.connectors.http.connector import HttpPlatform  # noqa: PLC0415 -- models are loaded when called

    return HttpPlatform(config).connector()
