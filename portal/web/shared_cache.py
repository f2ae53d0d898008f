"""The cache that all processes share, and what happens while it is down.

Nothing that people wait for depends on it: rate limits, figures and forecasts are then counted and remembered by each
process for itself, so that limits hold still, only less exactly. /healthz/ says that it is down.
"""

import time
from functools import partial
from typing import Any, cast

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)
_TRY_AGAIN = 5.0  # seconds after a failure; until then nobody waits for it
_PATIENCE = 0.5  # seconds for one call


class SharedCache(RedisCache):
    """Django's cache in Redis or Valkey; a server that is down is replaced by the memory of this process."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {"socket_connect_timeout": _PATIENCE, "socket_timeout": _PATIENCE, **params.get("OPTIONS", {})}
        super().__init__(server, params | {"OPTIONS": options})
        self._class = _Client

    def ping(self) -> None:
        """Raise RedisError if the server does not answer."""
        cast("Any", self._cache).shared.get_client(None).ping()


class _Client:
    """The calls of RedisCacheClient, made to the server, or to this process's memory while the server is down."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        self.shared = RedisCacheClient(servers, retry=Retry(NoBackoff(), 0), **options)
        self._own = LocMemCache("while the shared cache is down", {})
        self._down_until = 0.0

    def __getattr__(self, name: str) -> Any:
        return partial(self._call, name)

    def _call(self, name: str, *values: Any) -> Any:
        if time.monotonic() >= self._down_until:
            try:
                return getattr(self.shared, name)(*values)
            except RedisError as error:
                self._down_until = time.monotonic() + _TRY_AGAIN
                log.warning("shared_cache_down", error=type(error).__name__)
        return getattr(self._own, name)(*values)
