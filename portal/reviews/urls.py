"""URLs of the people who work in the queue."""

from django.urls import path

from portal.reviews.views import holding, queue, team

app_name = "reviews"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("next/", queue.next_case, name="next"),
    path("team/", team.team, name="team"),
    path("ties/", team.ties, name="ties"),
    path("<slug:number>/", team.case, name="case"),
    path("<slug:number>/lease/", holding.lease, name="lease"),
    path("<slug:number>/leave/", holding.leave, name="leave"),
    path("<slug:number>/release/", holding.release, name="release"),
    path("<slug:number>/hand-over/", holding.hand_over, name="hand_over"),
    path("<slug:number>/tie/", holding.tie, name="tie"),
]
