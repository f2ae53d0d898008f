"""Pages about one's own data."""

from django.urls import path

from portal.privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.data_page, name="data"),
    path("copy/", views.export_request, name="export"),
    path("copy/<int:pk>/", views.export_link, name="link"),
    path("copy/<int:pk>/<str:token>/", views.export_download, name="download"),
    path("sign-in-again/", views.sign_in_again, name="sign_in_again"),
]
