"""What one round of periodic work takes on: a share for each platform, so that one that does not answer holds up no other."""

from typing import Any, TypeVar, cast

from django.db.models import F, Model, QuerySet, Window
from django.db.models.functions import RowNumber

# Rows of one platform in a round.
SHARE = 500
Row = TypeVar("Row", bound=Model)


def share_of_each(rows: QuerySet[Row], *, platform: str, order_by: list[Any]) -> QuerySet[Row]:
    """The first rows of each platform, all first ones before all second ones. `platform` is the path to its code.

    What is tried in vain must come later in `order_by` the next time, or it keeps its place for good.
    """
    place = Window(RowNumber(), partition_by=[F(platform)], order_by=order_by)
    return cast("QuerySet[Row]", rows.alias(place=place).filter(place__lte=SHARE).order_by("place"))


def longest_untried_first() -> list[Any]:
    """The order of rows that have a `tried_at`: those never tried come first."""
    return [F("tried_at").asc(nulls_first=True), F("pk").asc()]
