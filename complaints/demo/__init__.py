"""Demo content: complaints in every stage, made at past moments by the same steps that people take.

The copy of the potter's video is left for whoever tries the portal.
"""

from django.conf import settings

from complaints.demo import cases
from complaints.reference import loading


def seed() -> None:
    """Reference data, reviewers' areas, and what is not there yet."""
    loading.load_complaint_reference()
    loading.give_originality_skill()
    if settings.SANDBOX:
        cases.create_demo_complaints()
