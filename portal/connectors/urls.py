"""URL of what platforms tell the portal."""

from django.urls import path

from portal.connectors import views

app_name = "connectors"
urlpatterns = [path("<slug:code>/", views.receive_event, name="event")]
