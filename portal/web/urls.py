"""The front door, the switches that every page has, and the gallery of components."""

from django.urls import path

from portal.web import gallery, views

app_name = "web"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("about/", views.about, name="about"),
    path("home/", views.home, name="home"),
    path("language/", views.language, name="language"),
    path("theme/", views.theme, name="theme"),
    path("ui/", gallery.gallery, name="gallery"),
]
