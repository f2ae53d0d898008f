"""The machine's grades in words for whoever decides: what each means, and what it does not mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints.models import Grade, LibraryMatch
from complaints.wording.terms import clock_time
from portal.engines.fingerprints import covered_seconds
from portal.media.models import Kind


@dataclass(frozen=True)
class GradeMeaning:
    """What a grade says, and what it leaves open."""

    means: Promise
    not_means: Promise


Stretch = tuple[tuple[float, float], tuple[float, float]]  # from and to in the one work, and in the other; seconds
_LASTING = ("", Kind.VIDEO, Kind.AUDIO)  # kinds of works that last some time; "": not known
_WHOLE = 0.97  # share of the shorter work that counts as all of it
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

_KIND_LABELS: dict[tuple[str, str], Promise] = {
    (Kind.IMAGE, Grade.STATIC): _("Same imagery in both pictures"),
    (Kind.TEXT, Grade.SIMILAR): _("Passages in common"),
    (Kind.TEXT, Grade.NOT_COMPARABLE): _("Not comparable: too short or too repetitive"),
    (Kind.AUDIO, Grade.SIMILAR): _("Similar sound"),
    (Kind.AUDIO, Grade.NOT_COMPARABLE): _("Not comparable: too little is heard"),
}
_KIND_MEANINGS: dict[tuple[str, str], GradeMeaning] = {
    (Kind.IMAGE, Grade.STATIC): GradeMeaning(
        _("The two pictures show the same imagery, perhaps cropped, rotated or within another picture."),
        _("Photographs of the same object or with the same template can look like this. Compare both side by side."),
    ),
    (Kind.IMAGE, Grade.NOT_COMPARABLE): GradeMeaning(
        _("Nothing was found, and one picture is too plain, dark or blurred to be recognised."),
        _("It does not mean that nothing was copied. Compare both side by side."),
    ),
    (Kind.TEXT, Grade.SIMILAR): GradeMeaning(
        _("Longer passages are the same in both texts, whatever case, spacing and punctuation."),
        _("Quotations, set phrases and a common source look like this. Read both side by side."),
    ),
    (Kind.TEXT, Grade.NOT_COMPARABLE): GradeMeaning(
        _("One text is too short, or repeats itself too much, to be compared."),
        _("It does not mean that nothing was copied. Read both side by side."),
    ),
    (Kind.TEXT, Grade.NONE): GradeMeaning(
        _("No longer passage is the same in both texts."),
        _("It does not mean that nothing was copied: a paraphrase or a translation is not found."),
    ),
    (Kind.AUDIO, Grade.SIMILAR): GradeMeaning(
        _("Parts of one sound recording are heard in the other."),
        _("The same licensed music in both sounds like this. Listen to both."),
    ),
    (Kind.AUDIO, Grade.NOT_COMPARABLE): GradeMeaning(
        _("Nothing was found, and too little is heard in one recording to recognise it."),
        _("It does not mean that nothing was copied. Listen to both."),
    ),
}

_ANIMATION_MEANINGS: dict[str, GradeMeaning] = {
    Grade.IMAGERY: GradeMeaning(
        _("The imagery is alike. Whether the movement is the same could not be confirmed."),
        _("Two animations of the same thing or with the same template can look like this. Compare both side by side."),
    ),
    Grade.STATIC: GRADE_MEANINGS[Grade.STATIC],
    Grade.SIMILAR: GradeMeaning(
        _("No imagery in common was found, but both animations change at the same moments, more than by chance."),
        _("Slides with the same timing can look like this. Compare both side by side."),
    ),
}


def grade_label(grade: str, kind: str) -> str | Promise:
    """A grade in a few words, for works of this kind."""
    return _KIND_LABELS.get((kind, grade)) or Grade(grade).label


def grade_headline(grade: str, kind: str, stretches: Sequence[Stretch], lengths: tuple[float, float]) -> str | Promise:
    """The same, and of works that last, where less than all of the shorter one was found in the other, how much of it.

    `stretches`: what both have in common; `lengths`: of both works, in seconds.
    """
    label, length = grade_label(grade, kind), min(lengths)
    side = 0 if lengths[0] == length else 1
    found = covered_seconds((each[side] for each in stretches), (0.0, length))
    if kind not in _LASTING or not 0 < found < _WHOLE * length:
        return label
    figures = {"grade": label, "found": clock_time(found), "length": clock_time(length)}
    return gettext("%(grade)s, only in part: %(found)s of %(length)s of the shorter one") % figures


def match_headline(match: LibraryMatch) -> str | Promise:
    """The same of a match in the library, which was selected with its files."""
    stretches = [((row["a_start"], row["a_end"]), (row["b_start"], row["b_end"])) for row in match.segments]
    lengths = match.a.duration or 0.0, match.b.duration or 0.0
    return grade_headline(match.grade, match.a.kind, stretches, lengths)


def grade_meaning(grade: str, kind: str, *, is_animation: bool = False) -> GradeMeaning | None:
    """What a grade means for works of this kind; `is_animation`: of two pictures that move."""
    if is_animation and grade in _ANIMATION_MEANINGS:
        return _ANIMATION_MEANINGS[grade]
    return _KIND_MEANINGS.get((kind, grade)) or GRADE_MEANINGS.get(grade)
