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


_NOT_WHO = _("It does not show who made it, or whether there was permission.")
GRADE_MEANINGS: dict[str, GradeMeaning] = {
    Grade.IDENTICAL: GradeMeaning(
        _("Both files are identical, byte for byte. One is a copy of the other, or both are copies of a third."),
        _NOT_WHO,
    ),
    Grade.MOTION_CONFIRMED: GradeMeaning(
        _("The imagery is alike, and movement in it is the same at the same moments."),
        _NOT_WHO,
    ),
    Grade.IMAGERY: GradeMeaning(
        _("The imagery is alike. Whether the movement is the same could not be confirmed."),
        _("Two videos of the same place or with the same template can look like this. Compare both side by side."),
    ),
    Grade.STATIC: GradeMeaning(
        _("The imagery is alike, but there is hardly any movement to compare."),
        _("Slides, pictures and title cards used by both can look like this. Compare both side by side."),
    ),
    Grade.SIMILAR: GradeMeaning(
        _("No imagery in common was found, but both videos change at the same moments, more than by chance."),
        _("Slides or music with the same timing can look like this. Compare both side by side."),
    ),
    Grade.NOT_COMPARABLE: GradeMeaning(
        _("Nothing was found, and most of one video is too dark, plain or blurred to be recognised."),
        _("It does not mean that nothing was copied. Compare both side by side."),
    ),
    Grade.NONE: GradeMeaning(
        _("The automatic comparison found nothing in common with its method."),
        _(
            "It does not mean that nothing was copied: small parts, heavy distortion and paraphrase may not be detected."
        ),
    ),
}
