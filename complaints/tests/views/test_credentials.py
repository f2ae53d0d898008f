"""Content Credentials on the pages of both sides and of whoever decides: the same for all, in words, and decisive for nothing."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from complaints import evidence_file, matching, notices
from complaints.actions import comparison_evidence
from complaints.models import ComparisonEvidence, Complaint
from complaints.states import ComplaintState as State
from complaints.states import Side
from complaints.tests import engine
from complaints.tests import factories as make
from complaints.views import credential_texts
from portal.engines import fingerprints
from portal.engines.fingerprints.tests import signed
from portal.media.actions import probes
from portal.testing.reading import page_text
from portal.testing.shared import Enter

SAID = engine.CREDENTIALS["film signed"]


def complaint_with_credentials() -> Complaint:
    """The original is signed, the copy has nothing."""
    author = make.author()
    own = make.post(make.account_of(author), engine.sample_video("signed"))
    complaint = make.draft(author, original=own, copy=make.post(make.account(), engine.sample_video("signed", "again")))
    for step in make.NOTIFIED:
        step(make.fresh(complaint))
    return make.fresh(complaint)


def shown(**changes: Any) -> credential_texts.Credentials:
    return credential_texts.shown_credentials({"content_credentials": {"original": SAID | changes}})[0]


@pytest.mark.django_db
def test_both_sides_and_the_holder_read_the_same_and_the_grade_does_not_change(enter: Enter) -> None:
    complaint = complaint_with_credentials()
    row = ComparisonEvidence.objects.get()
    told = json.loads(evidence_file.read_entry(comparison_evidence.read_evidence(row), "evidence.json"))
    assert told["content_credentials"] == {"original": SAID, "copy": {"status": "none"}}
    assert row.summary["content_credentials"] == told["content_credentials"]
    unsigned = make.complaint(State.NOTIFIED)
    figures = ("grade", "score", "usable_original", "usable_copy")
    assert complaint.comparisons.values(*figures).get() == unsigned.comparisons.values(*figures).get()
    assert complaint.flags == unsigned.flags
    make.answer(complaint)
    reviewer, case = make.claim(complaint)
    pages = [
        enter(complaint.complainant).get(complaint.get_absolute_url()),
        enter(reviewer).get(f"/reviews/{case.number}/work/"),
        Client().get(notices.case_file_link(complaint, Side.RESPONDENT), follow=True),
    ]
    for page in pages:
        text = page_text(page)
        section = text.partition("Content Credentials (C2PA)")[2]
        assert "The signature is valid, and the file is as it was signed." in section
        assert "Example Signing (Example Studio), who is not on any list of this portal" in section
        assert "None in this file. That means nothing" in section
        order = text.partition("Order of publication")[2].partition("Content Credentials")[0]
        assert "Anyone can sign a file with any date." in order
        worth = "Example Signing (Example Studio); the signature is valid; the signer is unknown to the portal"
        created = order.index(f"Original created as signed in the file by {worth}")
        assert created < order.index(f"Original signed by a time stamp in the file, signed by {worth}")


@pytest.mark.django_db
def test_with_the_real_engine_a_signed_picture_comes_to_the_page(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (matching, evidence_file, probes):
        monkeypatch.setattr(module, "fingerprints", fingerprints)
    author, plain = make.author(), signed.picture("PNG")
    with_credentials = signed.sign(plain, "image/png")
    own = make.post(make.account_of(author), with_credentials, kind="image")
    complaint = make.draft(author, original=own, copy=make.post(make.account(), plain, kind="image"))
    for step in make.NOTIFIED:
        step(make.fresh(complaint))
    summary = ComparisonEvidence.objects.get().summary["content_credentials"]
    assert (summary["original"]["content"], summary["copy"]) == ("same", {"status": "none"})
    assert "made by AI" in page_text(enter(author).get(complaint.get_absolute_url()))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"content": "changed"}, "The signature is valid. The file was changed after it was signed."),
        ({"content": "unknown"}, "The signature is valid. Whether the file was changed"),
        ({"signature": "invalid"}, "The signature is not valid."),
        ({"status": "elsewhere"}, "The file only names an address"),
        ({"status": "unsupported"}, "Not looked for"),
        ({"status": "unreadable"}, "They could not be read"),
    ],
)
def test_each_outcome_has_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    assert shown(**changes).sentence.startswith(sentence)


def test_what_failed_besides_is_said_first_and_weakens_the_source() -> None:
    problems = ["claimSignature.mismatch", "assertion.hashedURI.mismatch", "example.unheard-of"]
    first = shown(problems=problems).facts[0]
    assert (first.text, first.strong) == ("a statement was changed after it was signed, example.unheard-of", True)
    summary = {"content_credentials": {"copy": SAID | {"problems": problems, "signature": "invalid", "signed_at": ""}}}
    (signing,) = credential_texts.signings(summary)
    assert (signing.side, signing.stamped) == ("copy", False)
    assert "the signature is not valid; other checks failed; the signer is unknown to the portal" in signing.source


def test_a_file_cannot_fill_the_page() -> None:
    facts = {fact.label: fact.text for fact in shown(ingredients=[f"{number}.jpg" for number in range(16)]).facts}
    assert facts["Made of"] == "0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg, 5.jpg, and 10 more"


def test_in_chinese() -> None:
    with translation.override("zh-hans"):
        found = shown()
        texts = " ".join([found.sentence, *(fact.label + fact.text for fact in found.facts)])
        (first, _second) = credential_texts.signings({"content_credentials": {"original": SAID}})
    assert "签名有效" in found.sentence
    assert "由 AI 生成" in texts
    assert "Example Signing" in first.source
    assert "签名有效" in first.source


def test_what_was_sealed_before_is_shown_as_not_verified() -> None:
    lists: dict[str, list[str]] = {name: [] for name in ("generators", "assertions", "actions", "sources")}
    old = {"present": True, "signed": True, **lists, "sources": ["trainedAlgorithmicMedia"]}
    summary = {"credentials": {"original": old, "copy": {"present": False, "signed": False, **lists}}}
    first, second = credential_texts.shown_credentials(summary)
    assert (first.sentence, first.facts[0].text) == ("Present, not verified", "made by AI")
    assert second.sentence.startswith("None in this file")
    assert not list(credential_texts.signings(summary))


def test_where_none_were_looked_for_nothing_is_said() -> None:
    assert credential_texts.shown_credentials({}) == []
