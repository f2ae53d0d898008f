"""URLs of a person's messages, and of staff's list of mails that did not arrive."""

from django.urls import path

from portal.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.inbox_page, name="inbox"),
    path("undelivered/", views.undelivered_page, name="undelivered"),
    path("undelivered/<int:pk>/send/", views.post_send_again, name="send_again"),
]
