"""Version 1 of the API."""

from django.urls import path

from certification.api import lists, views

app_name = "certification_api"
urlpatterns = [
    path("areas/", views.AreaList.as_view(), name="areas"),
    path("gate/", views.Gate.as_view(), name="gate"),
    path("gate/accounts/", lists.GateList.as_view(), name="gate_list"),
    path("gate/professions/", lists.ProfessionGate.as_view(), name="profession_gate"),
    path("professions/", lists.ProfessionList.as_view(), name="professions"),
    path("certificates/snapshot/", lists.CertificateSnapshot.as_view(), name="certificate_snapshot"),
    path("certificates/changes/", lists.CertificateChanges.as_view(), name="certificate_changes"),
    path("certificates/", views.CertificateSearch.as_view(), name="certificates"),
    path("certificates/<slug:serial>/", views.CertificateDetail.as_view(), name="certificate"),
    path("applications/", views.ApplicationList.as_view(), name="applications"),
    path("applications/<slug:number>/", views.ApplicationDetail.as_view(), name="application"),
]
