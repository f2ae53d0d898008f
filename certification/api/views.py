"""The API's views: each reads a question, makes one call, and shows the answer."""

import json
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework import generics, permissions, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from certification import public
from certification.api import examples
from certification.api.serializers import (
    ApplicationQuestion,
    ApplicationStatusSerializer,
    AreaSerializer,
    CertificateSerializer,
    GateQuestion,
    GateSerializer,
    RegisterPageSerializer,
    SearchQuestion,
)
from certification.models import Application, KeyArea
from certification.states import ApplicationState
from portal import clock
from portal.people import links, mandates
from portal.people.fixed_answers import FixedAnswers
from portal.people.models import User
from portal.people.roles import Permission
from portal.people.tokens import ClientToken, Scope, platform_of_request, require_own_platform, requires_scope
from portal.web.api import (
    bad_cursor,
    example_page,
    example_response,
    next_page_url,
    page_response,
    page_schema,
    validated_data,
)
from portal.web.pagination import BadCursor
from portal.web.problems import QuestionProblemSerializer
from portal.web.quotas import QuotaHeaders

# Asked again before each use, and answered with 304 while nothing has changed: a certificate ends at its second.
_REVALIDATED = (cache_control(public=True, no_cache=True), conditional_page)


class PublicView(FixedAnswers, QuotaHeaders, APIView):
    """Open to everybody; requests with a token count against the token's quota."""

    authentication_classes = (ClientToken,)
    permission_classes = (permissions.AllowAny,)
    quota = "register"

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """No cache keeps a refusal that is meant for one caller."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code >= status.HTTP_400_BAD_REQUEST:
            answer["Cache-Control"] = "no-store"
        return answer


@method_decorator([cache_control(public=True, max_age=300), conditional_page], name="dispatch")
class AreaList(PublicView):
    """The key areas that take applications."""

    @extend_schema(
        operation_id="areas_list",
        summary="List key areas",
        responses=AreaSerializer(many=True),
        examples=example_response(examples.AREA),
        tags=["Register"],
    )
    def get(self, request: Request) -> Response:
        """All certification areas, in display order."""
        return Response(AreaSerializer(KeyArea.objects.open(), many=True).data)

    def fixed_get(self, request: Request) -> Response:
        """The area of the fixed answers."""
        return Response([examples.AREA])


@method_decorator(_REVALIDATED, name="dispatch")
class CertificateSearch(PublicView):
    """The public register."""

    @extend_schema(
        operation_id="certificates_search",
        summary="Search the register",
        parameters=[SearchQuestion],
        responses={200: RegisterPageSerializer, 400: QuestionProblemSerializer},
        examples=example_response({"next": None, "more": False, "results": [examples.CERTIFICATE]}),
        tags=["Register"],
    )
    def get(self, request: Request) -> Response:
        """Valid certificates, newest first. Suspended, revoked and expired certificates are not listed."""
        question = validated_data(SearchQuestion, request.query_params.dict())
        try:
            page = public.search_register(
                question["q"],
                area=question["area"],
                after=question["cursor"],
                size=question["page_size"],
                since=question.get("updated_since"),
            )
        except BadCursor as error:
            raise bad_cursor("cursor") from error
        found = {
            "next": next_page_url(request, cursor=page.after),
            "more": page.more,
            "results": page.certificates,
        }
        return Response(RegisterPageSerializer(found, context={"request": request}).data)

    def fixed_get(self, request: Request) -> Response:
        """The fixed certificate, whatever is searched for."""
        validated_data(SearchQuestion, request.query_params.dict())
        return Response({"next": None, "more": False, "results": [examples.CERTIFICATE]})


@method_decorator(_REVALIDATED, name="dispatch")
class CertificateDetail(PublicView):
    """One certificate."""

    @extend_schema(
        operation_id="certificates_read",
        summary="Look up a certificate",
        responses=CertificateSerializer,
        examples=example_response(examples.CERTIFICATE),
        tags=["Register"],
    )
    def get(self, request: Request, serial: str) -> Response:
        """The certificate with this serial in its current state, whatever that is."""
        row = public.find_certificate(serial)
        if row is None:
            raise Http404
        return Response(CertificateSerializer(row, context={"request": request}).data)

    def fixed_get(self, request: Request, serial: str) -> Response:
        """The fixed certificate, under its own serial."""
        if serial != examples.CERTIFICATE["serial"]:
            raise Http404
        return Response(examples.CERTIFICATE)


# Kept by nobody but the asking program, which asks again before each use and gets 304 while the answer is the same.
@method_decorator([cache_control(private=True, no_cache=True), conditional_page], name="dispatch")
class Gate(FixedAnswers, QuotaHeaders, APIView):
    """The publishing gate."""

    authentication_classes = (ClientToken,)
    permission_classes = (requires_scope(Scope.GATE),)
    quota = "gate"

    @extend_schema(
        operation_id="gate_ask",
        summary="Check whether an account can publish in an area",
        parameters=[GateQuestion],
        responses={200: GateSerializer, 400: QuestionProblemSerializer},
        examples=examples.GATE,
        tags=["Gate"],
    )
    def get(self, request: Request) -> Response:
        """Open if the area requires no certificate, or the account holds one that is valid at the given date and time.

        For a past date the answer is the one that was correct then: later suspensions, revocations, surrenders or
        restorations do not change it. Only people who have verified an account on your platform are known here.
        """
        question = validated_data(GateQuestion, request.query_params.dict())
        account, answer = _ask_gate(question, platform_of_request(request))
        told = {
            "account": account,
            "area": question["area"],
            "open": answer.open,
            "code": answer.code,
            "reason": str(answer.reason),
            "certificate": answer.serial or None,
            "valid_to": answer.valid_to,
        }
        # Weak: but for the time of the answer, two answers with one tag are the same.
        tag = sha256(json.dumps([told, question.get("at")], default=str).encode()).hexdigest()[:32]
        return Response({**told, "at": question.get("at") or clock.now()}, headers={"ETag": f'W/"{tag}"'})

    def fixed_get(self, request: Request) -> Response:
        """Open for the account `test-open`, closed for `test-expired`, nobody for any other."""
        question = validated_data(GateQuestion, request.query_params.dict())
        if "platform" in question:
            require_own_platform(platform_of_request(request), question["platform"])
        asked = {"area": question["area"], "at": question.get("at") or clock.now()}
        account = question.get("platform_account") or question.get("account", "")
        return Response(examples.fixed_gate(account) | asked)


class MayFollowApplications(permissions.BasePermission):
    """A creator, their agent, or an API client with the scope."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the caller can have any applications."""
        if isinstance(request.user, User):
            return request.user.may(Permission.APPLY) or request.user.may(Permission.APPLY_FOR_OTHERS)
        return requires_scope(Scope.APPLICATIONS)().has_permission(request, view)


class ApplicationView(FixedAnswers, QuotaHeaders, generics.GenericAPIView[Application]):
    """Applications that the caller may follow."""

    authentication_classes = (ClientToken, SessionAuthentication)
    permission_classes = (MayFollowApplications,)
    serializer_class = ApplicationStatusSerializer
    lookup_field = "number"
    quota = "applications"

    def get_queryset(self) -> QuerySet[Application]:
        """A creator's own, an agent's clients', or for an API client those submitted by people of its platform."""
        rows = Application.objects.select_related("applicant", "area", "certificate")
        person = self.request.user
        if not isinstance(person, User):
            people = links.people_of_platform(platform_of_request(self.request))
            return rows.exclude(state=ApplicationState.DRAFT).filter(applicant__in=people)
        if person.may(Permission.APPLY):
            return rows.filter(applicant=person)
        clients = mandates.running_mandates_of_agent(person, clock.now())
        return rows.filter(applicant__in=clients.order_by().values("creator"))


@method_decorator(never_cache, name="dispatch")
class ApplicationList(ApplicationView):
    """Applications, newest first."""

    @extend_schema(
        operation_id="applications_list",
        summary="List applications",
        parameters=[ApplicationQuestion],
        responses={
            200: page_schema("ApplicationPage", ApplicationStatusSerializer),
            400: QuestionProblemSerializer,
        },
        examples=example_page(examples.APPLICATION),
        tags=["Applications"],
    )
    def get(self, request: Request) -> Response:
        """Your own if you are signed in; for an API client those of people with an account on its platform.

        Newest first, without drafts. `updated_since` returns only applications changed at or after that date and time.
        """
        question = validated_data(ApplicationQuestion, request.query_params.dict())
        return page_response(self, self._asked_for(question), question)

    def fixed_get(self, request: Request) -> Response:
        """The fixed application, on a list of its own."""
        validated_data(ApplicationQuestion, request.query_params.dict())
        return Response({"next": None, "results": [examples.APPLICATION]})

    def _asked_for(self, question: dict[str, Any]) -> QuerySet[Application]:
        columns = {"account": "applicant__public_id", "area": "area__code", "state": "state"}
        columns["updated_since"] = "touched_at__gte"
        asked = {columns[name]: value for name, value in question.items() if value and name in columns}
        return self.get_queryset().filter(**asked)


@method_decorator(never_cache, name="dispatch")
class ApplicationDetail(ApplicationView):
    """One application."""

    @extend_schema(
        operation_id="applications_read",
        summary="Status of an application",
        responses=ApplicationStatusSerializer,
        examples=example_response(examples.APPLICATION),
        tags=["Applications"],
    )
    def get(self, request: Request, number: str) -> Response:
        """The application with this number; 404 if you have no access to it."""
        return Response(self.get_serializer(self.get_object()).data)

    def fixed_get(self, request: Request, number: str) -> Response:
        """The fixed application, under its own number."""
        if number != examples.APPLICATION["number"]:
            raise Http404
        return Response(examples.APPLICATION)


def _ask_gate(question: dict[str, Any], platform: str) -> tuple[str | None, public.GateAnswer]:
    """Whom the answer is about, and the answer. Raises ValidationError for another platform than the client's."""
    area, at = question["area"], question.get("at")
    if "platform" in question:
        require_own_platform(platform, question["platform"])
        return public.check_platform_gate(platform, question["platform_account"], area, at)
    answer = public.check_gate(question["account"], area, at, platform=platform)
    return None if answer.code == "no_person" else question["account"], answer
