"""Pages about one's own data."""

from django.urls import path

from portal.privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.data_page, name="data"),
    path("copy/", views.export_request, name="export"),
    path("copy/<int:pk>/", views.export_link, name="link"),
    path("copy/<int:pk>/<str:token>/", views.export_download, name="download"),
    path("erasure/", views.erasure_page, name="erasure"),
    path("erasure/cancel/", views.erasure_cancel, name="erasure_cancel"),
    path("sign-in-again/", views.sign_in_again, name="sign_in_again"),
]
