"""The landing page, the switches that every page has, and the gallery of components."""

from django.urls import path

from portal.web import gallery, views

app_name = "web"
urlpatterns = [
    path("", views.landing_page, name="landing"),
    path("about/", views.about_page, name="about"),
    path("terms/", views.terms_page, name="terms"),
    path("privacy/", views.privacy_page, name="privacy"),
    path("contact/", views.contact_page, name="contact"),
    path("robots.txt", views.robots_text, name="robots"),
    path("home/", views.home_redirect, name="home"),
    path("language/", views.switch_language, name="language"),
    path("theme/", views.switch_theme, name="theme"),
    path("session/", views.session_report, name="session"),
    path("ui/", gallery.gallery_page, name="gallery"),
]
