"""The table of messages: every one has its texts in both languages, and says what it must without what it must not."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from complaints import events, notices
from complaints.states import ComplaintState as State
from complaints.states import Side
from complaints.tests import deciding as judge
from complaints.tests import factories as make
from portal.notifications.models import Notification

KINDS = sorted(
    {kind for row in notices.NOTICES_BY_EVENT.values() for kind in row.values()}
    | set(notices.REVERSAL_NOTICES.values())
    | set(sum(notices.NOTICES_BY_ACTING_SIDE.values(), ()))
)
FACTS = (
    "number", "copy", "regime", "answer_by", "complete_by", "appeal_until", "missing",
    "moved", "already", "undo_until", "restored", "others", "hold_until", "kept", "reversed", "reason", "contact",
    "invited", "declined", "not_moved", "unanswered", "invite_until", "reserved_until",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_message_has_a_subject_and_a_text_that_use_known_facts_only(kind: str) -> None:
    facts = {name: f"<{name}>" for name in FACTS}
    with translation.override("en"):
        subject, body = (
            render_to_string(f"emails/complaints/{kind}.{part}.txt", facts) for part in ("subject", "body")
        )
    assert "<number>" in subject + body
    assert "\n" not in subject.strip()
    assert body.strip().endswith(".")
    template = Path(settings.BASE_DIR, f"templates/emails/complaints/{kind}.body.txt").read_text()
    used = {part.partition("}}")[0].strip() for part in template.split("{{")[1:]}
    assert used <= {*FACTS, "title", "complainant"}
    assert all(f"<{name}>" in body for name in used & set(FACTS))


@pytest.mark.django_db
def test_whoever_acted_gets_a_receipt_and_the_other_side_is_told() -> None:
    complaint = make.complaint(State.IN_REVIEW, against=make.account(make.person()))
    notices.notify_sides(events.APPEALED, complaint, once="1", side=Side.RESPONDENT)
    kinds = dict(Notification.objects.filter(key__startswith=events.APPEALED).values_list("user", "kind"))
    assert kinds == {
        complaint.complainant_id: "complaints.appealed",
        complaint.respondent_id: "complaints.appeal_received",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "side", "taken_back"), [("dismissed", "complainant", False), ("partly", "respondent", True)]
)
def test_a_reversal_says_what_it_comes_to(outcome: str, side: str, taken_back: bool) -> None:
    complaint = judge.in_review(against=make.account(make.person()))
    judge.decide(complaint, outcome, ("warn",) if outcome == "partly" else ())
    judge.appeal(complaint, side)
    judge.reverse(complaint, () if taken_back else ("warn",))
    notes = Notification.objects.filter(key__startswith=events.REVERSED)
    assert notes.count() == 2
    for note in notes:
        assert ("remedies are reversed" in note.body) is taken_back
        assert ("upheld" in note.body) is not taken_back


@pytest.mark.django_db
def test_the_same_event_again_tells_nobody_twice() -> None:
    complaint = make.complaint(State.RECEIVED)
    notices.notify_sides(events.SUBMITTED, complaint)
    assert Notification.objects.count() == 1
    notices.notify_sides(events.COMPLETED, complaint, once="2")
    notices.notify_sides(events.COMPLETED, complaint, once="3")
    assert Notification.objects.count() == 3


@pytest.mark.django_db
def test_a_mail_is_read_in_the_persons_language() -> None:
    author = make.author()
    author.language = "zh-hans"
    author.save(update_fields=["language"])
    complaint = make.complaint(State.INCOMPLETE, by=author)
    note = Notification.objects.get(kind="complaints.incomplete")
    assert complaint.complete_by is not None
    until = f"{complaint.complete_by:%Y}年{complaint.complete_by.month}月{complaint.complete_by.day}日"
    assert until in note.bodies["zh-hans"]
    assert complaint.number in note.subjects["zh-hans"]
