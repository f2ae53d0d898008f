"""URLs of evidence: pages, viewer, status, original."""

from django.urls import path

from portal.evidence import views

app_name = "evidence"
urlpatterns = [
    path("looks/", views.looks_page, name="looks"),
    path("<uuid:pk>/", views.viewer_fragment, name="viewer"),
    path("<uuid:pk>/pages/<int:number>/", views.page_image, name="page"),
    path("<uuid:pk>/status/", views.file_status, name="status"),
    path("<uuid:pk>/original/", views.download_original, name="original"),
]
