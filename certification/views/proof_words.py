"""The words of the badge and of the printed certificate, in the reader's language; the same facts as the public page."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from certification.models import Certificate
from certification.proof import badge, checked, printed
from certification.states import CertificateState
from certification.views import certificate_states
from portal.languages import current_language
from portal.texts import join_sentences

# Typst chooses the forms of Chinese characters by language and region.
_TYPST_LANGUAGES: Final = {"zh-hans": ("zh", "cn")}


def public_sentence(certificate: Certificate) -> str | Promise:
    """How the certificate stands, in a sentence for everybody."""
    return certificate_states.shown_state(certificate).public


def badge_words(certificate: Certificate) -> badge.BadgeWords:
    """What the badge says now."""
    shown = certificate_states.shown_state(certificate)
    return badge.BadgeWords(
        issuer=_("Creator Trust Portal"),
        name=certificate.public_name,
        label=certificate.label,
        state=str(shown.label),
        tone=shown.tone,
        detail=_until(certificate, shown.code),
        language=current_language(),
    )


def printed_page(certificate: Certificate, at: datetime) -> printed.PrintedPage:
    """What the printed page says at a moment. Two queries."""
    shown = certificate_states.shown_state(certificate)
    lang, region = _TYPST_LANGUAGES.get(current_language(), (current_language().partition("-")[0], ""))
    address = settings.BASE_URL + certificate.get_absolute_url()
    return printed.PrintedPage(
        title=f"{certificate.public_name} · {certificate.serial}",
        issuer=_("Creator Trust Portal"),
        lang=lang,
        region=region,
        name=certificate.public_name,
        label=certificate.label,
        state=str(shown.label),
        tone=shown.tone,
        as_of=_("As of %(moment)s UTC") % {"moment": _minute(at)},
        sentence=str(shown.public),
        address=address,
        code_label=_("Scan to see the current state"),
        facts=_facts(certificate),
        checks_title=_("Checks"),
        checks=[
            printed.PrintedCheck(row.name, row.issuer, join_sentences(" ".join(row.ways)))
            for row in checked.checked_credentials(certificate)
        ],
        means_title=_("What this means"),
        means=_meaning(certificate),
        rely=_("This page shows the state at the moment of printing. Rely on the public register: %(address)s")
        % {"address": address},
        footer=f"{certificate.serial} · {address}",
    )


def _facts(certificate: Certificate) -> list[tuple[str, str]]:
    facts = [
        (_("Area"), certificate.full_area_name),
        (_("Certified as"), certificate.category_name),
        (_("Specialty"), certificate.claims),
        (_("Workplace"), certificate.affiliation),
        (_("Agency"), certificate.agency_name),
        (_("Valid from"), _minute(certificate.valid_from) + " UTC"),
        (_("Valid to"), _minute(certificate.valid_to) + " UTC"),
        (_("Number"), certificate.serial),
    ]
    return [(name, text) for name, text in facts if text]


def _meaning(certificate: Certificate) -> list[str]:
    practice = certificate.category.practice_only
    return [
        _("This person showed that they do this work. Their documents were reviewed by people.")
        if practice
        else _("This person submitted the documents named above, and people checked them on that day."),
        *(
            [_("It does not mean that they hold a licence. None is required, and none was checked.")]
            if practice
            else []
        ),
        _("The certificate expires on its end date and can be suspended or revoked before."),
        _("It does not mean that everything they say is correct, or that the portal recommends them."),
    ]


def _until(certificate: Certificate, code: str) -> str:
    if code == certificate_states.NOT_YET:
        return _("from %(day)s") % {"day": _day(certificate.valid_from)}
    if code == CertificateState.ACTIVE:
        return _("until %(day)s") % {"day": _day(certificate.valid_to)}
    return certificate.serial


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment))


def _minute(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
