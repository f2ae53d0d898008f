"""The site that `manage.py bench web` measures: the portal, and the view that it is compared with.

Only the benchmark's own gunicorn loads this module, before it forks; the portal's URL table knows nothing of it.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from portal.engines import isolation

# The server ends when the benchmark does, even when that is killed; its workers see that it is gone, and end too.
# Elsewhere than on Linux only an orderly end stops it.
isolation.die_with_parent()
settings.ROOT_URLCONF = "portal.bench.web_urls"
application = get_wsgi_application()
