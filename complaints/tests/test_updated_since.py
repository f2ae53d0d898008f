"""Programs of platforms find complaints whose restitution was reversed in part since a moment."""

from datetime import timedelta

import pytest

from complaints.api.views import _remedied_since
from complaints.models import RestitutionGround
from complaints.tests import restitutions as make
from complaints.tests.findings import overturn, restitute, uphold
from portal import clock
from portal.jobs import runner

pytestmark = pytest.mark.django_db


def test_a_restitution_that_was_reversed_in_part_is_found(sandbox: object) -> None:
    stage = make.stage()
    for post in (stage.other, stage.copy):
        make.follow(stage.source, make.viewers(2), post=post)
    first, second = uphold(stage, stage.other), uphold(stage, stage.copy)
    row = restitute(second)
    runner.run_due_jobs()
    overturn(first)
    runner.run_due_jobs()
    assert make.fresh(row).restored == 2
    later = clock.now() + timedelta(days=1)
    assert second.pk not in _remedied_since(later)
    RestitutionGround.objects.exclude(settled_at=None).update(settled_at=later)
    assert second.pk in _remedied_since(later)
