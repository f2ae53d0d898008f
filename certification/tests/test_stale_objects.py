"""Everything that applicants and holders write, tried with an object that was read before something else was first."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model

from certification.actions import applications, decisions, drafts, inquiries
from certification.models import Application, Certificate, Credential, CredentialType, Document, InfoRequest, Inquiry
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.errors import Conflict, Invalid, NotAllowed
from portal.evidence.models import EvidenceFile
from portal.reviews.models import Appeal

pytestmark = pytest.mark.django_db
Act = Callable[[], object]
Prepare = Callable[[Application], Act]
TABLES: tuple[type[Model], ...] = (
    Application, Credential, Document, InfoRequest, Inquiry, Certificate, Appeal, EvidenceFile
)  # fmt: skip


def rows() -> dict[str, list[Any]]:
    """All that an action could leave behind."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in TABLES}


def refused(act: Act) -> None:
    """The action says that somebody was first, and nothing is written."""
    before = rows()
    with pytest.raises((Conflict, NotAllowed, Invalid)) as refusal:
        act()
    assert str(refusal.value.message).endswith(".")
    assert rows() == before


def texts(made: Application) -> Act:
    return lambda: drafts.save_application_draft(application=made, by=made.applicant, texts={"claims": "More"})


def credential(made: Application) -> Act:
    kind = CredentialType.objects.get(code="practice-work")
    return lambda: drafts.declare_credential(application=made, by=made.applicant, kind=kind, facts={"issuer": "Me"})


def no_credential(made: Application) -> Act:
    row = Credential.objects.select_related("application__applicant").filter(application=made).first()
    assert row is not None
    return lambda: drafts.remove_credential(credential=row, by=made.applicant)


def document(made: Application) -> Document:
    rows = Document.objects.select_related("application__applicant", "file").filter(application=made)
    row = rows.filter(replaced_at=None).latest("pk")
    assert row.application.state == made.state
    return row


def paper(made: Application) -> Act:
    file = make.paper(made.applicant)
    return lambda: drafts.attach_document(application=made, by=made.applicant, kind="other", file=file)


def other_paper(made: Application) -> Act:
    file, replaced = make.paper(made.applicant), document(made)
    return lambda: drafts.attach_document(
        application=made, by=made.applicant, kind=replaced.kind, file=file, replaces=replaced
    )


def no_paper(made: Application) -> Act:
    row = document(made)
    return lambda: drafts.detach_document(document=row, by=made.applicant)


def date(made: Application) -> Act:
    row = document(made)
    return lambda: drafts.date_document(document=row, by=made.applicant, dated_on=clock.today())


def discard(made: Application) -> Act:
    return lambda: drafts.discard_application_draft(application=made, by=made.applicant)


def submit(made: Application) -> Act:
    return lambda: make.submit(made)


WRITTEN: tuple[Prepare, ...] = (texts, credential, paper, other_paper, no_paper, date)


@pytest.mark.parametrize("prepare", [*WRITTEN, no_credential, submit])
def test_a_draft_that_was_handed_in_meanwhile(prepare: Prepare) -> None:
    made = make.draft()
    act = prepare(make.fresh(made))
    make.submit(make.fresh(made))
    refused(act)


def test_a_draft_that_was_handed_in_meanwhile_is_not_discarded() -> None:
    made = make.draft()
    act = discard(make.fresh(made))
    make.submit(make.fresh(made))
    before = rows()
    act()
    assert rows() == before


@pytest.mark.parametrize("prepare", WRITTEN)
def test_a_draft_that_was_discarded_meanwhile(prepare: Prepare) -> None:
    made = make.draft()
    act = prepare(make.fresh(made))
    discard(make.fresh(made))()
    refused(act)


def answer(made: Application) -> Act:
    return lambda: applications.answer_information_request(application=made, by=made.applicant, text="Here it is.")


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("prepare", [*WRITTEN, answer])
def test_a_question_that_was_answered_meanwhile_even_if_the_next_is_open(prepare: Prepare, *, again: bool) -> None:
    made = make.application(State.INFO_REQUESTED)
    paper(made)()
    make.check(made)  # it is read before it is checked
    act = prepare(make.fresh(made))
    answer(make.fresh(made))()
    if again:
        make.check(made)
        before = make.fresh(made).case
        assert before is not None
        by, case = make.claim(made, before.claims.latest("pk").reviewer)
        question: dict[str, Any] = {"text": "And please send this one as well.", "items": [], "version": case.version}
        applications.request_information(application=make.fresh(made), by=by, **question)
    refused(act)


def test_a_paper_or_credential_of_another_application_is_not_taken() -> None:
    mine, other = make.draft("cn-crafts"), make.draft()
    file = make.paper(mine.applicant)
    said: dict[str, Any] = {"application": mine, "by": mine.applicant, "kind": "other", "file": file}
    refused(lambda: drafts.attach_document(**said, replaces=document(other)))
    refused(lambda: drafts.attach_document(**said, credential=other.credentials.first()))


def test_what_was_withdrawn_decided_or_appealed_meanwhile() -> None:
    made = make.application(State.IN_REVIEW)
    stale = make.fresh(made)
    make.reject(made)
    refused(lambda: make.withdraw(stale))
    rejected = make.fresh(made)
    files = [make.paper(made.applicant)]
    make.appeal(make.fresh(made))
    refused(
        lambda: decisions.appeal_rejection(
            application=rejected, by=made.applicant, text="You have overlooked it.", documents=files
        )
    )


def test_a_suspension_that_was_answered_meanwhile() -> None:
    inquiry = make.suspend(make.certificate())
    holder = inquiry.certificate.holder
    files = [make.paper(holder)]
    stale = Inquiry.objects.select_related("certificate__holder").get(pk=inquiry.pk)
    inquiries.answer_suspension(inquiry=inquiry, by=holder, text="The register is wrong.")
    refused(lambda: inquiries.answer_suspension(inquiry=stale, by=holder, text="Something else.", documents=files))
