"""Celery delivers job ids to worker processes; the rows of portal.jobs are the truth (ADR 0002)."""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from django_structlog.celery.steps import DjangoStructLogInitStep

from portal.engines.isolation import hide_from_siblings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# A task's log lines carry the id of the request that asked for it.
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def _same_logs_as_the_web(**_kwargs: Any) -> None:
    from django.conf import settings  # noqa: PLC0415 -- read when a worker starts, not on import

    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect
@beat_init.connect
def _hide_from_siblings(**_kwargs: Any) -> None:
    hide_from_siblings()


@worker_init.connect
@beat_init.connect
def _start_local_servers(**_kwargs: Any) -> None:
    from django.conf import settings  # noqa: PLC0415 -- read when a worker starts, not on import

    from portal import localservers  # noqa: PLC0415 -- production never loads it

    if "valkey.sock" in settings.CELERY_BROKER_URL:
        localservers.ensure_servers(settings.DATA_DIR, durable=settings.LOCALSERVERS_DURABLE)
