"""Serializers: a complaint as submitted, and as reported."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from complaints.models import Capacity, Complaint, CopyKind, Remedy, RemedyKind, Restitution
from complaints.regimes import REGIMES, RegimeCode
from complaints.states import ComplaintState, Outcome, RemedyState, RestitutionState
from portal.media.models import Kind
from portal.web.api import ListQuestion


class ContactSerializer(serializers.Serializer[Any]):
    """The complainant's contact as the regime requires; stored encrypted, never returned."""

    name = serializers.CharField(max_length=120)
    email = serializers.EmailField(required=False, default="")
    address = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class ComplaintSubmissionSerializer(serializers.Serializer[Any]):
    """A whole complaint at once: the account that complains, the two works, and the notice."""

    platform = serializers.CharField(
        max_length=40, help_text="Code of the platform that your client belongs to, for example sandbox."
    )
    complainant = serializers.CharField(
        max_length=80, help_text="ID or handle of the complainant's account on the platform."
    )
    original = serializers.CharField(max_length=500, help_text="Address or ID of the complainant's own work.")
    copy = serializers.CharField(max_length=500, help_text="Address or ID of the alleged copy.")
    regime = serializers.ChoiceField(
        RegimeCode.choices, required=False, help_text="Default: by the region of the respondent's account."
    )
    kind = serializers.ChoiceField(CopyKind.choices, required=False, default=CopyKind.WHOLE)
    capacity = serializers.ChoiceField(Capacity.choices, required=False, default=Capacity.AUTHOR)
    text = serializers.CharField(max_length=4000, help_text="What happened, in the complainant's words.")
    contact = ContactSerializer()
    statements = serializers.ListField(
        child=serializers.CharField(max_length=30),
        allow_empty=False,
        max_length=10,
        help_text="Codes of the statements that the complainant has made: "
        + "; ".join(f"{row.code} needs {' and '.join(tick.code for tick in row.ticks)}" for row in REGIMES.values())
        + ".",
    )
    signature = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)


class RemedySerializer(serializers.Serializer[Remedy]):
    """One remedy, and where it is."""

    kind = serializers.ChoiceField(RemedyKind.choices)
    state = serializers.ChoiceField(RemedyState.choices)
    not_before = serializers.DateTimeField()
    applied_at = serializers.DateTimeField(allow_null=True)
    lifted_at = serializers.DateTimeField(allow_null=True)
    complete_at = serializers.DateTimeField(
        allow_null=True, help_text="When what the platform has accepted is complete, where that is later; else null."
    )


class RestitutionSerializer(serializers.Serializer[Restitution]):
    """How the return of followers stands, in counts that add up."""

    state = serializers.ChoiceField(RestitutionState.choices)
    hold_until = serializers.DateTimeField()
    moved = serializers.IntegerField()
    already = serializers.IntegerField(help_text="Followed both; their follow of the copying account has ended.")
    excluded = serializers.DictField(child=serializers.IntegerField(), help_text="Number of followers by reason.")
    passed = serializers.IntegerField(help_text="Not attributable to the copy; they stay.")
    undone = serializers.IntegerField()
    restored = serializers.IntegerField()


class ComplaintSerializer(serializers.Serializer[Complaint]):
    """A complaint as the platform may see it: no contact data, no texts."""

    number = serializers.CharField()
    regime = serializers.ChoiceField(RegimeCode.choices, source="regime_code")
    state = serializers.ChoiceField(ComplaintState.choices)
    state_label = serializers.SerializerMethodField(help_text="In the language of the request.")
    platform = serializers.CharField()
    account = serializers.CharField(source="account_id", help_text="The respondent's account on the platform.")
    original = serializers.CharField(source="original.external_id", allow_null=True)
    copy = serializers.CharField(source="copy.external_id")
    work_kind = serializers.ChoiceField(
        Kind.choices, source="copy.kind", allow_blank=True, help_text="What the copy is; empty until it is known."
    )
    submitted_at = serializers.DateTimeField(allow_null=True)
    answer_by = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    result = serializers.ChoiceField(Outcome.choices, allow_blank=True)
    remedies = RemedySerializer(many=True)
    restitution = serializers.SerializerMethodField()

    def get_state_label(self, row: Complaint) -> str:
        """The state as text."""
        return row.state_label

    @extend_schema_field(RestitutionSerializer(allow_null=True))
    def get_restitution(self, row: Complaint) -> dict[str, Any] | None:
        """The latest restitution of the complaint, if any."""
        found = [remedy.restitution for remedy in row.remedies.all() if hasattr(remedy, "restitution")]
        return dict(RestitutionSerializer(found[-1]).data) if found else None


class ComplaintFilterSerializer(ListQuestion):
    """Which complaints."""

    account = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=80, help_text="ID of the respondent's account."
    )
    state = serializers.ChoiceField(ComplaintState.choices, required=False)
