"""URLs of the sandbox."""

from django.urls import path

from portal.sandbox.views import acts, films, pages

app_name = "sandbox"
urlpatterns = [
    path("", pages.home, name="home"),
    path("inbox/", pages.inbox, name="inbox"),
    path("watch/<int:pk>/", pages.watch, name="watch"),
    path("watch/<int:pk>/video/", films.video, name="video"),
    path("watch/<int:pk>/poster/", films.poster, name="poster"),
    path("watch/<int:pk>/delete/", acts.delete, name="delete"),
    path("act-as/", acts.act_as, name="act_as"),
    path("stop/", acts.stop, name="stop"),
    path("publish/", acts.publish, name="publish"),
    path("profile/", acts.describe, name="profile"),
    path("profile/close/", acts.close, name="close"),
    path("@<slug:handle>/", pages.account, name="account"),
    path("@<slug:handle>/followers/", pages.followers, name="followers"),
    path("@<slug:handle>/follow/", acts.follow, name="follow"),
    path("@<slug:handle>/unfollow/", acts.unfollow, name="unfollow"),
    path("@<slug:handle>/confirm/", acts.confirm, name="confirm"),
]
