"""URLs of certification: the public's, the creator's, the reviewer's."""

from django.contrib.sitemaps import views as sitemap_views
from django.urls import path

from certification.views import (
    creator,
    document_uploads,
    doubts,
    evidence_step,
    holder,
    life_cycle,
    progress,
    proofs,
    public,
    reading_progress,
    reports,
    review,
    rule_drafts,
    rules,
    sitemaps,
    steps,
)

app_name = "certification"

_APPLICATION = "certification/applications/<slug:number>"
_REVIEW = "certification/review/<slug:number>"
_CERTIFICATE = "certification/certificates/<slug:serial>"
_RULES = "certification/rules"
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
    path(f"{_APPLICATION}/reading/", reading_progress.reading_status, name="reading"),
    path(f"{_APPLICATION}/discard/", creator.draft_discard, name="draft_discard"),
    path(f"{_APPLICATION}/answer/", progress.request_answer, name="request_answer"),
    path(f"{_APPLICATION}/withdraw/", progress.application_withdrawal, name="withdrawal"),
    path(f"{_APPLICATION}/appeal/", progress.rejection_appeal, name="appeal"),
    path("certification/papers/<uuid:pk>/", document_uploads.paper_file, name="paper"),
    path(f"{_CERTIFICATE}/", holder.held_certificate, name="held"),
    path(f"{_CERTIFICATE}/renew/", holder.certificate_renewal, name="renewal"),
    path(f"{_CERTIFICATE}/renew/unchanged/", holder.renewal_unchanged, name="renewal_unchanged"),
    path(f"{_CERTIFICATE}/change/", holder.change_report, name="change_report"),
    path(f"{_CERTIFICATE}/inspection/", holder.inspection_answer, name="inspection_answer"),
    path(f"{_CERTIFICATE}/give-up/", holder.certificate_surrender, name="surrender"),
    path(f"{_CERTIFICATE}/answer/", holder.inquiry_answer, name="inquiry_answer"),
    path(f"{_CERTIFICATE}/appeal/", holder.revocation_appeal, name="revocation_appeal"),
    path(f"{_CERTIFICATE}/doubt/", doubts.doubt_page, name="doubt"),
    path("certification/unchanged-renewals/", life_cycle.unchanged_renewals, name="unchanged_renewals"),
    path("certification/batches/", life_cycle.batch_list, name="batches"),
    path("certification/batches/new/", life_cycle.suspension_batch, name="suspension_batch"),
    path("certification/batches/<int:pk>/", life_cycle.batch_page, name="batch"),
    path("certification/batches/<int:pk>/confirm/", life_cycle.batch_confirmation, name="batch_confirmation"),
    path("certification/batches/<int:pk>/discard/", life_cycle.batch_discarding, name="batch_discarding"),
    path("certification/abolitions/", life_cycle.abolition_list, name="abolitions"),
    path(
        "certification/abolitions/<int:pk>/announce/", life_cycle.abolition_announcement, name="abolition_announcement"
    ),
    path("certification/abolitions/<int:pk>/call-off/", life_cycle.abolition_calling_off, name="abolition_calling_off"),
    path("certification/inspections/", life_cycle.inspection_list, name="inspections"),
    path(f"{_REVIEW}/ask/", review.review_ask_applicant, name="review_ask"),
    path(f"{_REVIEW}/look-up/<int:pk>/", review.review_look_up, name="review_look_up"),
    path(f"{_REVIEW}/ask-register/<int:pk>/", review.review_ask_register, name="review_ask_register"),
    path(f"{_REVIEW}/paper/<int:pk>/", review.review_paper_check, name="review_paper"),
    path(f"{_REVIEW}/number/<int:pk>/", review.review_number_reveal, name="review_number"),
    path(f"{_RULES}/", rules.rules_home, name="rules"),
    path(f"{_RULES}/new-area/", rules.rules_area_new, name="rules_area_new"),
    path(f"{_RULES}/areas/<slug:code>/", rules.rules_area, name="rules_area"),
    path(f"{_RULES}/areas/<slug:code>/edit/", rules.rules_area_edit, name="rules_area_edit"),
    path(f"{_RULES}/new-category/", rules.rules_category_new, name="rules_category_new"),
    path(f"{_RULES}/categories/<slug:code>/", rules.rules_category, name="rules_category"),
    path(f"{_RULES}/types/", rules.rules_types, name="rules_types"),
    path(f"{_RULES}/new-type/", rules.rules_type_new, name="rules_type_new"),
    path(f"{_RULES}/types/<slug:code>/", rules.rules_type, name="rules_type"),
    path(f"{_RULES}/drafts/<int:pk>/", rule_drafts.rules_draft, name="rules_draft"),
    path(f"{_RULES}/drafts/<int:pk>/discard/", rule_drafts.rules_draft_discard, name="rules_draft_discard"),
    path(f"{_RULES}/drafts/<int:pk>/preview/", rule_drafts.rules_preview, name="rules_preview"),
    path(f"{_RULES}/changes/<int:pk>/", rules.rules_change, name="rules_change"),
]
