"""URLs of videos: the video, its still picture, uploads."""

from django.urls import path

from portal.media import tus, views

app_name = "media"
urlpatterns = [
    path("uploads/", tus.Creation.as_view(), name="uploads"),
    path("uploads/<uuid:pk>/", tus.Upload.as_view(), name="upload"),
    path("<uuid:pk>/", views.video, name="video"),
    path("<uuid:pk>/poster/", views.poster, name="poster"),
    path("<uuid:pk>/kept/", views.kept, name="kept"),
    path("<uuid:pk>/status/", views.status, name="status"),
]
