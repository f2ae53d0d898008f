"""URLs of certification: the public's, the creator's, the reviewer's."""

from django.contrib.sitemaps import views as sitemap_views
from django.urls import path

from certification.views import (
    creator,
    document_uploads,
    doubts,
    evidence_step,
    holder,
    progress,
    proofs,
    public,
    reports,
    review,
    sitemaps,
    steps,
)

app_name = "certification"

_APPLICATION = "certification/applications/<slug:number>"
_REVIEW = "certification/review/<slug:number>"
_CERTIFICATE = "certification/certificates/<slug:serial>"
_SITEMAPS = {"sitemaps": sitemaps.SITEMAPS}
_INDEX = _SITEMAPS | {"sitemap_url_name": "certification:sitemap_part"}

urlpatterns = [
    path("register/", public.register_page, name="register"),
    path("register/<slug:serial>/", public.certificate_page, name="certificate"),
    path("register/<slug:serial>/report/", reports.report_page, name="report"),
    path("register/<slug:serial>/credential.jwt", proofs.certificate_credential, name="credential"),
    path("register/<slug:serial>/badge.svg", proofs.certificate_badge, name="badge"),
    path("register/<slug:serial>/certificate.pdf", proofs.certificate_pdf, name="pdf"),
    path("status/<slug:purpose>/<int:number>/", proofs.status_list, name="status_list"),
    path("oembed/", proofs.oembed, name="oembed"),
    path(".well-known/did.json", proofs.did_document, name="did_document"),
    path("sitemap.xml", sitemap_views.index, _INDEX, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemap_views.sitemap, _SITEMAPS, name="sitemap_part"),
    path("areas/", public.areas_page, name="areas"),
    path("areas/<slug:code>/", public.area_page, name="area"),
    path("certification/", creator.certification_home, name="home"),
    path("certification/new/", creator.area_choice, name="area_choice"),
    path("certification/new/<slug:code>/", creator.application_start, name="application_start"),
    path(f"{_APPLICATION}/", progress.application_page, name="application"),
    path(f"{_APPLICATION}/about/", steps.about_you_step, name="about"),
    path(f"{_APPLICATION}/evidence/", evidence_step.evidence_step, name="evidence"),
    path(f"{_APPLICATION}/check/", steps.check_step, name="check"),
    path(f"{_APPLICATION}/discard/", creator.draft_discard, name="draft_discard"),
    path(f"{_APPLICATION}/answer/", progress.request_answer, name="request_answer"),
    path(f"{_APPLICATION}/withdraw/", progress.application_withdrawal, name="withdrawal"),
    path(f"{_APPLICATION}/appeal/", progress.rejection_appeal, name="appeal"),
    path("certification/papers/<uuid:pk>/", document_uploads.paper_file, name="paper"),
    path(f"{_CERTIFICATE}/", holder.held_certificate, name="held"),
    path(f"{_CERTIFICATE}/renew/", holder.certificate_renewal, name="renewal"),
    path(f"{_CERTIFICATE}/give-up/", holder.certificate_surrender, name="surrender"),
    path(f"{_CERTIFICATE}/answer/", holder.inquiry_answer, name="inquiry_answer"),
    path(f"{_CERTIFICATE}/appeal/", holder.revocation_appeal, name="revocation_appeal"),
    path(f"{_CERTIFICATE}/doubt/", doubts.doubt_page, name="doubt"),
    path(f"{_REVIEW}/ask/", review.review_ask_applicant, name="review_ask"),
    path(f"{_REVIEW}/look-up/<int:pk>/", review.review_look_up, name="review_look_up"),
    path(f"{_REVIEW}/paper/<int:pk>/", review.review_paper_check, name="review_paper"),
    path(f"{_REVIEW}/number/<int:pk>/", review.review_number_reveal, name="review_number"),
]
