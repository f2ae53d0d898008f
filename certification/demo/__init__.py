"""Demo content: applications and certificates, made at past moments by the same steps that real people take.

Everybody here says that they are a demo, every document says SPECIMEN, and every registry lookup says
that no register was asked. `seed()` makes what a visitor must find at once, `fill()` the rest of the register.
"""

from certification.actions import expiry
from certification.demo import applications, inspected, official_register, overseen, register
from certification.models import KeyArea
from certification.reference import loading
from portal.people.demo import demo_person
from portal.reviews.demo_reviewers import DEMO_REVIEWERS
from portal.reviews.models import ReviewerSkill


def seed() -> None:
    """Reference data, reviewers' areas, and the applications that are not there yet."""
    loading.load_reference_data()
    _give_reviewer_skills()
    official_register.import_demo_register()
    for entry in applications.DEMO_APPLICATIONS:
        applications.create_demo_application(entry)
    expiry.expire_due_certificates()
    overseen.create_overseen_entries()


def fill() -> None:
    """The certificates that are not in the register yet, in minutes, while the site is open already; then the inspections."""
    register.fill_register()
    inspected.inspect_certificates()


def _give_reviewer_skills() -> None:
    codes = list(KeyArea.objects.values_list("code", flat=True))
    for name in DEMO_REVIEWERS:
        skills = [ReviewerSkill(user=demo_person(name), skill=code) for code in codes]
        ReviewerSkill.objects.bulk_create(skills, ignore_conflicts=True)
