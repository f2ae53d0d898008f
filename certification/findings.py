"""The sentence of every finding of a check. Rows keep code and figures, so each reader gets their own language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

FINDING_SENTENCES: dict[str, Promise] = {
    "form.right": _("The number has the format of numbers of this type."),
    "form.wrong": _("The number does not have the format of numbers of this type."),
    "form.unconfirmed": _("The number looks unusual, but there is no official source for its format."),
    "checksum.right": _(
        "The check digit is correct. This shows that the number was typed correctly, not that it is registered."
    ),
    "checksum.wrong": _("The check digit is wrong: the number was mistyped or does not exist."),
    "checksum.birth_date": _("The check digit is correct, but the birth date in the number does not exist."),
    "checksum.region": _(
        "The check digit is correct. The region in the number is not on the current list, which does "
        "not include former regions."
    ),
    "checksum.embedded": _("The identity number at its end has a correct check digit."),
    "checksum.embedded_region": _(
        "The identity number at its end has a correct check digit and a region from the former list."
    ),
    "checksum.embedded_wrong": _("The identity number at its end has a wrong check digit."),
    "checksum.old_identity": _("It ends with an old-format identity number, which has no check digit."),
    "embedded.same": _("The identity number it contains is the one declared in this application."),
    "embedded.other": _("The identity number it contains is not the one declared in this application."),
    "embedded.nothing_to_compare": _("No identity number was declared for comparison."),
    "number.unique": _("No other account has declared this number."),
    "number.certified_elsewhere": _("Another account holds a valid certificate with this number."),
    "number.declared_elsewhere": _("Other accounts declared this number: %(count)s."),
    "file.opens": _("The file can be opened; pages: %(pages)s."),
    "file.refused": _("The file cannot be read."),
    "file.not_ready": _("The file was not ready in time."),
    "file.unique": _("No other account has uploaded this file."),
    "file.elsewhere": _("Other accounts uploaded the same file: %(count)s."),
    "page.unlike": _("No page of another account looks the same."),
    "page.alike": _("Pages of other accounts look the same: %(count)s. Compare the names and numbers."),
    "page.plain": _("The pages are too plain, or could not be read automatically, to be compared with others."),
    "edits.none": _("No sign of editing was found. This does not prove that there was none."),
    "edits.editor": _("The file names an image editor: %(editor)s."),
    "edits.part": _(
        "A part of the picture was saved at another quality than the rest, as happens when something is pasted in."
    ),
    "edits.metadata_only": _(
        "The file names no image editor. Whether a part was saved at another quality cannot be seen in this picture."
    ),
    "edits.not_looked": _("The file is no picture in which signs of editing can be looked for."),
    "read.same": _("Values read with certainty that match what was declared: %(count)s."),
    "read.other": _("A value was read with certainty that differs from what was declared. Compare it with the page."),
    "read.nothing": _("No value that can be compared was read with certainty."),
    "age.fresh": _("The document is dated %(date)s, no more than %(days)s days ago."),
    "age.old": _("The document is dated %(date)s, more than the %(days)s days allowed."),
    "age.future": _("The document is dated %(date)s, which is in the future."),
    "age.undated": _("No date was declared for this document."),
    "expiry.ahead": _("The declared end date is %(date)s."),
    "expiry.over": _("The declared end date was %(date)s, which has passed."),
    "expiry.soon": _("The declared end date is %(date)s, in less than 30 days."),
    "expiry.none": _("It has no end date."),
    "expiry.missing": _("Documents of this type have an end date, but none was declared."),
    "names.same": _("All documents show the same name."),
    "names.differ": _("The documents show different names."),
    "names.single": _("There is only one name to compare."),
    "history.clean": _("No earlier rejection for forged documents and no revoked certificate."),
    "history.forged": _("An earlier application in this area was rejected because of forged documents."),
    "history.forged_number": _(
        "Someone to whom this area was closed because of forged documents submitted the same number or file."
    ),
    "history.forged_page": _(
        "A page looks like one of someone to whom this area was closed because of forged documents."
    ),
    "history.revoked": _("An earlier certificate of this person was revoked."),
    "registry.found": _("A person looked up the number in the register; it matches."),
    "registry.other": _("A person looked up the number in the register; it does not match."),
    "registry.unreachable": _("A person tried the register; the result is inconclusive."),
    "register.agrees": _("The register has this number, in force, under the declared name."),
    "register.no_number": _("No number was declared, so the register cannot be asked automatically."),
    "register.absent": _("The register has no entry with this number."),
    "register.other_name": _("The register has this number under another name."),
    "register.ended": _("The register has this number, but it is no longer in force."),
    "register.ended_on": _("The register has this number, but it has not been in force since %(date)s."),
    "register.over": _("The register has this number, but it was valid until %(date)s only."),
    "register.no_state": _("The register has this number, but does not say whether it is in force."),
    "register.no_name": _("The register has this number, but there is no name to compare."),
    "register.old": _("The imported register is of %(date)s, which is too old. A newer file has to be imported."),
    "register.not_imported": _("No file of the register has been imported."),
    "register.not_set_up": _("The register is not set up."),
    "register.no_answer": _("The register did not answer."),
    "register.wrong_answer": _("The register's answer could not be understood."),
    "register.refused": _("The register's address may not be called."),
    "document.fits": _("A person read the document; it matches what was declared."),
    "document.differs": _("A person read the document; it does not match what was declared."),
    "document.unclear": _("A person read the document; the result is inconclusive."),
    "gave_up": _("The check could not be completed after three attempts. A person needs to review it."),
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
