"""URLs of originality complaints: the complainant's, the respondent's, the reviewer's."""

from django.urls import path

from complaints.views import (
    authorisations,
    followers,
    home,
    notice,
    platform_situation,
    possible_copies,
    progress,
    respondent,
    restitution_previews,
    restitutions,
    review,
    steps,
    works,
    years,
)

app_name = "complaints"

_ONE = "complaints/<slug:number>"
_ANSWER = "complaints/answers/<slug:number>"
_RESTITUTION = "complaints/restitutions/<int:pk>"
_REVIEW = "complaints/review/<slug:number>"

urlpatterns = [
    path("complaints/", home.home_page, name="home"),
    path("complaints/new/", steps.start_page, name="start"),
    path("complaints/works/", works.works_page, name="works"),
    path("complaints/works/new/", works.work_new_page, name="work_new"),
    path("complaints/works/<int:pk>/", works.work_page, name="work"),
    path("complaints/works/<int:pk>/delete/", works.work_delete_page, name="work_delete"),
    path("complaints/works/copies/mail/", possible_copies.copy_notices_post, name="copy_notices"),
    path("complaints/works/copies/<int:pk>/", possible_copies.possible_copy_page, name="possible_copy"),
    path(
        "complaints/works/copies/<int:pk>/dismiss/",
        possible_copies.possible_copy_dismiss_page,
        name="possible_copy_dismiss",
    ),
    path("complaints/authorisations/", authorisations.authorisations_page, name="authorisations"),
    path("complaints/authorisations/<int:pk>/end/", authorisations.authorisation_end_page, name="authorisation_end"),
    path("complaints/answers/", respondent.answers_page, name="answers"),
    path("complaints/answers/open/<str:token>/", respondent.answer_open_link, name="answer_open"),
    path(f"{_ANSWER}/", respondent.answer_file_page, name="answer_file"),
    path(f"{_ANSWER}/answer/", respondent.answer_page, name="answer"),
    path(f"{_ANSWER}/video/<slug:side>/", respondent.answer_video, name="answer_video"),
    path(f"{_ANSWER}/poster/<slug:side>/", respondent.answer_poster, name="answer_poster"),
    path(f"{_ANSWER}/evidence/", respondent.answer_evidence_file, name="answer_evidence_file"),
    path(
        f"{_ANSWER}/evidence/<slug:kind>/<int:place>/",
        respondent.answer_evidence_picture,
        name="answer_evidence_picture",
    ),
    path(f"{_ANSWER}/files/<uuid:pk>/", respondent.answer_document_page, name="answer_document"),
    path(f"{_ANSWER}/files/<uuid:pk>/<int:place>/", respondent.answer_document_picture, name="answer_document_page"),
    path(f"{_ANSWER}/appeal/", respondent.answer_appeal_page, name="answer_appeal"),
    path(f"{_ANSWER}/reply/", respondent.answer_reply_page, name="answer_reply"),
    path(f"{_REVIEW}/video/<slug:name>/", review.review_video, name="review_video"),
    path(f"{_REVIEW}/evidence/again/", review.review_evidence_again, name="review_evidence_again"),
    path(f"{_REVIEW}/evidence/", review.review_evidence_file, name="review_evidence_file"),
    path(
        f"{_REVIEW}/evidence/<slug:kind>/<int:place>/", review.review_evidence_picture, name="review_evidence_picture"
    ),
    path(f"{_REVIEW}/platform/", platform_situation.review_platform, name="review_platform"),
    path(f"{_REVIEW}/preview/", restitution_previews.review_preview, name="review_preview"),
    path(f"{_REVIEW}/contact/<slug:side>/", review.review_contact, name="review_contact"),
    path("complaints/returns/", years.yearly_returns_page, name="yearly_returns"),
    path("complaints/restitutions/", restitutions.restitutions_page, name="restitutions"),
    path(f"{_RESTITUTION}/", restitutions.restitution_page, name="restitution"),
    path(f"{_RESTITUTION}/compare/", restitutions.post_reconciliation, name="reconcile"),
    path(f"{_RESTITUTION}/<slug:kind>/", restitutions.control_page, name="control"),
    path(f"{_RESTITUTION}/<int:control>/agree/", restitutions.stop_agreement_page, name="stop_agreement"),
    path(f"{_RESTITUTION}/<int:control>/refuse/", restitutions.stop_refusal_page, name="stop_refusal"),
    path("complaints/follow/<str:token>/", followers.follower_undo_page, name="follower_undo"),
    path("complaints/follow/<str:token>/all/", followers.follower_moves_page, name="follower_moves"),
    path(f"{_ONE}/", progress.complaint_page, name="complaint"),
    path(f"{_ONE}/copy/", steps.copy_step, name="copy"),
    path(f"{_ONE}/original/", steps.original_step, name="original"),
    path(f"{_ONE}/notice/", notice.notice_step, name="notice"),
    path(f"{_ONE}/check/", steps.check_step, name="check"),
    path(f"{_ONE}/discard/", steps.discard_page, name="discard"),
    path(f"{_ONE}/complete/", progress.completion_page, name="completion"),
    path(f"{_ONE}/withdraw/", progress.withdrawal_page, name="withdrawal"),
    path(f"{_ONE}/appeal/", progress.appeal_page, name="appeal"),
    path(f"{_ONE}/reply/", progress.reply_page, name="reply"),
    path(f"{_ONE}/video/<slug:side>/", progress.complaint_video, name="video"),
    path(f"{_ONE}/poster/<slug:side>/", progress.complaint_poster, name="poster"),
    path(f"{_ONE}/evidence/", progress.complaint_evidence_file, name="evidence_file"),
    path(f"{_ONE}/evidence/<slug:kind>/<int:place>/", progress.complaint_evidence_picture, name="evidence_picture"),
    path(f"{_ONE}/files/<uuid:pk>/", progress.complaint_file_page, name="file"),
    path(f"{_ONE}/files/<uuid:pk>/<int:place>/", progress.complaint_file_picture, name="file_page"),
]
