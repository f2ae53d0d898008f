"""URLs of a person's messages, and of staff's list of mails that did not arrive."""

from django.urls import path

from portal.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("undelivered/", views.undelivered, name="undelivered"),
    path("undelivered/<int:pk>/send/", views.send_again, name="send_again"),
]
