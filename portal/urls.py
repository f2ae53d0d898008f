"""Every URL of the site; each app brings its own table."""

from django.contrib import admin
from django.urls import include, path

from portal.web import health, metrics

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("healthz/", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("messages/", include("portal.notifications.urls")),
    path("evidence/", include("portal.evidence.urls")),
]
