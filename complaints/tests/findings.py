"""Findings for tests, on the sandbox: complaints that are upheld, have followers returned, and are reversed."""

from django.db import transaction

from complaints.actions import casework, grounds, remedies, restitutions
from complaints.models import Complaint, Remedy, Restitution
from complaints.tests import restitutions as make
from complaints.tests.restitutions import Stage
from portal.reviews.tests import factories as reviews
from portal.sandbox.models import Post


def uphold(stage: Stage, copy: Post) -> Complaint:
    """A complaint about a video is upheld, and in force."""
    complaint = make.complaint(stage, copy=copy)
    assert complaint.copy is not None
    complaint.copy.published_at = copy.published_at
    complaint.copy.save()
    grounds.link_finding(complaint)
    return complaint


def restitute(complaint: Complaint, batch: int = 5000) -> Restitution:
    """Its followers begin to return."""
    assert complaint.decision is not None
    row = make.plan(Remedy.objects.create(complaint=complaint, decision=complaint.decision, kind="restitution"))
    Restitution.objects.filter(pk=row.pk).update(batch=batch)
    restitutions.begin_due_restitutions()
    return make.fresh(row)


def overturn(complaint: Complaint) -> None:
    """Its decision is reversed on appeal, as actions/appeals.py does it."""
    complaint.refresh_from_db()
    complaint.move("appeal")
    with transaction.atomic():
        casework.lock_for_ruling(complaint)
        remedies.undo_remedies(complaint, by=reviews.senior())
        complaint.move("reverse", result="dismissed")
