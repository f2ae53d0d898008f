"""The WSGI application that gunicorn serves."""

import os
from tempfile import mkdtemp

# Where the web workers keep their latencies (portal/web/metrics.py); prometheus_client looks once, when it is
# imported. portal/webserver.py removes the folder.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = mkdtemp(prefix="portal-metrics-")
# Limits of database connections (portal/databases.py).
os.environ.setdefault("PORTAL_PROCESS", "web")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from portal.engines.isolation import hide_from_siblings

# Of the manager of web processes, which loads this, and of those that it forks.
hide_from_siblings()
application = get_wsgi_application()
# Django imports the pages when the first request comes, which takes a second; here it is done before processes are forked.
get_resolver().url_patterns  # noqa: B018 -- reading it imports
