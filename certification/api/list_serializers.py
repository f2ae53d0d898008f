"""What the calls for many accounts, for professions and for copies of the register take and show."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from certification import feeds
from certification.api.serializers import GATE_CODES, RELIABLE, PlaceSerializer
from certification.gate_lists import LONGEST_STATEMENT, MOST_ACCOUNTS
from certification.states import CertificateState

_ONE_WAY = _("Please give either accounts, or both platform and platform_accounts.")
_ONE_ACCOUNT = _("Please give either account, or both platform and platform_account.")
_ONE_STATEMENT = _("Please give either professions or text.")


class GateListQuestion(serializers.Serializer[Any]):
    """The question to the gate for up to 1,000 accounts: people of the portal, or accounts of a platform."""

    area = serializers.CharField(max_length=40, help_text="Code of the area, for example cn-medicine.")
    accounts = serializers.ListField(
        child=serializers.CharField(max_length=20),
        required=False,
        min_length=1,
        max_length=MOST_ACCOUNTS,
        help_text="Public IDs of accounts.",
    )
    platform = serializers.CharField(
        required=False, max_length=40, help_text="Instead of accounts, with platform_accounts: code of your platform."
    )
    platform_accounts = serializers.ListField(
        child=serializers.CharField(max_length=120),
        required=False,
        min_length=1,
        max_length=MOST_ACCOUNTS,
        help_text=f"IDs of accounts on the platform, or their handles when they were verified. {RELIABLE}",
    )
    at = serializers.DateTimeField(
        required=False, help_text="Date and time with time zone, past or future; default: now."
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Require exactly one complete way of naming the accounts."""
        if ("accounts" in data) == ("platform_accounts" in data) or ("platform" in data) == ("accounts" in data):
            raise serializers.ValidationError({"accounts": _ONE_WAY}, code="required")
        return data


class GateListRow(serializers.Serializer[Any]):
    """The gate's answer for one account."""

    asked = serializers.CharField(help_text="The account as it was asked for.")
    account = serializers.CharField(
        allow_null=True, help_text="Public ID of the person; null if no one has verified the account."
    )
    open = serializers.BooleanField()
    code = serializers.ChoiceField(GATE_CODES)
    certificate = serializers.CharField(allow_null=True)
    valid_to = serializers.DateTimeField(allow_null=True)


class GateListSerializer(serializers.Serializer[Any]):
    """The gate's answers, in the order of the accounts that were asked for."""

    area = serializers.CharField()
    at = serializers.DateTimeField()
    results = GateListRow(many=True)


class ProfessionSerializer(PlaceSerializer):
    """A profession that profiles claim."""

    topic = serializers.CharField(help_text="Topic of the areas whose certificates bear it out.")
    categories = serializers.ListField(child=serializers.CharField(), help_text="Codes of applicant categories.")
    words = serializers.ListField(child=serializers.CharField(), help_text="Words by which profiles name it.")


class ProfessionQuestion(serializers.Serializer[Any]):
    """What an account says of its holder in its profile."""

    account = serializers.CharField(required=False, max_length=20, help_text="Public ID of the account.")
    platform = serializers.CharField(
        required=False, max_length=40, help_text="Instead of account, with platform_account: code of your platform."
    )
    platform_account = serializers.CharField(
        required=False,
        max_length=120,
        help_text=f"ID of the account on the platform, or its handle when it was verified. {RELIABLE}",
    )
    professions = serializers.ListField(
        child=serializers.SlugField(max_length=40),
        required=False,
        min_length=1,
        max_length=20,
        help_text="Codes of the professions that the profile claims.",
    )
    text = serializers.CharField(
        required=False,
        max_length=LONGEST_STATEMENT,
        help_text="Instead of professions: the text of the profile. It is searched for words and not stored.",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Require one account and one way of saying what it claims."""
        named = "platform_account" in data
        if ("account" in data) == named or ("platform" in data) != named:
            raise serializers.ValidationError({"account": _ONE_ACCOUNT}, code="required")
        if ("professions" in data) == ("text" in data):
            raise serializers.ValidationError({"professions": _ONE_STATEMENT}, code="required")
        return data


class ProfessionRow(serializers.Serializer[Any]):
    """Whether a certificate bears out one profession."""

    profession = serializers.CharField(help_text="Code of the profession.")
    areas = serializers.ListField(child=serializers.CharField(), help_text="Areas whose certificates bear it out.")
    open = serializers.BooleanField(help_text="Whether the account may claim it.")
    code = serializers.ChoiceField(GATE_CODES)
    reason = serializers.CharField(help_text="Reason, as a sentence in the language of the request.")
    certificate = serializers.CharField(allow_null=True)
    valid_to = serializers.DateTimeField(allow_null=True)


class ProfessionAnswerSerializer(serializers.Serializer[Any]):
    """For each profession that was claimed; none if the text names no profession of the list."""

    account = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    results = ProfessionRow(many=True)


class FeedQuestion(serializers.Serializer[Any]):
    """From where, and how many."""

    after = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=2**63 - 1, help_text="`after` of the answer before."
    )
    page_size = serializers.IntegerField(
        required=False,
        default=feeds.PAGE_SIZE,
        min_value=1,
        max_value=feeds.MAX_PAGE_SIZE,
        help_text="Rows per answer.",
    )


class HeldCertificateSerializer(serializers.Serializer[Any]):
    """A certificate of somebody with an account on the platform, as it is now: codes and dates, no names."""

    certificate = serializers.CharField(source="certificate.serial", help_text="Serial.")
    area = serializers.CharField(source="certificate.area.code")
    category = serializers.CharField(source="certificate.category.code")
    state = serializers.ChoiceField(
        CertificateState.choices, source="certificate.effective_state", help_text="Current state, including expiry."
    )
    valid = serializers.BooleanField(source="certificate.is_valid", help_text="Whether it is valid now.")
    valid_from = serializers.DateTimeField(source="certificate.valid_from")
    valid_to = serializers.DateTimeField(
        source="certificate.valid_to", help_text="The first moment at which it is no longer valid."
    )
    accounts = serializers.ListField(
        child=serializers.CharField(),
        help_text="IDs of the holder's accounts on the platform; empty: it no longer concerns the platform.",
    )
    url = serializers.SerializerMethodField()

    @extend_schema_field(serializers.URLField())
    def get_url(self, row: feeds.FeedRow) -> str:
        """Its public page."""
        return str(self.context["request"].build_absolute_uri(row.certificate.get_absolute_url()))


class ChangedCertificateSerializer(HeldCertificateSerializer):
    """One change, with the certificate as it is now."""

    position = serializers.IntegerField(help_text="Place of the change in the order of all changes.")
    state_then = serializers.CharField(help_text="The state that the change brought about.")


class SnapshotSerializer(serializers.Serializer[Any]):
    """Some of the certificates, and from where to go on."""

    after = serializers.IntegerField(help_text="Give this as `after` to go on.")
    more = serializers.BooleanField(help_text="Whether there are more now.")
    changes_after = serializers.IntegerField(
        help_text="Keep this of the first answer: after the snapshot, read the changes from there."
    )
    results = HeldCertificateSerializer(many=True)


class ChangesSerializer(serializers.Serializer[Any]):
    """Some of the changes, in order, and from where to go on."""

    after = serializers.IntegerField(help_text="Give this as `after` to go on; keep it once the rows are stored.")
    more = serializers.BooleanField(help_text="Whether there are more now.")
    results = ChangedCertificateSerializer(many=True)
