"""Under which rules a complaint is made: what a notice and an answer must hold, and their clocks.

The fields are those of the rules themselves: 17 U.S.C. 512(c)(3) and (g)(3) for the United States,
Articles 16 and 17 of Regulation (EU) 2022/2065 for the European Union, and the platform's own terms.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class RegimeCode(models.TextChoices):
    """The regimes there are."""

    US_DMCA = "us_dmca", _("United States: copyright notice (DMCA)")
    EU_DSA = "eu_dsa", _("European Union: notice (Digital Services Act)")
    TERMS = "terms", _("Terms of the platform")


@dataclass(frozen=True)
class RequiredStatement:
    """A statement that a person makes by ticking it: a code, and the words that are kept with it."""

    code: str
    text: Promise


@dataclass(frozen=True)
class Regime:
    """One set of rules.

    `contact` and `answer_contact` name the contact fields (of name, email, address, phone) that a notice
    or an answer must give; `ticks` and `answer_ticks` the statements to make. `ground` is law or terms.
    `names_complainant` says that the law has the other side told who complains.
    """

    code: str
    label: Promise
    summary: Promise
    ground: str
    regions: tuple[str, ...]
    contact: tuple[str, ...]
    ticks: tuple[RequiredStatement, ...]
    answer_contact: tuple[str, ...]
    answer_ticks: tuple[RequiredStatement, ...]
    signed: bool
    calendar: str
    names_complainant: bool = False
    answer_time: timedelta = timedelta(days=7)


_RIGHT = RequiredStatement(
    "right", _("I made this work, or I am authorised to act for whoever holds the rights to it.")
)
_US = Regime(
    code=RegimeCode.US_DMCA,
    label=RegimeCode.US_DMCA.label,
    summary=_("For copies on accounts in the United States. The notice is made under penalty of perjury."),
    ground="law",
    regions=("us",),
    contact=("name", "email", "address", "phone"),
    ticks=(
        RequiredStatement(
            "good_faith", _("I believe in good faith that neither the owner nor the law allows this use.")
        ),
        RequiredStatement(
            "perjury",
            _(
                "What I say here is accurate, and under penalty of perjury, I may act for the owner "
                "of the right that is infringed."
            ),
        ),
    ),
    answer_contact=("name", "address", "phone"),
    answer_ticks=(
        RequiredStatement(
            "mistake",
            _("Under penalty of perjury: I believe in good faith that my work was named by mistake or misidentified."),
        ),
        RequiredStatement(
            "jurisdiction",
            _(
                "I accept the jurisdiction of the federal court for my address, and service of "
                "process from the complainant."
            ),
        ),
    ),
    signed=True,
    calendar="us",
    names_complainant=True,
)
_EU = Regime(
    code=RegimeCode.EU_DSA,
    label=RegimeCode.EU_DSA.label,
    summary=_(
        "For copies on accounts in the European Union: a notice with reasons, an exact place, and your good faith."
    ),
    ground="law",
    regions=("eu",),
    contact=("name", "email"),
    ticks=(
        _RIGHT,
        RequiredStatement("bona_fide", _("I believe in good faith that what I say here is accurate and complete.")),
    ),
    answer_contact=(),
    answer_ticks=(RequiredStatement("true", _("What I say here is true to the best of my knowledge.")),),
    signed=False,
    calendar="",
)
_TERMS = Regime(
    code=RegimeCode.TERMS,
    label=RegimeCode.TERMS.label,
    summary=_("For copies everywhere else: the platform's terms forbid presenting other people's work as one's own."),
    ground="terms",
    regions=(),
    contact=("name", "email"),
    ticks=(_RIGHT, RequiredStatement("accurate", _("What I say here is accurate and complete."))),
    answer_contact=(),
    answer_ticks=(RequiredStatement("true", _("What I say here is true to the best of my knowledge.")),),
    signed=False,
    calendar="",
)
REGIMES: dict[str, Regime] = {row.code: row for row in (_US, _EU, _TERMS)}


def regime_of_region(region: str) -> Regime:
    """The regime for an account of a region."""
    return next((row for row in REGIMES.values() if region in row.regions), _TERMS)
