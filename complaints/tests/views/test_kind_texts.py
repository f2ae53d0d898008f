"""Comparisons of texts in sentences."""

from complaints.models import MatchSegment
from complaints.wording import kind_texts
from portal.media.models import Kind


def test_signs_that_cannot_be_seen_are_told() -> None:
    plain = MatchSegment(a_start=0, a_end=200, b_start=0, b_end=200)
    tricked = MatchSegment(a_start=300, a_end=500, b_start=300, b_end=550, transformations=["hidden_signs"])
    sizes = ((0, 0), (0, 0))
    assert len(kind_texts.change_sentences(Kind.TEXT, [plain], sizes)) == 1
    assert kind_texts.change_sentences(Kind.TEXT, [plain, tricked], sizes)[1].startswith(
        "Within words of the alleged copy there are"
    )
