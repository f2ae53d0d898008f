"""Pages about people, beside allauth's own under the same prefix."""

from django.urls import path

from portal.people.views import agent, creator, form_drafts, guest_sign_in, links, person, recoveries

app_name = "people"
urlpatterns = [
    path("profile/", person.profile_edit, name="profile"),
    path("profile/close/", person.account_close, name="close"),
    path("profile/member/", person.membership_page, name="membership"),
    path("drafts/", form_drafts.post_form_draft, name="form_draft"),
    path("guest/", guest_sign_in.guest_page, name="guest"),
    path("links/", links.link_list, name="links"),
    path("links/new/", links.link_claim, name="link_claim"),
    path("links/<int:pk>/", links.link_prove, name="link"),
    path("links/<int:pk>/end/", links.link_end, name="link_end"),
    path("second-factor/", person.second_factor_setup, name="second_factor"),
    path("second-factor/lost/", guest_sign_in.recovery_request, name="recovery_request"),
    path("mandates/", creator.mandate_list, name="mandates"),
    path("mandates/<int:pk>/end/", creator.mandate_end, name="mandate_end"),
    path("clients/", agent.client_list, name="clients"),
    path("recoveries/", recoveries.recovery_list, name="recoveries"),
    path("recoveries/new/", recoveries.recovery_open, name="recovery_open"),
    path("recoveries/<int:pk>/", recoveries.recovery_decide, name="recovery"),
]
