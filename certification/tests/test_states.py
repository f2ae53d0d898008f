"""Every state is reached by real steps, and the database refuses every other way."""

import pytest
from django.db import DatabaseError, transaction

from certification.models import Application, Certificate, Requirement
from certification.states import APPLICATION_WORKFLOW, CERTIFICATE_WORKFLOW, ApplicationState, CertificateState
from certification.tests import factories as make
from portal.audit import trail
from portal.errors import Conflict
from portal.workflow import Workflow

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", [state for state in ApplicationState if state != ApplicationState.SECOND_REVIEW])
def test_every_state_is_reached_by_real_steps(state: ApplicationState) -> None:
    assert make.application(state).state == state


def test_medicine_waits_for_a_second_person() -> None:
    application = make.application(ApplicationState.SECOND_REVIEW, "cn-medicine")
    assert not Certificate.objects.filter(application=application).exists()
    make.confirm(application)
    assert make.fresh(application).state == ApplicationState.APPROVED
    assert trail.broken_links() == []


@pytest.mark.parametrize("state", ApplicationState)
def test_the_database_refuses_moves_that_the_table_does_not_know(state: ApplicationState) -> None:
    application = make.application(ApplicationState.DRAFT)
    if (ApplicationState.DRAFT, state) in set(APPLICATION_WORKFLOW.pairs()) or state == ApplicationState.DRAFT:
        return
    with pytest.raises(DatabaseError), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(state=state)


@pytest.mark.parametrize("move", ["reject", "dismiss_appeal"])
def test_the_database_refuses_a_rejection_without_a_person(move: str) -> None:
    state = ApplicationState.IN_REVIEW if move == "reject" else ApplicationState.APPEALED
    application = make.application(state)
    with pytest.raises(DatabaseError, match="needs the decision of a person"), transaction.atomic():
        application.move(move, decision=None)


def test_the_database_refuses_a_suspension_without_a_person_and_a_revocation_by_one() -> None:
    certificate = make.certificate()
    with pytest.raises(DatabaseError, match="needs the decision of a person"), transaction.atomic():
        certificate.move("suspend")
    make.suspend(certificate)
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.SUSPENDED
    with pytest.raises(DatabaseError, match="needs the decision of a person"), transaction.atomic():
        certificate.move("revoke", adverse_decision=certificate.adverse_decision)


def test_a_requirement_that_was_used_does_not_change() -> None:
    application = make.application(ApplicationState.SUBMITTED)
    with pytest.raises(DatabaseError, match="in use"), transaction.atomic():
        Requirement.objects.filter(applications=application).update(max_validity=1)


@pytest.mark.parametrize("workflow", [APPLICATION_WORKFLOW, CERTIFICATE_WORKFLOW])
def test_no_move_is_missing_its_maker_and_adverse_ends_are_made_by_people(workflow: Workflow) -> None:
    adverse = {"rejected", "rejected_final", "suspended", "revoked"}
    for move in workflow.moves:
        assert move.by
        if move.target in adverse:
            assert "reviewer" in move.by


def test_fields_are_written_while_the_state_is_as_read() -> None:
    application = make.application(ApplicationState.IN_REVIEW)
    before = make.fresh(application)
    application.write(public_name="Ada Li")
    application.move("withdraw")
    with pytest.raises(Conflict, match="withdrawn meanwhile"):
        before.write(message="It was withdrawn meanwhile.", public_name="Another")
    assert make.fresh(application).public_name == "Ada Li" != before.public_name
