"""A certificate as an Open Badges 3.0 credential (a W3C Verifiable Credential 2.0), ready to be signed."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from certification.models import Certificate
from certification.proof import checked, status_lists
from certification.proof.issuer import issuer_did, issuer_profile
from portal.texts import join_sentences

_CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]


def badge_credential(certificate: Certificate) -> dict[str, Any]:
    """What the certificate's public page says, for programs: name, label, what was checked, from when to when.

    In the language of the request. It says nothing of the state: that is in the status lists, which it names.
    """
    page = settings.BASE_URL + certificate.get_absolute_url()
    own, subject, begins, ends = f"{page}#credential", f"{page}#holder", certificate.valid_from, certificate.valid_to
    return {
        "@context": _CONTEXT,
        "id": own,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": issuer_profile(),
        "name": certificate.label,
        "validFrom": status_lists.iso(begins),
        "validUntil": status_lists.iso(ends),
        "credentialSubject": {
            "id": subject,
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": certificate.public_name,
                    "identityType": "name",
                }
            ],
            "achievement": _achievement(certificate),
        },
        "evidence": [
            {"type": ["Evidence"], "id": page, "name": row.name, "narrative": join_sentences(" ".join(row.ways))}
            for row in checked.checked_credentials(certificate)
        ],
        "credentialStatus": status_lists.status_entries(certificate),
        "iss": issuer_did(),
        "sub": subject,
        "jti": own,
        "nbf": int(begins.timestamp()),
        "exp": int(ends.timestamp()),
    }


def _achievement(certificate: Certificate) -> dict[str, Any]:
    area = settings.BASE_URL + reverse("certification:area", args=[certificate.area.code])
    described = {
        "area": certificate.full_area_name,
        "category": certificate.category_name,
        "version": certificate.requirement.version,
    }
    achievement: dict[str, Any] = {
        "id": f"{area}#{certificate.category.code}-{certificate.requirement.version}",
        "type": ["Achievement"],
        "achievementType": "Certification",
        "inLanguage": get_language() or settings.LANGUAGE_CODE,
        "name": certificate.label,
        "description": _("%(area)s: certified as %(category)s") % described,
        "criteria": {"id": area, "narrative": _("Checked against version %(version)s of the rules.") % described},
    }
    if certificate.claims:
        achievement["specialization"] = certificate.claims
    return achievement
