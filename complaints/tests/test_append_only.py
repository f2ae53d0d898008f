"""What a comparison found and what a decision said to each side stay as written."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from complaints.actions import record_retention
from complaints.models import Comparison, MatchSegment, SideReasons
from complaints.reference import loading
from complaints.tests import deciding as do
from portal import clock, grants
from portal.reviews.clocks import RECORD_KEPT

_MODELS: list[tuple[type[Model], str]] = [(Comparison, "score"), (MatchSegment, "distance"), (SideReasons, "side")]
_REFUSED = "Cannot update or delete rows|stays as it is"


def _changed(value: object) -> object:
    return value + 1 if isinstance(value, float) else "respondent"


def _try_to_change(model: type[Model], field: str, refusal: str) -> None:
    rows = model._default_manager.all()
    before = list(rows.values())
    assert before
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
        rows.update(**{field: _changed(before[0][field])})
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
        rows._raw_delete(rows.db)
    assert list(rows.values()) == before


@pytest.mark.django_db
@pytest.mark.usefixtures("moving")
def test_the_app_has_no_right_to_change_comparisons_or_reasons() -> None:
    do.decide(do.in_review())
    for model, field in _MODELS:
        _try_to_change(model, field, "permission denied")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("moving")
def test_triggers_refuse_changes_by_the_owner_too() -> None:
    loading.load_complaint_reference()  # the tables are emptied between transactional tests
    do.decide(do.in_review())
    with grants.as_database_owner(connection):
        for model, field in _MODELS:
            _try_to_change(model, field, _REFUSED)


@pytest.mark.django_db
@pytest.mark.usefixtures("moving")
def test_reasons_are_emptied_with_the_record_and_not_before() -> None:
    _user, decision = do.decide(do.in_review())
    reasons = SideReasons.objects.filter(decision=decision)
    for text in ("[…]", "", "Other reasons."):
        with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
            reasons.update(text=text)
    with clock.freeze_time(clock.now() + RECORD_KEPT + timedelta(days=1)):
        assert record_retention.purge_complaint_records() == 1
    assert set(reasons.values_list("text", flat=True)) == {"[…]"}
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        reasons.update(text="Other reasons.")
