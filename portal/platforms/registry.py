"""Which platforms this portal serves. portal.connectors registers them when the process starts, from PLATFORMS."""

from collections.abc import Callable

from portal.platforms.protocol import Connector, NotServed

_connectors: dict[str, Connector] = {}
_guards: list[Callable[[Connector], Connector]] = []


def register_platform(connector: Connector) -> None:
    """Make a platform known. Registering a code twice is a programming error."""
    if connector.code in _connectors:
        message = f"platform {connector.code} is registered twice"
        raise ValueError(message)
    _connectors[connector.code] = connector


def get_connector(code: str) -> Connector:
    """The connector of a platform; raises NotServed."""
    if code not in _connectors:
        raise NotServed(code)
    connector = _connectors[code]
    for guard in _guards:
        connector = guard(connector)
    return connector


def registered_connectors() -> list[Connector]:
    """The connectors as they were registered, before any guard: for the upkeep of the connectors themselves."""
    return list(_connectors.values())


def register_guard(guard: Callable[[Connector], Connector]) -> None:
    """Have every connector that is handed out pass through `guard` first."""
    _guards.append(guard)


def platform_codes() -> list[str]:
    """The platforms there are, by code, in the order of registration."""
    return list(_connectors)


def platform_names() -> dict[str, str]:
    """The names of the platforms by code."""
    return {code: connector.name for code, connector in _connectors.items()}


def platform_choices() -> list[tuple[str, str]]:
    """(code, name) of the platforms, for a choice in a form."""
    return list(platform_names().items())


def connector_of_address(address: str) -> Connector | None:
    """The platform to which an address (URL) belongs, if any."""
    found = (code for code, row in _connectors.items() if row.accounts.recognises(address))
    code = next(found, None)
    return get_connector(code) if code is not None else None
