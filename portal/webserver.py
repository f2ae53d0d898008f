"""gunicorn's configuration: `gunicorn -c python:portal.webserver portal.wsgi`.

The app is loaded once and forked; each worker opens its own connections afterwards.
"""

import os
import shutil
from typing import Any

# What portal/webworker.py holds every connection to; how fast bodies and answers must be stands in portal/web/transit.py.
IDLE_SECONDS = 30  # without a byte
HEAD_BYTES = 32 << 10
CONNECTIONS = 1000  # of one process

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# Besides: those that store uploads, so that pages never wait for them.
UPLOAD_THREADS = int(os.environ.get("WEB_UPLOAD_THREADS", "1"))
worker_class = "portal.webworker.BufferedWorker"
preload_app = True
graceful_timeout = 10
timeout = 60
# Requests are logged by the app, without query strings and addresses.
accesslog = None
loglevel = "warning"
control_socket_disable = True


def post_fork(_server: Any, _worker: Any) -> None:
    """Drop what a connection pool of the parent may have left: a socket must not have two users."""
    close_connections()


def close_connections() -> None:
    """Close this process's database connections and their pool."""
    from django.db import connections  # noqa: PLC0415 -- the app is loaded by now

    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def on_exit(_server: Any) -> None:
    """Remove the latencies of this web server (portal/wsgi.py)."""
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(folder, ignore_errors=True)


def when_ready(_server: Any) -> None:
    """Say that the site can be opened now (`manage.py serve` gives the words)."""
    greeting = os.environ.get("SERVE_GREETING", "")
    if greeting:
        print(greeting, flush=True)  # noqa: T201 -- for the person who started it
