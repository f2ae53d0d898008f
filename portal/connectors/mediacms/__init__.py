"""The connector to MediaCMS 8 over its public API, by the token of an editor."""

from portal.platforms import Connector, PlatformConfig


def make(config: PlatformConfig) -> Connector:
    """The MediaCMS at `base_url`, its public address; raises ValueError without it or without a token.

    `credentials`: `token` of an editor that nobody else uses. `options`: `custody_consent` and `probe_work`, without which
    videos are not removed (probe.py), and how it may be called, by the names of portal.outbound.http.ClientSettings.
    Nothing is called here.
    """
    from portal.connectors.mediacms.connector import MediaCms  # noqa: PLC0415 -- models are loaded when called

    return MediaCms(config).connector()
