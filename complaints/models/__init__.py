"""The tables of originality."""

from complaints.models.comparisons import Comparison, Grade, MatchSegment
from complaints.models.complaints import (
    Capacity,
    Complaint,
    CopyKind,
    Exhibit,
    SideReasons,
    Statement,
    idle_since,
    new_nonce,
)
from complaints.models.restitutions import (
    FollowerChoice,
    Measure,
    MeasureKind,
    Restitution,
    RestitutionPage,
    RestitutionPolicy,
)
from complaints.models.works import Authorisation, Fingerprint, Work

__all__ = [
    "Authorisation",
    "Capacity",
    "Comparison",
    "Complaint",
    "CopyKind",
    "Exhibit",
    "Fingerprint",
    "FollowerChoice",
    "Grade",
    "MatchSegment",
    "Measure",
    "MeasureKind",
    "Restitution",
    "RestitutionPage",
    "RestitutionPolicy",
    "SideReasons",
    "Statement",
    "Work",
    "idle_since",
    "new_nonce",
]
