"""The composition root and the platform on which certification and complaints stand."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
