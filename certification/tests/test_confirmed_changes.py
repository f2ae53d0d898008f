"""A change that a reviewer confirmed is written down by a renewal at once, which replaces the certificate."""

from datetime import timedelta

import pytest

from certification import public
from certification.actions import drafts, inquiries, rechecks, renewals
from certification.models import Certificate, HeldNumber, Inquiry
from certification.states import CertificateState as State
from certification.tests import factories as make
from portal import clock
from portal.errors import Conflict, Invalid, NotAllowed
from portal.notifications.models import Notification

pytestmark = pytest.mark.django_db
AREA, DAY = "cn-law", timedelta(days=1)


def confirm(row: Certificate) -> None:
    """The holder reports a change, and a reviewer confirms it."""
    rechecks.report_change(
        certificate=row, by=row.holder, what="employer", text=f"I work for another firm since {clock.today()}."
    )
    user, case = make.claim(Inquiry.objects.get(ended_at=None).case)
    inquiry = Inquiry.objects.get(ended_at=None)
    inquiries.confirm_change(inquiry=inquiry, by=user, version=case.version, reasons=["change-true"])


def test_the_renewal_replaces_the_certificate_when_it_is_approved() -> None:
    row = make.certificate(AREA)
    end, account = row.valid_to, row.holder.public_id
    with clock.freeze_time(row.valid_from + 30 * DAY):
        with pytest.raises(NotAllowed, match="You can renew from"):
            make.draft(AREA, row.holder, renews=row)
        confirm(row)
        row.refresh_from_db()
        assert (row.state, row.valid_to) == (State.ACTIVE, end)
        assert Notification.objects.filter(kind="certification.change_confirmed", user=row.holder).count() == 1
        with pytest.raises(Invalid, match="A change was confirmed"):
            renewals.renew_unchanged(certificate=row, by=row.holder, consent=True)
        renewal = make.draft(AREA, row.holder, renews=row)
        drafts.save_application_draft(application=renewal, by=row.holder, texts={"affiliation": "The other firm"})
        make.submit(renewal)
        make.run_jobs()
        before = clock.now()
    with clock.freeze_time(row.valid_from + 32 * DAY):
        make.approve_wholly(renewal)
        new = make.fresh(renewal).certificate
        row.refresh_from_db()
        assert (row.state, row.valid_to, new.valid_from) == (State.EXPIRED, clock.now(), clock.now())
        assert (new.affiliation, new.renews) == ("The other firm", row)
        assert public.check_gate(account, AREA).serial == new.serial
        assert public.check_gate(account, AREA, before).serial == row.serial
        assert HeldNumber.objects.filter(standing=True).count() == 1
        assert new.renewable_from is None


def test_one_that_was_renewed_already_is_renewed_again_once_that_has_begun() -> None:
    row = make.certificate(AREA)
    with clock.freeze_time(row.valid_to - 20 * DAY):
        second = make.certificate(AREA, applicant=row.holder, renews=row)
        confirm(row)
        second.refresh_from_db()
        assert second.renewable_from == second.valid_from
        with pytest.raises(NotAllowed, match="You can renew from"):
            make.draft(AREA, row.holder, renews=second)
    with clock.freeze_time(second.valid_from + DAY):
        third = make.certificate(AREA, applicant=row.holder, renews=second)
        second.refresh_from_db()
        assert (second.state, third.valid_from) == (State.EXPIRED, clock.now())


def test_there_must_be_a_change_to_confirm() -> None:
    row = make.certificate(AREA)
    inquiry = make.doubt(row)
    user, case = make.claim(inquiry.case)
    with pytest.raises(Conflict, match="No change"):
        inquiries.confirm_change(inquiry=inquiry, by=user, version=case.version)
