"""The tables of originality."""

from complaints.models.comparisons import Comparison, ComparisonEvidence, EvidenceLook, Grade, MatchSegment
from complaints.models.complaints import (
    Capacity,
    Complaint,
    CopyKind,
    Exhibit,
    SideReasons,
    Statement,
    drafts_idle_since,
    new_link_nonce,
)
from complaints.models.controls import RestitutionControl
from complaints.models.follower_choices import FollowerChoice
from complaints.models.grounds import GroundFinding, RestitutionGround
from complaints.models.invitations import InvitationAnswer, InvitationOutcome
from complaints.models.library import (
    CopyNotices,
    EntryGap,
    LibraryEntry,
    LibraryMatch,
    LibraryPage,
    PossibleCopy,
)
from complaints.models.opt_outs import FollowerOptOut
from complaints.models.previews import RestitutionPreview
from complaints.models.reconciliations import Reconciliation
from complaints.models.reports import PlatformReport
from complaints.models.restitution_policies import RestitutionPolicy
from complaints.models.restitutions import (
    Remedy,
    RemedyKind,
    Restitution,
    RestitutionPage,
)
from complaints.models.spans import RestitutionSpan
from complaints.models.works import Authorisation, Fingerprint, Work
from complaints.models.years import YearlyReturn

__all__ = [
    "Authorisation",
    "Capacity",
    "Comparison",
    "ComparisonEvidence",
    "Complaint",
    "CopyKind",
    "CopyNotices",
    "EntryGap",
    "EvidenceLook",
    "Exhibit",
    "Fingerprint",
    "FollowerChoice",
    "FollowerOptOut",
    "Grade",
    "GroundFinding",
    "InvitationAnswer",
    "InvitationOutcome",
    "LibraryEntry",
    "LibraryMatch",
    "LibraryPage",
    "MatchSegment",
    "PlatformReport",
    "PossibleCopy",
    "Reconciliation",
    "Remedy",
    "RemedyKind",
    "Restitution",
    "RestitutionControl",
    "RestitutionGround",
    "RestitutionPage",
    "RestitutionPolicy",
    "RestitutionPreview",
    "RestitutionSpan",
    "SideReasons",
    "Statement",
    "Work",
    "YearlyReturn",
    "drafts_idle_since",
    "new_link_nonce",
]
