"""What the API shows, and what it takes as questions."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from certification.models import Application, Certificate
from certification.states import ApplicationState, CertificateState
from portal.web.api import ListQuestion

GATE_CODES = (
    "certified",
    "not_gated",
    "no_certificate",
    "suspended",
    "revoked",
    "expired",
    "surrendered",
    "lapsed",
    "not_yet",
    "unknown_area",
    "no_person",
)
RELIABLE = "IDs are more reliable: a handle names nobody once the account was seen under another one."
_BOTH = _("Please give platform and platform_account together.")
_ONE_WAY = _("Please give either account, or both platform and platform_account.")


class TextsField(serializers.DictField):
    """A text by language code; the default language is always there."""

    child = serializers.CharField()


class PlaceSerializer(serializers.Serializer[Any]):
    """A jurisdiction or a category: its code and name."""

    code = serializers.CharField()
    name = TextsField(source="names")


class AreaSerializer(PlaceSerializer):
    """A key area."""

    jurisdiction = PlaceSerializer()
    topic = serializers.CharField(help_text="The same in every jurisdiction, for example medicine.")
    summary = TextsField(source="summaries", help_text="What the area covers; may be empty.")
    regulated = serializers.BooleanField(help_text="Whether, by law, only licence holders may give advice in it.")
    gate = serializers.BooleanField(help_text="Publishing in this area requires a valid certificate.")


class CertificateSerializer(serializers.Serializer[Certificate]):
    """A certificate as its public page shows it."""

    serial = serializers.CharField(help_text="CT- and three groups of four letters and digits.")
    state = serializers.ChoiceField(
        CertificateState.choices, source="effective_state", help_text="Current state, including expiry."
    )
    valid = serializers.BooleanField(source="is_valid", help_text="Whether it is valid now.")
    area = serializers.CharField(source="area.code")
    category = serializers.CharField(source="category.code")
    label = TextsField(source="labels", help_text="What was checked.")  # type: ignore[assignment]  # the field hides the attribute
    name = serializers.CharField(source="public_name")
    speciality = serializers.CharField(source="claims")
    workplace = serializers.CharField(source="affiliation")
    agency = serializers.CharField(source="agency_name")
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(help_text="The first moment at which it is no longer valid.")
    url = serializers.SerializerMethodField()

    @extend_schema_field(serializers.URLField())
    def get_url(self, row: Certificate) -> str:
        """Its public page."""
        return str(self.context["request"].build_absolute_uri(row.get_absolute_url()))


class ApplicationStatusSerializer(serializers.Serializer[Application]):
    """The state of an application, without anything personal."""

    number = serializers.CharField()
    account = serializers.CharField(source="applicant.public_id", help_text="Public ID of the applicant.")
    area = serializers.CharField(source="area.code")
    state = serializers.ChoiceField(ApplicationState.choices)
    state_label = serializers.SerializerMethodField(help_text="In the language of the request.")
    started_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(source="touched_at", help_text="When the state last changed.")
    certificate = serializers.SerializerMethodField()

    def get_state_label(self, row: Application) -> str:
        """The state as text."""
        return str(ApplicationState(row.state).label)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_certificate(self, row: Application) -> str | None:
        """Serial of the certificate that came of it, if any."""
        issued = getattr(row, "certificate", None)
        return issued.serial if issued else None


class GateSerializer(serializers.Serializer[Any]):
    """Whether an account may publish in an area at a moment, and why."""

    account = serializers.CharField(
        allow_null=True, help_text="Public ID of the person concerned; null if no one has verified the account."
    )
    area = serializers.CharField()
    at = serializers.DateTimeField()
    open = serializers.BooleanField(help_text="Whether publishing is allowed.")
    code = serializers.ChoiceField(GATE_CODES, help_text="Reason, as a code.")
    reason = serializers.CharField(help_text="Reason, as a sentence in the language of the request.")
    certificate = serializers.CharField(allow_null=True, help_text="Serial of the certificate that it is based on.")
    valid_to = serializers.DateTimeField(allow_null=True)


class GateQuestion(serializers.Serializer[Any]):
    """The question to the gate: about a person of the portal, or about an account of a platform."""

    account = serializers.CharField(
        required=False, max_length=20, help_text="Public ID of the account, for example p_7h2k9m4xw3qa."
    )
    platform = serializers.CharField(
        required=False,
        max_length=40,
        help_text="Instead of account, with platform_account: code of the platform that your client belongs to.",
    )
    platform_account = serializers.CharField(
        required=False,
        max_length=120,
        help_text=f"ID of the account on the platform, or its handle when it was verified. {RELIABLE}",
    )
    area = serializers.CharField(max_length=40, help_text="Code of the area, for example cn-medicine.")
    at = serializers.DateTimeField(
        required=False, help_text="Date and time with time zone, past or future; default: now."
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Require exactly one complete way of naming the account."""
        if "platform" in data or "platform_account" in data:
            missing = {"platform", "platform_account"} - data.keys()
            if missing:
                raise serializers.ValidationError(dict.fromkeys(missing, _BOTH), code="required")
            if "account" in data:
                raise serializers.ValidationError({"account": _ONE_WAY})
        elif "account" not in data:
            raise serializers.ValidationError({"account": _ONE_WAY}, code="required")
        return data


class SearchQuestion(ListQuestion):
    """A search in the register."""

    q = serializers.CharField(
        max_length=100, required=False, default="", allow_blank=True, help_text="Name, specialty, workplace or serial."
    )
    area = serializers.CharField(
        max_length=40, required=False, default="", allow_blank=True, help_text="Code of an area."
    )
    updated_since = serializers.DateTimeField(
        required=False,
        help_text="Only certificates that became valid, or valid again, at or after this date and time; include the time zone.",
    )


class ApplicationQuestion(ListQuestion):
    """Which applications."""

    account = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=20, help_text="Public ID of an applicant."
    )
    area = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=40, help_text="Code of an area."
    )
    state = serializers.ChoiceField(ApplicationState.choices, required=False)


class RegisterPageSerializer(serializers.Serializer[Any]):
    """One page of the register, newest first."""

    next = serializers.URLField(allow_null=True, help_text="Address of the next page.")
    more = serializers.BooleanField(help_text="More rows match than are ranked; narrow the search.")
    results = CertificateSerializer(many=True)
