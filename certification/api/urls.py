"""Version 1 of the API."""

from django.urls import path

from certification.api import views

app_name = "certification_api"
urlpatterns = [
    path("areas/", views.AreaList.as_view(), name="areas"),
    path("gate/", views.Gate.as_view(), name="gate"),
    path("certificates/", views.CertificateSearch.as_view(), name="certificates"),
    path("certificates/<slug:serial>/", views.CertificateDetail.as_view(), name="certificate"),
    path("applications/", views.ApplicationList.as_view(), name="applications"),
    path("applications/<slug:number>/", views.ApplicationDetail.as_view(), name="application"),
]
