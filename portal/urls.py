"""Every URL of the site; each app brings its own table."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("messages/", include("portal.notifications.urls")),
    path("evidence/", include("portal.evidence.urls")),
]
