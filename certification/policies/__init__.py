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
    refuse_inquiry_answer,
    refuse_inquiry_decision,
    refuse_report,
    refuse_surrender,
)
from certification.policies.file_access import file_is_needed, refuse_file_access, require_own_files
from certification.policies.flags import flag_texts
from certification.policies.people import (
    acts_for,
    refuse_documents,
    refuse_examining,
    refuse_following,
    refuse_reviewing,
)
from certification.policies.reviewers import refuse_approval, refuse_certifying, refuse_question, refuse_rejection
from certification.policies.second_look import (
    answer_files,
    appeal_files,
    application_second_look,
    inquiry_second_look,
)
from certification.policies.terms import (
    ANSWER_PERIOD,
    BAN_AFTER_REJECTION,
    BAN_AFTER_REVOCATION,
    CONSENT_VERSION,
    DOCUMENT_PURPOSE,
    DOCUMENT_RETENTION,
    DRAFT_RETENTION,
    FORGED_REASONS,
    QUESTION_ROUNDS,
    REGISTRY_CHECK_VALIDITY,
    TEXT_LIMIT,
    appeal_deadline,
    applicable_requirement,
    application_gaps,
    certificate_validity,
    latest_registry_checks,
    second_approval_reasons,
)

__all__ = [
    "ANSWER_PERIOD",
    "BAN_AFTER_REJECTION",
    "BAN_AFTER_REVOCATION",
    "CONSENT_VERSION",
    "DOCUMENT_PURPOSE",
    "DOCUMENT_RETENTION",
    "DRAFT_RETENTION",
    "FORGED_REASONS",
    "QUESTION_ROUNDS",
    "REGISTRY_CHECK_VALIDITY",
    "TEXT_LIMIT",
    "acts_for",
    "answer_files",
    "appeal_deadline",
    "appeal_files",
    "applicable_requirement",
    "application_gaps",
    "application_second_look",
    "certificate_validity",
    "file_is_needed",
    "flag_texts",
    "inquiry_second_look",
    "latest_registry_checks",
    "refuse_answer",
    "refuse_appeal",
    "refuse_approval",
    "refuse_attaching",
    "refuse_certificate_appeal",
    "refuse_certifying",
    "refuse_documents",
    "refuse_doubt",
    "refuse_editing",
    "refuse_examining",
    "refuse_file_access",
    "refuse_following",
    "refuse_inquiry_answer",
    "refuse_inquiry_decision",
    "refuse_question",
    "refuse_rejection",
    "refuse_renewal",
    "refuse_report",
    "refuse_reviewing",
    "refuse_start",
    "refuse_submission",
    "refuse_surrender",
    "refuse_withdrawal",
    "require_own_files",
    "second_approval_reasons",
]
