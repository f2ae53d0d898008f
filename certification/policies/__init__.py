"""Why something may not be done: each function gives one sentence, or None when nothing stands against it.

The same sentence is the 403 or 409, and the explanation beside the button that cannot be used.
"""

from certification.policies.applicants import (
    refuse_answer,
    refuse_appeal,
    refuse_attaching,
    refuse_editing,
    refuse_renewal,
    refuse_start,
    refuse_submission,
    refuse_withdrawal,
)
from certification.policies.certificates import (
    refuse_certificate_appeal,
    refuse_doubt,
    refuse_hearing,
    refuse_inquiry_answer,
    refuse_surrender,
)
from certification.policies.papers import file_is_needed, refuse_look, require_own_papers
from certification.policies.people import acts_for, refuse_following, refuse_papers, refuse_reviewing, refuse_unclaimed
from certification.policies.reviewers import refuse_approval, refuse_certifying, refuse_question, refuse_rejection
from certification.policies.terms import (
    ANSWER_TIME,
    BAN_AFTER_REJECTION,
    BAN_AFTER_REVOCATION,
    CONSENT_VERSION,
    DRAFT_KEPT,
    FORGED_REASONS,
    NOT_QUEUED,
    PAPER_PURPOSE,
    PAPERS_KEPT,
    QUESTION_ROUNDS,
    REGISTRY_FRESH,
    appeal_until,
    gaps,
    registry_answers,
    requirement_of,
    second_person_reasons,
    validity,
)

__all__ = [
    "ANSWER_TIME",
    "BAN_AFTER_REJECTION",
    "BAN_AFTER_REVOCATION",
    "CONSENT_VERSION",
    "DRAFT_KEPT",
    "FORGED_REASONS",
    "NOT_QUEUED",
    "PAPERS_KEPT",
    "PAPER_PURPOSE",
    "QUESTION_ROUNDS",
    "REGISTRY_FRESH",
    "acts_for",
    "appeal_until",
    "file_is_needed",
    "gaps",
    "refuse_answer",
    "refuse_appeal",
    "refuse_approval",
    "refuse_attaching",
    "refuse_certificate_appeal",
    "refuse_certifying",
    "refuse_doubt",
    "refuse_editing",
    "refuse_following",
    "refuse_hearing",
    "refuse_inquiry_answer",
    "refuse_look",
    "refuse_papers",
    "refuse_question",
    "refuse_rejection",
    "refuse_renewal",
    "refuse_reviewing",
    "refuse_start",
    "refuse_submission",
    "refuse_surrender",
    "refuse_unclaimed",
    "refuse_withdrawal",
    "registry_answers",
    "require_own_papers",
    "requirement_of",
    "second_person_reasons",
    "validity",
]
