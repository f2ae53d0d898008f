"""The portal with one page more: a form that hands a text and documents in, as a product would have it."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from portal.evidence.forms import EvidenceField, set_files_owner
from portal.evidence.tests.conftest import PURPOSE

_PAGE = """{% extends "base.html" %}{% load ui %}
{% block title %}Your appeal{% endblock %}{% block page_class %}page-narrow{% endblock %}
{% block content %}
  {% page_header "Your appeal" lead="What is wrong with the decision?" %}{% endpage_header %}
  {% if sent %}<p class="sent">Sent: {{ text }}, {{ sent|length }}</p>{% endif %}
  {% include "web/_statement_form.html" with verb="Send" %}
{% endblock %}"""


class AppealForm(forms.Form):
    """A text and documents."""

    text = forms.CharField(max_length=50)
    papers = EvidenceField(purpose=PURPOSE, hands_in=True, required=False, label="Papers")


@login_required
def appeal(request: HttpRequest) -> HttpResponse:
    form = AppealForm(request.POST or None, request.FILES or None)
    set_files_owner(form, request.user)  # type: ignore[arg-type]
    sent = form.cleaned_data["papers"] if request.method == "POST" and form.is_valid() else []
    context = {"form": form, "sent": sent, "text": form.data.get("text", "")}
    return HttpResponse(engines["django"].from_string(_PAGE).render(context, request))


handler400 = "portal.web.views.bad_request"
urlpatterns = [path("appeal/", appeal, name="appeal"), path("", include("portal.urls"))]
