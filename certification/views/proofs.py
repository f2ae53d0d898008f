"""What others verify or show of a certificate: signed credential, status lists, issuer's keys, badge, oEmbed, PDF.

Public, the same for everybody, and computed from the row and the clock at each request; caches keep it for a minute at most.
"""

import json
from collections.abc import Callable
from datetime import UTC
from functools import wraps
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from certification import public
from certification.actions import signing_keys
from certification.models import Certificate, SigningKey
from certification.proof import badge, credential, issuer, printed, status_lists
from certification.states import CertificateState
from certification.views import proof_words
from portal import clock
from portal.languages import current_language, language_codes
from portal.web.callers import caller_of, count_in_window

# How long caches may show a badge, a list or a page that has changed since.
KEPT: Final = 60  # seconds
PDFS_PER_MINUTE: Final = 30
JWT_TYPE: Final = "application/vc+jwt"
_EVERYWHERE: Final = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
View = Callable[..., HttpResponseBase]


def _for_everybody(view: View) -> View:
    """Readable by other sites, in the language that `?lang=` names, with dates in UTC, kept for a minute by caches."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = request.GET.get("lang", "")
        language = asked if asked in language_codes() else current_language()
        with translation.override(language), timezone.override(UTC):
            answer = view(request, *args, **kwargs)
        for name, value in _EVERYWHERE.items():
            answer.headers[name] = value
        return answer

    return require_safe(conditional_page(cache_control(public=True, max_age=KEPT)(answered)))


@_for_everybody
def did_document(_request: HttpRequest) -> HttpResponse:
    """The issuer's `did:web` document, with the keys with which its signatures are verified."""
    signing_keys.current_signing_key()
    document = issuer.did_document(SigningKey.objects.published())
    return JsonResponse(document, content_type="application/did+json")


@_for_everybody
def status_list(_request: HttpRequest, purpose: str, number: int) -> HttpResponse:
    """A status list as a signed credential, at most a minute old."""
    key = signing_keys.current_signing_key()
    kept = f"certification.status_list:{purpose}:{number}:{key.kid}"
    signed, made_at = cache.get(kept) or ("", 0.0)
    if not signed:
        if purpose not in status_lists.PURPOSES or not public.is_status_list(number):
            raise Http404
        now = clock.now()
        signed, made_at = issuer.signed_jwt(status_lists.list_credential(purpose, number, now), key), now.timestamp()
        cache.set(kept, (signed, made_at), KEPT)
    # Other caches keep it no longer than is left of its minute.
    left = max(0, min(KEPT, KEPT - int(clock.now().timestamp() - made_at)))
    return HttpResponse(signed, content_type=JWT_TYPE, headers={"Cache-Control": f"max-age={left}"})


@_for_everybody
def certificate_credential(_request: HttpRequest, serial: str) -> HttpResponse:
    """The signed credential of a valid certificate; 410 for one that is not valid."""
    certificate = _certificate(serial)
    if certificate.effective_state != CertificateState.ACTIVE:
        sentence = str(proof_words.public_sentence(certificate))
        return HttpResponse(sentence, status=HTTPStatus.GONE, content_type="text/plain; charset=utf-8")
    signed = issuer.signed_jwt(credential.badge_credential(certificate), signing_keys.current_signing_key())
    answer = HttpResponse(signed, content_type=JWT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{certificate.serial}.jwt"'
    return answer


@_for_everybody
def certificate_badge(_request: HttpRequest, serial: str) -> HttpResponse:
    """The badge as an SVG that other sites embed; it changes with the certificate's state."""
    certificate = _certificate(serial)
    drawn = badge.badge_svg(proof_words.badge_words(certificate))
    return HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8", headers=_kept_until_it_changes(certificate))


@_for_everybody
def certificate_pdf(request: HttpRequest, serial: str) -> HttpResponse:
    """The certificate on one page, as it stands now, to be printed; 422 where the fonts lack a letter of its texts."""
    certificate = _certificate(serial)
    words = proof_words.printed_page(certificate, clock.now())
    until = int(certificate.valid_to.timestamp())
    kept = f"certification.pdf:{certificate.pk}:{current_language()}:{words.state}:{until}"
    made: bytes | None = cache.get(kept)
    if made is None and not printed.can_be_printed(words.name, *(text for _name, text in words.facts)):
        made = b""
    if made is None:
        if count_in_window(f"certification.pdf:{caller_of(request)}", KEPT) > PDFS_PER_MINUTE:
            return HttpResponse(
                status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(KEPT), "Cache-Control": "no-store"}
            )
        try:
            made = printed.certificate_pdf(words)
        except printed.LetterMissing:
            made = b""
        cache.set(kept, made, KEPT)
    if not made:
        sentence = _("This name has letters that the PDF cannot show. Please print the page itself instead.")
        return HttpResponse(sentence, status=HTTPStatus.UNPROCESSABLE_ENTITY, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(made, content_type="application/pdf", headers=_kept_until_it_changes(certificate))
    answer["Content-Disposition"] = f'inline; filename="{certificate.serial}.pdf"'
    return answer


@_for_everybody
def oembed(request: HttpRequest) -> HttpResponse:
    """For oEmbed (oembed.com): for the address of a certificate's page, the HTML of its badge. JSON only."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse(status=HTTPStatus.NOT_IMPLEMENTED)
    certificate = _certificate(_serial_of_address(request.GET.get("url", "")))
    words = proof_words.badge_words(certificate)
    share = min(1, _at_most(request, "maxwidth") / badge.WIDTH, _at_most(request, "maxheight") / badge.HEIGHT)
    size = max(1, int(badge.WIDTH * share)), max(1, int(badge.HEIGHT * share))
    answer = {
        "type": "rich",
        "version": "1.0",
        "title": f"{words.name} – {words.label}: {words.state}",
        "provider_name": words.issuer,
        "provider_url": settings.BASE_URL,
        "cache_age": KEPT,
        "html": embed_html(certificate, size),
        "width": size[0],
        "height": size[1],
    }
    text = json.dumps(answer, ensure_ascii=False)
    return HttpResponse(text, content_type="application/json", headers=_kept_until_it_changes(certificate))


def embed_html(certificate: Certificate, size: tuple[int, int] = (badge.WIDTH, badge.HEIGHT)) -> str:
    """What another site pastes: a link to the certificate's page with its badge as a picture of a size in px. No script.

    The text for readers without pictures does not say how the certificate stands, because that may change.
    """
    page = settings.BASE_URL + certificate.get_absolute_url()
    picture = (
        f"{settings.BASE_URL}{reverse('certification:badge', args=[certificate.serial])}?lang={current_language()}"
    )
    alternative = _("Certificate %(serial)s: see its current state in the public register") % {
        "serial": certificate.serial
    }
    return format_html(
        '<a href="{}"><img src="{}" alt="{}" width="{}" height="{}"></a>',
        *(page, picture, alternative, *size),
    )


def oembed_address(certificate: Certificate) -> str:
    """Where programs that embed pages find the badge of a certificate's page."""
    query = urlencode({"url": settings.BASE_URL + certificate.get_absolute_url()})
    return f"{settings.BASE_URL}{reverse('certification:oembed')}?{query}"


def _certificate(serial: str) -> Certificate:
    row = public.find_certificate(serial)
    if row is None:
        raise Http404
    return row


def _kept_until_it_changes(certificate: Certificate) -> dict[str, str]:
    """Caches keep nothing beyond the second at which the certificate begins or ends."""
    now = clock.now()
    left = [(moment - now).total_seconds() for moment in (certificate.valid_from, certificate.valid_to) if moment > now]
    return {"Cache-Control": f"public, max-age={min([KEPT, *map(int, left)])}"}


def _serial_of_address(address: str) -> str:
    """The serial in the address of a certificate's page on this site; 404 for any other address."""
    own = urlsplit(settings.BASE_URL)
    try:
        parts = urlsplit(address[:500])
        match = resolve(parts.path)
    except (ValueError, Resolver404):
        raise Http404 from None
    if (parts.scheme, parts.netloc) != (own.scheme, own.netloc) or match.view_name != "certification:certificate":
        raise Http404
    return str(match.kwargs["serial"])


def _at_most(request: HttpRequest, name: str) -> int:
    """A limit that the consumer gives, in pixels; none where it gives no number."""
    given = request.GET.get(name, "")[:6]
    return int(given) if given.isascii() and given.isdecimal() and int(given) else 10**6
