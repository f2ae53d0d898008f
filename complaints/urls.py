"""The pages of originality."""

from django.urls import path

from complaints.views import followers

app_name = "complaints"
urlpatterns = [
    path("follow/<str:token>/", followers.follower_undo, name="follower_undo"),
]
