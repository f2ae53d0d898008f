"""The sentence of every finding of a check. Rows keep code and figures, so each reader gets their own language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

FINDING_SENTENCES: dict[str, Promise] = {
    "form.right": _("The number has the form that numbers of this kind have."),
    "form.wrong": _("The number does not have the form that numbers of this kind have."),
    "form.unconfirmed": _("The number looks unusual, but we have no official source for its form."),
    "checksum.right": _(
        "The check digit fits. This shows that the number was typed rightly, not that it is registered."
    ),
    "checksum.wrong": _("The check digit does not fit: the number was mistyped or does not exist."),
    "checksum.birth_date": _("The check digit fits, but the birth date in the number does not exist."),
    "checksum.region": _("The check digit fits. Its region is not on the current list; old regions are not."),
    "checksum.embedded": _("The identity number at its end has a right check digit."),
    "checksum.embedded_region": _(
        "The identity number at its end has a right check digit and a region of the old list."
    ),
    "checksum.embedded_wrong": _("The identity number at its end has a wrong check digit."),
    "checksum.old_identity": _("It ends with an identity number of the old form, which has no check digit."),
    "embedded.same": _("The identity number inside is the one declared in this application."),
    "embedded.other": _("The identity number inside is not the one declared in this application."),
    "embedded.nothing_to_compare": _("No identity number was declared to compare it with."),
    "number.unique": _("No other account has declared this number."),
    "number.certified_elsewhere": _("Another account holds a valid certificate with this number."),
    "number.declared_elsewhere": _("This number was declared by other accounts too: %(count)s."),
    "file.opens": _("The file opens; pages: %(pages)s."),
    "file.refused": _("The file cannot be read."),
    "file.not_ready": _("The file was not ready in time."),
    "file.unique": _("No other account has uploaded this file."),
    "file.elsewhere": _("The same file was uploaded by other accounts too: %(count)s."),
    "age.fresh": _("The paper is dated %(date)s, not older than %(days)s days."),
    "age.old": _("The paper is dated %(date)s: older than the %(days)s days that are allowed."),
    "age.future": _("The paper is dated %(date)s, which lies in the future."),
    "age.undated": _("No date was declared for this paper."),
    "expiry.ahead": _("It is declared to be valid until %(date)s."),
    "expiry.over": _("It was declared to be valid until %(date)s, which is over."),
    "expiry.soon": _("It is declared to end on %(date)s, in less than 30 days."),
    "expiry.none": _("It carries no end date."),
    "expiry.missing": _("Papers of this kind carry an end date, and none was declared."),
    "names.same": _("All papers carry the same name."),
    "names.differ": _("The papers carry different names."),
    "names.single": _("There is only one name to compare."),
    "history.clean": _("No earlier decision on forged papers and no revoked certificate."),
    "history.forged": _("An earlier application in this area was rejected for forged papers."),
    "history.revoked": _("An earlier certificate of this person was revoked."),
    "registry.found": _("A person looked the number up in the register and found it to fit."),
    "registry.other": _("A person looked the number up in the register and found something else."),
    "registry.unreachable": _("A person tried the register and got no clear answer."),
    "document.fits": _("A person read the paper and found what was declared."),
    "document.differs": _("A person read the paper and found something else than declared."),
    "document.unclear": _("A person read the paper and could not tell."),
    "gave_up": _("The check could not be carried out after three attempts. A person has to look."),
}


def finding_sentence(code: str, figures: Mapping[str, Any]) -> str:
    """The sentence in the reader's language; a code that is not known any more is shown as it is."""
    text = FINDING_SENTENCES.get(code)
    return str(text) % _formatted_figures(figures) if text else _now("Finding: %s") % code


def _formatted_figures(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures with dates as the reader writes them; rows keep the ISO form."""
    return {
        name: date_format(date.fromisoformat(value)) if name == "date" else value for name, value in figures.items()
    }
