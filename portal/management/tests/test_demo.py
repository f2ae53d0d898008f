"""What the demo holds when it is opened for the first time."""

import pytest

from portal.reviews.models import ReviewCase

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("demo")]


def test_cases_of_both_products_are_there() -> None:
    cases = ReviewCase.objects
    assert cases.count() >= 30
    assert cases.exclude(application=None).exists()
    assert cases.exclude(complaint=None).exists()
