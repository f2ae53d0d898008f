"""The connector to PeerTube 8 over its public API, by the account of a moderator."""

from portal.platforms import Connector, PlatformConfig


def make(config: PlatformConfig) -> Connector:
    """The PeerTube at `base_url`, its public address; raises ValueError without it or without credentials.

    `credentials`: `username` and `password` of a moderator that nobody else uses. `options`: how it may be called, by the
    names of portal.outbound.http.ClientSettings. Nothing is called here.
    """
    from portal.connectors.peertube.connector import PeerTube  # noqa: PLC0415 -- models are loaded when called

    return PeerTube(config).connector()
