"""The API's calls for many accounts at once, for professions, and for programs that keep a copy of the register."""

from typing import Any

from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from certification import feeds, gate_lists
from certification.api import examples
from certification.api.list_serializers import (
    ChangedCertificateSerializer,
    ChangesSerializer,
    FeedQuestion,
    GateListQuestion,
    GateListSerializer,
    HeldCertificateSerializer,
    ProfessionAnswerSerializer,
    ProfessionQuestion,
    ProfessionSerializer,
    SnapshotSerializer,
)
from certification.api.views import PublicView
from certification.models import Profession
from certification.professions import professions_in_text
from certification.public import GateAnswer
from portal import clock
from portal.people import links
from portal.people.fixed_answers import FixedAnswers
from portal.people.tokens import ClientToken, Scope, platform_of_request, require_own_platform, requires_scope
from portal.web.api import example_response, validated_data
from portal.web.problems import BodyProblemSerializer, QuestionProblemSerializer
from portal.web.quotas import QuotaHeaders


@method_decorator(never_cache, name="dispatch")
class GateList(FixedAnswers, QuotaHeaders, APIView):
    """The publishing gate for many accounts."""

    authentication_classes = (ClientToken,)
    permission_classes = (requires_scope(Scope.GATE),)
    quota = "lists"

    @extend_schema(
        operation_id="gate_ask_many",
        summary="Check up to 1,000 accounts in one call",
        request=GateListQuestion,
        responses={200: GateListSerializer, 400: BodyProblemSerializer},
        examples=example_response(examples.GATE_LIST),
        tags=["Gate"],
    )
    def post(self, request: Request) -> Response:
        """The answers of the gate for one area, in the order of the accounts; each as `GET /gate/` gives it."""
        question, platform = validated_data(GateListQuestion, request.data), platform_of_request(request)
        area, at = question["area"], question.get("at")
        if "platform" in question:
            require_own_platform(platform, question["platform"])
            asked = question["platform_accounts"]
            answers = gate_lists.check_platform_gate_of_many(platform, asked, area, at)
        else:
            asked = question["accounts"]
            found = gate_lists.check_gate_of_many(asked, area, at, platform=platform)
            answers = [(None if one.code == "no_person" else name, one) for name, one in zip(asked, found, strict=True)]
        results = [
            {"asked": name, "account": account, **_shown(answer)}
            for name, (account, answer) in zip(asked, answers, strict=True)
        ]
        return Response({"area": area, "at": at or clock.now(), "results": results})

    def fixed_post(self, request: Request) -> Response:
        """Open for the account `test-open`, closed for `test-expired`, nobody for any other."""
        question = validated_data(GateListQuestion, request.data)
        if "platform" in question:
            require_own_platform(platform_of_request(request), question["platform"])
        asked = question.get("platform_accounts") or question["accounts"]
        kept = ("account", "open", "code", "certificate", "valid_to")
        answers = [(name, examples.fixed_gate(name)) for name in asked]
        results = [{"asked": name, **{key: fixed[key] for key in kept}} for name, fixed in answers]
        return Response({"area": question["area"], "at": question.get("at") or clock.now(), "results": results})


@method_decorator([cache_control(public=True, max_age=300), conditional_page], name="dispatch")
class ProfessionList(PublicView):
    """The professions of which the portal knows what bears them out."""

    @extend_schema(
        operation_id="professions_list",
        summary="List professions that need a certificate",
        responses=ProfessionSerializer(many=True),
        examples=example_response(examples.PROFESSION),
        tags=["Register"],
    )
    def get(self, request: Request) -> Response:
        """Each with the words by which profiles name it, and the topic and categories of the certificates that count."""
        return Response(ProfessionSerializer(Profession.objects.all(), many=True).data)

    def fixed_get(self, request: Request) -> Response:
        """The profession of the fixed answers."""
        return Response([examples.PROFESSION])


@method_decorator(never_cache, name="dispatch")
class ProfessionGate(FixedAnswers, QuotaHeaders, APIView):
    """Whether a profile may say that somebody has a profession."""

    authentication_classes = (ClientToken,)
    permission_classes = (requires_scope(Scope.GATE),)
    quota = "gate"

    @extend_schema(
        operation_id="gate_ask_profession",
        summary="Check what a profile claims",
        request=ProfessionQuestion,
        responses={200: ProfessionAnswerSerializer, 400: BodyProblemSerializer},
        examples=example_response(examples.PROFESSION_ANSWER),
        tags=["Gate"],
    )
    def post(self, request: Request) -> Response:
        """Open if the holder has a valid certificate, in any area of the profession's topic and for its category.

        With `text`, the profile is searched for the words of `GET /professions/`. Words are found, sentences are not
        understood: let a person look before anything is done to an account.
        """
        question, platform = validated_data(ProfessionQuestion, request.data), platform_of_request(request)
        if "platform" in question:
            require_own_platform(platform, question["platform"])
            holder = links.holder_by_name(platform, question["platform_account"])
            account = holder.public_id if holder else None
        else:
            account = question["account"]
        answers = gate_lists.check_professions(account, _claimed(question), platform=platform)
        results = [
            {
                "profession": row.profession.code,
                "areas": row.areas,
                **_shown(row.answer),
                "reason": str(row.answer.reason),
            }
            for row in answers
        ]
        nobody = any(row.answer.code == "no_person" for row in answers)
        return Response({"account": None if nobody else account, "at": clock.now(), "results": results})

    def fixed_post(self, request: Request) -> Response:
        """The fixed answer, whatever is claimed."""
        question = validated_data(ProfessionQuestion, request.data)
        if "platform" in question:
            require_own_platform(platform_of_request(request), question["platform"])
        return Response(examples.PROFESSION_ANSWER | {"at": clock.now()})


class FeedView(FixedAnswers, QuotaHeaders, APIView):
    """For programs that keep a copy of the certificates of their platform's people."""

    authentication_classes = (ClientToken,)
    permission_classes = (requires_scope(Scope.CERTIFICATES),)
    quota = "lists"


@method_decorator(never_cache, name="dispatch")
class CertificateSnapshot(FeedView):
    """All certificates that concern the platform."""

    @extend_schema(
        operation_id="certificates_snapshot",
        summary="Copy the certificates of your platform's people",
        parameters=[FeedQuestion],
        responses={200: SnapshotSerializer, 400: QuestionProblemSerializer},
        examples=example_response(examples.SNAPSHOT),
        tags=["Feeds"],
    )
    def get(self, request: Request) -> Response:
        """Valid, suspended and future certificates of people with an account on your platform, without names.

        Read until `more` is false, then follow `/certificates/changes/` from the first answer's `changes_after`.
        """
        question, last = validated_data(FeedQuestion, request.query_params.dict()), feeds.last_position()
        page = feeds.snapshot_page(platform_of_request(request), question["after"], question["page_size"])
        rows = HeldCertificateSerializer(page.rows, many=True, context={"request": request})
        return Response({"after": page.position, "more": page.more, "changes_after": last, "results": rows.data})

    def fixed_get(self, request: Request) -> Response:
        """The fixed certificate."""
        validated_data(FeedQuestion, request.query_params.dict())
        return Response(examples.SNAPSHOT)


@method_decorator(never_cache, name="dispatch")
class CertificateChanges(FeedView):
    """Every change of them, in order."""

    @extend_schema(
        operation_id="certificates_changes",
        summary="Follow changes of certificates",
        parameters=[FeedQuestion],
        responses={200: ChangesSerializer, 400: QuestionProblemSerializer},
        examples=example_response(examples.CHANGES),
        tags=["Feeds"],
    )
    def get(self, request: Request) -> Response:
        """Each change exactly once, in the order in which they were committed, also those that were committed late.

        A certificate ends at `valid_to`; the change to `expired` is written shortly after.
        """
        question = validated_data(FeedQuestion, request.query_params.dict())
        try:
            page = feeds.changes_page(platform_of_request(request), question["after"], question["page_size"])
        except feeds.UnknownPosition as error:
            sentence = _("There is no change with this position. Start again with the snapshot.")
            raise serializers.ValidationError({"after": [sentence]}, code="unknown_position") from error
        rows = ChangedCertificateSerializer(page.rows, many=True, context={"request": request})
        return Response({"after": page.position, "more": page.more, "results": rows.data})

    def fixed_get(self, request: Request) -> Response:
        """One fixed change."""
        validated_data(FeedQuestion, request.query_params.dict())
        return Response(examples.CHANGES)


def _shown(answer: GateAnswer) -> dict[str, Any]:
    return {
        "open": answer.open,
        "code": answer.code,
        "certificate": answer.serial or None,
        "valid_to": answer.valid_to,
    }


def _claimed(question: dict[str, Any]) -> list[Profession]:
    """The professions that are claimed; raises ValidationError for a code that does not exist."""
    if "text" in question:
        return professions_in_text(question["text"])
    found = list(Profession.objects.filter(code__in=question["professions"]).order_by("code"))
    unknown = sorted(set(question["professions"]) - {row.code for row in found})
    if unknown:
        sentence = _("There is no profession with this code: %(codes)s") % {"codes": ", ".join(unknown)}
        raise serializers.ValidationError({"professions": [sentence]})
    return found
