"""The two addresses of OAuth 2.0 that API clients use; allauth's others (people's consent) are not offered."""

from django.urls import path

from portal.people.views import tokens

app_name = "tokens"
urlpatterns = [
    path("token", tokens.issue_token, name="token"),
    path("revoke", tokens.revoke_token, name="revoke"),
]
