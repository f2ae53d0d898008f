"""URL of questions to platforms."""

from django.urls import path

from portal.outbound import views

app_name = "outbound"
urlpatterns = [path("<str:token>/", views.lookup_status, name="lookup")]
