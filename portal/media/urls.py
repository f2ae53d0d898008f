"""URLs of videos: the video, its still picture, uploads."""

from django.urls import path

from portal.media import tus, views

app_name = "media"
urlpatterns = [
    path("uploads/", tus.UploadCreation.as_view(), name="uploads"),
    path("uploads/<uuid:pk>/", tus.UploadResource.as_view(), name="upload"),
    path("<uuid:pk>/", views.media_video, name="video"),
    path("<uuid:pk>/poster/", views.media_poster, name="poster"),
    path("<uuid:pk>/kept/", views.kept_checkbox, name="kept"),
    path("<uuid:pk>/status/", views.video_status, name="status"),
]
