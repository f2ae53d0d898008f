"""Messages: a text for every event in the table, in the reader's language, with nothing private in it."""

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from certification import events, notices
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal.notifications.models import Notification

KINDS = [*notices.NOTICES.values(), notices.ASK_REMINDER, notices.RENEWAL_DUE]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_message_has_a_subject_and_a_body(kind: str, language: str) -> None:
    facts = ("area", "number", "serial", "due_at", "appeal_until", "answer_due_at", "valid_to", "left")
    context = {name: f"<{name}>" for name in facts}
    path = kind.replace(".", "/")
    with translation.override(language):
        subject = render_to_string(f"emails/{path}.subject.txt", context).strip()
        body = render_to_string(f"emails/{path}.body.txt", context).strip()
    assert subject
    assert "\n" not in subject
    assert "<area>" in subject + body
    assert "&lt;" not in subject + body


def test_every_event_of_the_table_exists() -> None:
    assert set(notices.NOTICES) <= {value for name, value in vars(events).items() if name.isupper()}


@pytest.mark.django_db
def test_no_message_leaves_a_gap_or_tells_what_is_private() -> None:
    application = make.application(State.REJECTED_FINAL, "cn-law")
    farming = make.certificate("cn-farming", applicant=application.applicant)
    rows = Notification.objects.filter(user=application.applicant)
    assert rows.count() >= 5
    for row in rows:
        for language in ("en", "zh-hans"):
            text = row.subjects[language] + row.bodies[language]
            assert "Li Ming" not in text
            assert application.applicant.email not in text
            names = [area.names[language] for area in (application.area, farming.area)]
            assert any(name in text for name in names)
        assert row.url.startswith("/certification/")
