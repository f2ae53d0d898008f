"""The site that `manage.py bench web` measures: the portal, and the view that it is compared with.

Only the benchmark's own gunicorn loads this module, before it forks; the portal's URL table knows nothing of it.
"""

import ctypes
import os
import signal
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

_PR_SET_PDEATHSIG = 1
if sys.platform == "linux":
    # The server ends when the benchmark does, even when that is killed. Elsewhere only an orderly end stops it.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
settings.ROOT_URLCONF = "portal.bench.web_urls"
application = get_wsgi_application()
