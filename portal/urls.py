"""Every URL of the site; each app brings its own table."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from portal.accounts.views.person import key_remove
from portal.web import health, metrics

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
handler400 = "portal.web.views.bad_request"
urlpatterns = [
    path("", include("portal.web.urls")),
    path("", include("certification.urls")),
    path("accounts/", include("portal.accounts.urls")),
    # Before allauth's own, which would let the last key go.
    path("accounts/2fa/webauthn/keys/<int:pk>/remove/", key_remove),
    path("accounts/", include("allauth.urls")),
    path("demo/", include("portal.accounts.demo_urls")),
    path("admin/", admin.site.urls),
    path("healthz/", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("messages/", include("portal.notifications.urls")),
    path("evidence/", include("portal.evidence.urls")),
    path("reviews/", include("portal.reviews.urls")),
]
