"""URLs of the people who work in the queue."""

from django.urls import path

from portal.reviews.casepage import views as casepage
from portal.reviews.views import case_in_hand, queue, team

app_name = "reviews"
urlpatterns = [
    path("", queue.queue_page, name="queue"),
    path("next/", queue.post_next_case, name="next"),
    path("team/", team.team_page, name="team"),
    path("conflicts/", team.conflicts_page, name="conflicts"),
    path("<slug:number>/", team.case_overview, name="case"),
    path("<slug:number>/work/", casepage.case_page, name="case_page"),
    path("<slug:number>/decide/<slug:verb>/", casepage.decide_case, name="decide"),
    path("<slug:number>/confirm/", casepage.confirm_decision, name="confirm"),
    path("<slug:number>/second-look/", casepage.second_look, name="second_look"),
    path("<slug:number>/send-back/", casepage.send_decision_back, name="send_back"),
    path("<slug:number>/lease/", case_in_hand.lease_fragment, name="lease"),
    path("<slug:number>/leave/", case_in_hand.leave_page, name="leave"),
    path("<slug:number>/release/", case_in_hand.post_release, name="release"),
    path("<slug:number>/hand-over/", case_in_hand.post_hand_over, name="hand_over"),
    path("<slug:number>/conflict/", case_in_hand.post_conflict, name="conflict"),
]
