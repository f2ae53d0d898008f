"""URLs of the status of platforms."""

from django.urls import path

from portal.connectors import views

app_name = "connectors"
urlpatterns = [
    path("", views.status_page, name="status"),
    path("<slug:code>/check/", views.post_check, name="check"),
]
