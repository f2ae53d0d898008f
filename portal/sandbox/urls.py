"""URLs of the sandbox."""

from django.urls import path

from portal.sandbox.views import account_actions, pages, videos

app_name = "sandbox"
urlpatterns = [
    path("", pages.sandbox_home, name="home"),
    path("inbox/", pages.sandbox_inbox, name="inbox"),
    path("watch/<int:pk>/", pages.sandbox_watch, name="watch"),
    path("watch/<int:pk>/video/", videos.sandbox_video, name="video"),
    path("watch/<int:pk>/poster/", videos.sandbox_poster, name="poster"),
    path("watch/<int:pk>/delete/", account_actions.sandbox_delete, name="delete"),
    path("act-as/", account_actions.sandbox_act_as, name="act_as"),
    path("stop/", account_actions.sandbox_stop, name="stop"),
    path("publish/", account_actions.sandbox_publish, name="publish"),
    path("profile/", account_actions.sandbox_profile, name="profile"),
    path("profile/close/", account_actions.sandbox_close, name="close"),
    path("@<slug:handle>/", pages.sandbox_account, name="account"),
    path("@<slug:handle>/followers/", pages.sandbox_followers, name="followers"),
    path("@<slug:handle>/follow/", account_actions.sandbox_follow, name="follow"),
    path("@<slug:handle>/unfollow/", account_actions.sandbox_unfollow, name="unfollow"),
    path("@<slug:handle>/confirm/", account_actions.sandbox_confirm, name="confirm"),
]
