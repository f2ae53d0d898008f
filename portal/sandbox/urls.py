"""URLs of the sandbox."""

from django.urls import path

from portal.sandbox import views

app_name = "sandbox"
urlpatterns = [
    path("", views.home, name="home"),
    path("@<slug:handle>/", views.account, name="account"),
    path("watch/<int:pk>/", views.watch, name="watch"),
]
