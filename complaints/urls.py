"""URLs of originality complaints: the complainant's, the respondent's, the reviewer's."""

from django.urls import path

from complaints.views import authorisations, followers, home, notice, progress, respondent, review, steps, works

app_name = "complaints"

_ONE = "complaints/<slug:number>"
_ANSWER = "complaints/answers/<slug:number>"
_REVIEW = "complaints/review/<slug:number>"

urlpatterns = [
    path("complaints/", home.home, name="home"),
    path("complaints/new/", steps.start, name="start"),
    path("complaints/works/", works.works, name="works"),
    path("complaints/works/new/", works.work_new, name="work_new"),
    path("complaints/works/<int:pk>/", works.work, name="work"),
    path("complaints/authorisations/", authorisations.authorisations, name="authorisations"),
    path("complaints/authorisations/<int:pk>/end/", authorisations.authorisation_end, name="authorisation_end"),
    path("complaints/answers/", respondent.answers, name="answers"),
    path("complaints/answers/open/<str:token>/", respondent.answer_open, name="answer_open"),
    path(f"{_ANSWER}/", respondent.answer_file, name="answer_file"),
    path(f"{_ANSWER}/answer/", respondent.answer, name="answer"),
    path(f"{_ANSWER}/video/<slug:side>/", respondent.answer_video, name="answer_video"),
    path(f"{_ANSWER}/appeal/", respondent.answer_appeal, name="answer_appeal"),
    path(f"{_ANSWER}/reply/", respondent.answer_reply, name="answer_reply"),
    path(f"{_REVIEW}/", review.review, name="review"),
    path(f"{_REVIEW}/decide/<slug:verb>/", review.decide, name="review_decide"),
    path(f"{_REVIEW}/confirm/", review.second_word, {"verb": "confirm"}, name="review_confirm"),
    path(f"{_REVIEW}/send-back/", review.second_word, {"verb": "send_back"}, name="review_send_back"),
    path(f"{_REVIEW}/video/<slug:name>/", review.video, name="review_video"),
    path(f"{_REVIEW}/contact/<slug:side>/", review.contact, name="review_contact"),
    path("complaints/follow/<str:token>/", followers.follower_undo, name="follower_undo"),
    path(f"{_ONE}/", progress.complaint, name="complaint"),
    path(f"{_ONE}/copy/", steps.copy, name="copy"),
    path(f"{_ONE}/original/", steps.original, name="original"),
    path(f"{_ONE}/notice/", notice.notice, name="notice"),
    path(f"{_ONE}/check/", steps.check, name="check"),
    path(f"{_ONE}/discard/", steps.discard, name="discard"),
    path(f"{_ONE}/complete/", progress.completion, name="completion"),
    path(f"{_ONE}/withdraw/", progress.withdrawal, name="withdrawal"),
    path(f"{_ONE}/appeal/", progress.appeal, name="appeal"),
    path(f"{_ONE}/reply/", progress.reply, name="reply"),
    path(f"{_ONE}/video/<slug:side>/", progress.video, name="video"),
]
