"""URLs of videos: the video, its still picture, uploads."""

from django.urls import path

from portal.media import views

app_name = "media"
urlpatterns = [
    path("<uuid:pk>/", views.video, name="video"),
    path("<uuid:pk>/poster/", views.poster, name="poster"),
]
