"""URL of what platforms tell the portal."""

from django.urls import path

from portal.connectors.http import views

app_name = "platform_events"
urlpatterns = [path("<slug:code>/", views.receive_event, name="receive")]
