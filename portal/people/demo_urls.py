"""Pages of a demo; outside demo mode each of them answers 404."""

from django.urls import path

from portal.people.views import demo

app_name = "demo"
urlpatterns = [
    path("sign-in/", demo.demo_sign_in, name="sign_in"),
    path("outbox/", demo.outbox_page, name="outbox"),
    path("clock/", demo.clock_move, name="clock"),
]
