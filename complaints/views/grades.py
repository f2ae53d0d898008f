"""The machine's grades in words for whoever decides: what each means, and what it does not mean."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Grade


@dataclass(frozen=True)
class GradeMeaning:
    """What a grade says, and what it leaves open."""

    means: Promise
    not_means: Promise


_NOT_WHO = _("It does not say who made it, or whether there was permission.")
GRADE_MEANINGS: dict[str, GradeMeaning] = {
    Grade.IDENTICAL: GradeMeaning(
        _("Both files are the same, byte for byte. One was made by copying the other, or both are copies of a third."),
        _NOT_WHO,
    ),
    Grade.MOTION_CONFIRMED: GradeMeaning(
        _("The pictures are alike, and what moves in them moves in the same way at the same moments."),
        _NOT_WHO,
    ),
    Grade.IMAGERY: GradeMeaning(
        _("The pictures are alike. Whether they move in the same way could not be confirmed."),
        _("Two videos of the same place, or with the same template, can look like this. Look at both side by side."),
    ),
    Grade.STATIC: GradeMeaning(
        _("The pictures are alike, but hardly anything moves in them, so that movement could not be compared."),
        _("Slides, pictures and title cards that both used can look like this. Look at both side by side."),
    ),
    Grade.NONE: GradeMeaning(
        _("The machine found nothing in common by its method."),
        _("It does not say that nothing was copied: strong crops, overlays and paraphrase escape it."),
    ),
}
