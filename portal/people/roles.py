"""Roles and what each may do, as one table in code; views, policies and tests read it."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is here. Everybody has exactly one role."""

    CREATOR = "creator", _("Creator")
    AGENT = "agent", _("Agency agent")
    REVIEWER = "reviewer", _("Reviewer")
    SENIOR_REVIEWER = "senior_reviewer", _("Senior reviewer")
    AREA_LEAD = "area_lead", _("Area lead")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("Administrator")
    GUEST = "guest", _("Guest")


class Permission(StrEnum):
    """One thing that a role may do; whether it may be done to *this* object is a policy's question."""

    APPLY = "apply"  # make and follow own applications
    APPLY_FOR_OTHERS = "apply_for_others"  # by mandate; never sees documents
    REVIEW = "review"  # claim and decide first-stage cases
    REVIEW_SECOND = "review_second"  # second approvals and appeals
    READ_QUEUE = "read_queue"  # see the queue's figures and cases without documents
    LEAD_AREA = "lead_area"  # requirements of areas; decides nothing
    READ_ALL = "read_all"  # decisions, audit events and figures, read only
    ADMINISTER = "administer"  # people, data and calendars in the admin
    COMPLAIN = "complain"  # file complaints and answer them


_REVIEW = frozenset({Permission.REVIEW, Permission.READ_QUEUE})

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.CREATOR: frozenset({Permission.APPLY, Permission.COMPLAIN}),
    Role.AGENT: frozenset({Permission.APPLY_FOR_OTHERS}),
    Role.REVIEWER: _REVIEW,
    Role.SENIOR_REVIEWER: _REVIEW | {Permission.REVIEW_SECOND},
    Role.AREA_LEAD: frozenset({Permission.READ_QUEUE, Permission.LEAD_AREA}),
    Role.AUDITOR: frozenset({Permission.READ_QUEUE, Permission.READ_ALL}),
    Role.ADMIN: frozenset({Permission.ADMINISTER, Permission.LEAD_AREA}),
    # Somebody with an address but no membership.
    Role.GUEST: frozenset({Permission.COMPLAIN}),
}

# Everybody whose work touches other people's cases signs in with a second factor.
SECOND_FACTOR_ROLES = frozenset(Role) - {Role.CREATOR, Role.GUEST}

# Who works here on other people's cases and rules: given and taken by two administrators only (portal/people/actions/staff.py).
STAFF_ROLES = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER, Role.AREA_LEAD, Role.AUDITOR, Role.ADMIN})
