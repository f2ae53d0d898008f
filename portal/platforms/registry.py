"""Which platforms this portal serves. portal.connectors registers them when the process starts, from PLATFORMS."""

from portal.platforms.protocol import Connector, Unknown

_connectors: dict[str, Connector] = {}


def register_platform(connector: Connector) -> None:
    """Make a platform known. Registering a code twice is a programming error."""
    if connector.code in _connectors:
        message = f"platform {connector.code} is registered twice"
        raise ValueError(message)
    _connectors[connector.code] = connector


def get_connector(code: str) -> Connector:
    """The connector of a platform; raises Unknown."""
    if code not in _connectors:
        raise Unknown(code)
    return _connectors[code]


def platform_codes() -> list[str]:
    """The platforms there are, by code, in the order of registration."""
    return list(_connectors)


def platform_choices() -> list[tuple[str, str]]:
    """(code, name) of the platforms, for a choice in a form."""
    return [(code, connector.name) for code, connector in _connectors.items()]


def connector_of_address(address: str) -> Connector | None:
    """The platform to which an address (URL) belongs, if any."""
    return next((row for row in _connectors.values() if row.accounts.recognises(address)), None)
