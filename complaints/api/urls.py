"""Version 1 of the API: originality."""

from django.urls import path

from complaints.api import views

app_name = "complaints_api"
urlpatterns = [
    path("complaints/", views.ComplaintList.as_view(), name="complaints"),
    path("complaints/<slug:number>/", views.ComplaintDetail.as_view(), name="complaint"),
]
