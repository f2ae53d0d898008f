"""The right to renew is asked again when the renewal is submitted, and when it is decided."""

from datetime import timedelta
from typing import Any

import pytest

from certification.actions import certificates
from certification.models import Certificate
from certification.states import ApplicationState, CertificateState
from certification.tests import factories as make
from portal import clock
from portal.errors import Invalid, NotAllowed

pytestmark = pytest.mark.django_db
AREA, DAY = "cn-law", timedelta(days=1)


def surrender(row: Certificate) -> None:
    certificates.surrender_certificate(certificate=row, by=row.holder)


def revoke(row: Certificate) -> None:
    make.revoke(row)


@pytest.mark.parametrize("end", [surrender, revoke])
def test_a_draft_does_not_outlive_the_right_to_renew(end: Any) -> None:
    row = make.certificate(AREA)
    with clock.freeze_time(row.valid_to - 20 * DAY):
        renewal = make.draft(AREA, row.holder, renews=row)
        end(row)
        with pytest.raises(Invalid, match="revoked or surrendered"):
            make.submit(make.fresh(renewal))


@pytest.mark.parametrize("end", [surrender, revoke])
def test_one_in_review_is_not_approved(end: Any) -> None:
    row = make.certificate(AREA)
    with clock.freeze_time(row.valid_to - 20 * DAY):
        renewal = make.draft(AREA, row.holder, renews=row)
        make.submit(renewal)
        make.run_jobs()
        end(row)
        renewal = make.fresh(renewal)
        with pytest.raises(NotAllowed, match="revoked or surrendered"):
            make.approve(renewal)
        assert make.fresh(renewal).state == ApplicationState.IN_REVIEW
        assert not Certificate.objects.filter(state=CertificateState.ACTIVE).exists()


def test_a_draft_is_submitted_within_90_days_of_the_end_and_decided_later() -> None:
    row = make.certificate(AREA)
    with clock.freeze_time(row.valid_to + 80 * DAY):
        renewal = make.draft(AREA, row.holder, renews=row)
    with clock.freeze_time(row.valid_to + 91 * DAY), pytest.raises(Invalid, match="more than 90 days ago"):
        make.submit(make.fresh(renewal))
    with clock.freeze_time(row.valid_to + 89 * DAY):
        make.submit(make.fresh(renewal))
        make.run_jobs()
    with clock.freeze_time(row.valid_to + 95 * DAY):
        make.approve(make.fresh(renewal))
        assert make.fresh(renewal).certificate.valid_from == clock.now()
