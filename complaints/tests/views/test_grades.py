"""The machine's grades in words."""

import pytest

from complaints.models import Grade
from complaints.views.grades import Stretch, grade_headline, grade_label
from portal.media.models import Kind

INTRO: Stretch = ((0.0, 5.0), (1.0, 6.0))


@pytest.mark.parametrize(
    ("kind", "stretches", "lengths", "told"),
    [
        (Kind.VIDEO, [INTRO], (16.0, 60.0), "Same imagery, only in part: 0:05 of 0:16 of the shorter one"),
        (Kind.VIDEO, [INTRO], (60.0, 16.0), "Same imagery, only in part: 0:05 of 0:16 of the shorter one"),
        (Kind.VIDEO, [INTRO, ((4.0, 9.0), (20.0, 25.0))], (16.0, 60.0), "Same imagery, only in part: 0:09 of 0:16 of the shorter one"),
        (Kind.VIDEO, [INTRO], (5.1, 60.0), "Same imagery"),
        (Kind.VIDEO, [], (16.0, 60.0), "Same imagery"),
        (Kind.IMAGE, [((0.0, 1.0), (0.0, 1.0))], (16.0, 16.0), "Same imagery"),
        (Kind.VIDEO, [INTRO], (0.0, 60.0), "Same imagery"),
    ],
)  # fmt: skip
def test_the_headline_says_how_much_was_found_where_that_is_a_part(
    kind: str, stretches: list[Stretch], lengths: tuple[float, float], told: str
) -> None:
    label = str(grade_label(Grade.IMAGERY, Kind.VIDEO))
    assert str(grade_headline(Grade.IMAGERY, kind, stretches, lengths)) == told.replace("Same imagery", label)
