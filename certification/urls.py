"""URLs of certification: the public's, the creator's, the reviewer's."""

from django.urls import path

from certification.views import creator, doubts, holder, papers, progress, public, review, steps

app_name = "certification"

_APPLICATION = "certification/applications/<slug:number>"
_REVIEW = "certification/review/<slug:number>"
_CERTIFICATE = "certification/certificates/<slug:serial>"

urlpatterns = [
    path("register/", public.register, name="register"),
    path("register/<slug:serial>/", public.certificate, name="certificate"),
    path("areas/", public.areas, name="areas"),
    path("areas/<slug:code>/", public.area, name="area"),
    path("certification/", creator.home, name="home"),
    path("certification/new/", creator.area_choice, name="area_choice"),
    path("certification/new/<slug:code>/", creator.application_start, name="application_start"),
    path(f"{_APPLICATION}/", progress.application, name="application"),
    path(f"{_APPLICATION}/about/", steps.about, name="about"),
    path(f"{_APPLICATION}/credentials/", steps.credentials, name="credentials"),
    path(f"{_APPLICATION}/documents/", steps.documents, name="documents"),
    path(f"{_APPLICATION}/check/", steps.check, name="check"),
    path(f"{_APPLICATION}/discard/", creator.draft_discard, name="draft_discard"),
    path(f"{_APPLICATION}/answer/", progress.request_answer, name="request_answer"),
    path(f"{_APPLICATION}/withdraw/", progress.withdrawal, name="withdrawal"),
    path(f"{_APPLICATION}/appeal/", progress.appeal, name="appeal"),
    path("certification/papers/<uuid:pk>/", papers.paper, name="paper"),
    path(f"{_CERTIFICATE}/", holder.held, name="held"),
    path(f"{_CERTIFICATE}/renew/", holder.renewal, name="renewal"),
    path(f"{_CERTIFICATE}/give-up/", holder.surrender, name="surrender"),
    path(f"{_CERTIFICATE}/answer/", holder.inquiry_answer, name="inquiry_answer"),
    path(f"{_CERTIFICATE}/appeal/", holder.revocation_appeal, name="revocation_appeal"),
    path(f"{_CERTIFICATE}/doubt/", doubts.doubt, name="doubt"),
    path(f"{_REVIEW}/", review.review, name="review"),
    path(f"{_REVIEW}/ask/", review.ask, name="review_ask"),
    path(f"{_REVIEW}/approve/", review.decide, {"verb": "approve"}, name="review_approve"),
    path(f"{_REVIEW}/reject/", review.decide, {"verb": "reject"}, name="review_reject"),
    path(f"{_REVIEW}/confirm/", review.second_word, {"verb": "confirm"}, name="review_confirm"),
    path(f"{_REVIEW}/send-back/", review.second_word, {"verb": "send_back"}, name="review_send_back"),
    path(f"{_REVIEW}/look-up/<int:pk>/", review.look_up, name="review_look_up"),
    path(f"{_REVIEW}/paper/<int:pk>/", review.paper_read, name="review_paper"),
    path(f"{_REVIEW}/number/<int:pk>/", review.number_reveal, name="review_number"),
]
