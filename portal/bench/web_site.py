"""The site that `manage.py bench web` measures: the portal, and the view that it is compared with.

Only the benchmark's own gunicorn loads this module; the portal's URL table knows nothing of it.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.ROOT_URLCONF = "portal.bench.web_urls"
application = get_wsgi_application()
