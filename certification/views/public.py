"""What everybody may see without signing in: the register, a certificate, what each area asks for."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from certification import policies, public, search_ngrams
from certification.models import KeyArea
from certification.proof import checked
from certification.views import certificate_states, past_states, proofs, register_words, requirement_view, timeline
from portal import clock
from portal.people import demo, links
from portal.people.models import User
from portal.people.roles import Permission
from portal.web.pages import render_page
from portal.web.pagination import BadCursor

_LONGEST_QUERY = 100


@never_cache
@require_safe
def register_page(request: HttpRequest) -> HttpResponse:
    """Search among the valid certificates. A serial leads to its certificate, whatever its state."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:_LONGEST_QUERY]
    code = request.GET.get("area", "")[:40].replace("\x00", "")
    if found := public.find_certificate(query):
        return redirect(found)
    try:
        page = public.search_register(query, area=code, after=request.GET.get("after", ""))
    except BadCursor:
        page = public.search_register(query, area=code)
    context = {
        "query": query,
        "too_short": bool(query) and not search_ngrams.ngrams_of_query(query),
        "code": code,
        "page": page,
        "accounts": links.proven_accounts_by_person(row.holder_id for row in page.certificates),
        "places": requirement_view.area_choices(),
        "next_url": _next_page_url(request, page.after),
        "at": clock.now(),
        "filling": demo.is_filling(),
    }
    return render_page(request, "certification/public/register.html", context)


@never_cache
@require_safe
def certificate_page(request: HttpRequest, serial: str) -> HttpResponse:
    """One certificate as it stands at this second: what was checked, what that means, what happened to it since."""
    row = public.find_certificate(serial)
    if row is None:
        raise Http404
    if row.serial != serial:
        return redirect(row)
    context = {
        "certificate": row,
        "shown": certificate_states.shown_state(row),
        "at": clock.now(),
        "checked": checked.checked_credentials(row),
        "accounts": links.proven_accounts_of(row.holder),
        "entries": timeline.certificate_timeline(row),
        "oembed": proofs.oembed_address(row),
        "embedded": proofs.embed_html(row),
        "report_refusal": policies.refuse_report(row, request.user if isinstance(request.user, User) else None),
        "past": past_states.past_day(row, request.GET.get("on", "")),
        "may_doubt": isinstance(request.user, User) and policies.refuse_doubt(row, request.user) is None,
        "address": request.build_absolute_uri(row.get_absolute_url()),
    }
    return render_page(request, "certification/public/certificate.html", context)


@require_safe
def areas_page(request: HttpRequest) -> HttpResponse:
    """The areas in which one can be certified."""
    context = {
        "places": requirement_view.areas_by_jurisdiction(list(KeyArea.objects.open())),
        "counts": public.count_valid_certificates(),
        **requirement_view.area_grounds(),
    }
    return render_page(request, "certification/public/areas.html", context)


@require_safe
def area_page(request: HttpRequest, code: str) -> HttpResponse:
    """What an area asks of each kind of applicant, and the label it earns."""
    row = get_object_or_404(KeyArea.objects.open(), code=code)
    user = request.user
    # Whoever is not signed in is asked to sign in on the way; staff have nothing to apply for.
    may_apply = not isinstance(user, User) or user.may(Permission.APPLY) or user.may(Permission.APPLY_FOR_OTHERS)
    offers = requirement_view.offers_in_area(row)
    announced = requirement_view.announcements_in_area(row, offers)
    context = {
        "area": row,
        "practice_only": bool(offers) and all(offer.category.practice_only for offer in offers),
        "offers": [{"offer": offer, "announced": announced.get(offer.category.pk, [])} for offer in offers],
        "coming": requirement_view.new_categories(row, offers),
        "looked_up": register_words.register_sentences(
            kind for offer in offers for part in offer.parts for kind in part.kinds
        ),
        "register_days": policies.REGISTRY_CHECK_VALIDITY.days,
        "may_apply": may_apply,
    }
    return render_page(request, "certification/public/area.html", context)


def _next_page_url(request: HttpRequest, after: str | None) -> str:
    if after is None:
        return ""
    query = request.GET.copy()
    query["after"] = after
    return f"{reverse('certification:register')}?{query.urlencode()}"
