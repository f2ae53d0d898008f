"""The portal with one page more: a form with a field for videos, as a product would have it."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from portal.evidence.forms import set_files_owner
from portal.evidence.uploads import FORM_BYTES
from portal.media.forms import VideoField
from portal.media.tests.conftest import PURPOSE
from portal.web import bodies

_PAGE = """{% extends "base.html" %}{% load ui %}
{% block title %}Your film{% endblock %}{% block page_class %}page-narrow{% endblock %}
{% block content %}
  {% page_header "Your film" lead="Which film is it about?" %}{% endpage_header %}
  {% for file in sent %}<p class="sent">Sent: {{ file.pk }}</p>
    <video src="{% url 'media:video' file.pk %}" controls muted preload="auto" width="320" aria-label="Film"></video>{% endfor %}
  <form method="post" enctype="multipart/form-data" novalidate>{% csrf_token %}{{ form }}
    <button class="btn btn-primary" type="submit">Send</button></form>
{% endblock %}"""


class FilmForm(forms.Form):
    """One short field that can go wrong, and a video."""

    title = forms.CharField(required=False, max_length=5)
    video = VideoField(purpose=PURPOSE, label="Video", help_text="The film as you made it.")


@login_required
def film(request: HttpRequest) -> HttpResponse:
    form = FilmForm(request.POST or None, request.FILES or None)
    set_files_owner(form, request.user)  # type: ignore[arg-type]
    sent = form.cleaned_data["video"] if request.method == "POST" and form.is_valid() else []
    page = engines["django"].from_string(_PAGE)
    return HttpResponse(page.render({"form": form, "sent": sent}, request))


bodies.allow_large_bodies("film", most=FORM_BYTES, senders=bodies.is_signed_in)
handler400 = "portal.web.views.bad_request"
urlpatterns = [path("film/", film, name="film"), path("", include("portal.urls"))]
