"""Every URL of the site; each app brings its own table."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, register_converter
from drf_spectacular.views import SpectacularAPIView

from portal.people.views.person import key_remove
from portal.web import health, metrics
from portal.web.documentation import api_documentation, platform_contract, platform_contract_document
from portal.web.problems import AnythingConverter, UnknownEndpoint

register_converter(AnythingConverter, "anything")

handler400 = "portal.web.views.bad_request"
handler500 = "portal.web.busy.error_page"
urlpatterns = [
    # First, for a platform asks at every publish, and each pattern that is tried before costs time.
    path("api/v1/", include("certification.api.urls")),
    path("api/v1/", include("complaints.api.urls")),
    path("", include("portal.web.urls")),
    path("", include("certification.urls")),
    path("", include("complaints.urls")),
    path("accounts/", include("portal.people.urls")),
    path("accounts/data/", include("portal.privacy.urls")),
    # Before allauth's own, which would let the last key go.
    path("accounts/2fa/webauthn/keys/<int:pk>/remove/", key_remove),
    path("accounts/", include("allauth.urls")),
    path("demo/", include("portal.people.demo_urls")),
    path("admin/", admin.site.urls),
    path("identity/o/api/", include("portal.people.token_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", api_documentation, name="api_docs"),
    path("api/platform/", platform_contract, name="platform_contract"),
    path("api/platform/openapi.json", platform_contract_document, name="platform_contract_document"),
    path("api/platform/events/", include("portal.connectors.http.urls")),
    path("api/<anything:rest>", UnknownEndpoint.as_view(), name="api_unknown"),
    path("healthz/", health.healthz_report, name="healthz"),
    path("metrics", metrics.metrics_page, name="metrics"),
    path("messages/", include("portal.notifications.urls")),
    path("evidence/", include("portal.evidence.urls")),
    path("media/", include("portal.media.urls")),
    path("lookups/", include("portal.outbound.urls")),
    path("platforms/", include("portal.connectors.urls")),
    path("reviews/", include("portal.reviews.urls")),
]
if settings.SANDBOX:
    urlpatterns.append(path("sandbox/", include("portal.sandbox.urls")))
