"""API of complaints: the platform files complaints for its accounts and reads their state."""

import re
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, cast

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.actions import api_submissions
from complaints.api import examples
from complaints.api.serializers import ComplaintFilterSerializer, ComplaintSerializer, ComplaintSubmissionSerializer
from complaints.models import Complaint, Remedy
from complaints.states import ComplaintState
from portal.outbound.lookups import AnswerPending
from portal.people.fixed_answers import FixedAnswers
from portal.people.tokens import ClientToken, Scope, platform_of_request, require_own_platform, requires_scope
from portal.web.api import (
    AskedSerializer,
    asked_response,
    example_page,
    example_response,
    page_response,
    page_schema,
    validated_data,
)
from portal.web.problems import QuestionProblemSerializer
from portal.web.quotas import QuotaHeaders

_FIT_KEY = re.compile(r"[A-Za-z0-9_-]{8,100}")


class ComplaintView(FixedAnswers, QuotaHeaders, generics.GenericAPIView[Complaint]):
    """Submitted complaints about accounts of the client's platform, for clients with a scope for reading or filing them."""

    authentication_classes = (ClientToken,)
    permission_classes = (requires_scope(Scope.COMPLAINTS),)
    serializer_class = ComplaintSerializer
    lookup_field = "number"
    quota = "complaints"

    def get_queryset(self) -> QuerySet[Complaint]:
        """All of the platform but drafts, with what an answer shows."""
        rows = Complaint.objects.filter(platform=platform_of_request(self.request))
        rows = rows.exclude(state=ComplaintState.DRAFT).select_related("original", "copy__media")
        return rows.prefetch_related(Prefetch("remedies", Remedy.objects.select_related("restitution")))


@method_decorator(never_cache, name="dispatch")
class ComplaintList(ComplaintView):
    """Submit a complaint; list complaints."""

    def get_permissions(self) -> list[Any]:
        """Submitting needs a scope of its own."""
        scope = Scope.FILING if self.request.method == "POST" else Scope.COMPLAINTS
        return [requires_scope(scope)()]

    @extend_schema(
        operation_id="complaints_list",
        summary="List complaints",
        parameters=[ComplaintFilterSerializer],
        responses={200: page_schema("ComplaintPage", ComplaintSerializer), 400: QuestionProblemSerializer},
        examples=example_page(examples.COMPLAINT_EXAMPLE),
        tags=["Originality"],
    )
    def get(self, request: Request) -> Response:
        """Submitted complaints about accounts of your platform, newest first.

        `updated_since` returns only complaints whose state, remedy or restitution changed at or after that date
        and time.
        """
        question = validated_data(ComplaintFilterSerializer, request.query_params.dict())
        columns = {"account": "account_id", "state": "state"}
        asked = {columns[name]: value for name, value in question.items() if value and name in columns}
        rows = self.get_queryset().filter(**asked)
        if since := question.get("updated_since"):
            rows = rows.filter(Q(touched_at__gte=since) | Q(pk__in=_remedied_since(since)))
        return page_response(self, rows, question)

    @extend_schema(
        operation_id="complaints_hand_in",
        summary="Submit a complaint",
        description=examples.SUBMISSION_DESCRIPTION,
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="Your unique key for this complaint; repeating a request with the same key returns the same answer.",
            )
        ],
        request=ComplaintSubmissionSerializer,
        responses={
            201: ComplaintSerializer,
            202: AskedSerializer,
            400: QuestionProblemSerializer,
            409: QuestionProblemSerializer,
            422: QuestionProblemSerializer,
        },
        examples=[*examples.SUBMISSION_EXAMPLES, *example_response(examples.COMPLAINT_EXAMPLE, status="201")],
        tags=["Originality"],
    )
    def post(self, request: Request) -> Response:
        """Submit a complete complaint on behalf of an account holder on your platform.

        The platforms are queried first: 202 with `Retry-After` means that a query is in progress; send the same
        request with the same key again. 201 confirms the complaint with its number.
        """
        sender = api_submissions.ApiSender(str(cast("Any", request.auth).client_id), _key_of(request))
        said = validated_data(ComplaintSubmissionSerializer, request.data)
        require_own_platform(platform_of_request(request), said["platform"])
        try:
            complaint = api_submissions.submit_platform_complaint(sender=sender, said=said)
        except AnswerPending as pending:
            return asked_response(pending.code)
        row = self.get_queryset().get(pk=complaint.pk)
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    def fixed_get(self, request: Request) -> Response:
        """The fixed complaint, on a list of its own."""
        validated_data(ComplaintFilterSerializer, request.query_params.dict())
        return Response({"next": None, "results": [_fixed_complaint(request)]})

    def fixed_post(self, request: Request) -> Response:
        """Checked as a real one, answered with the fixed complaint, and not filed."""
        _key_of(request)
        said = validated_data(ComplaintSubmissionSerializer, request.data)
        require_own_platform(platform_of_request(request), said["platform"])
        return Response(_fixed_complaint(request) | examples.JUST_SUBMITTED, status=status.HTTP_201_CREATED)


@method_decorator(never_cache, name="dispatch")
class ComplaintDetail(ComplaintView):
    """One complaint."""

    @extend_schema(
        operation_id="complaints_read",
        summary="Status of a complaint",
        responses=ComplaintSerializer,
        examples=example_response(examples.COMPLAINT_EXAMPLE),
        tags=["Originality"],
    )
    def get(self, request: Request, number: str) -> Response:
        """The complaint with this number in its current state: state, remedies, returned followers."""
        row = self.get_queryset().filter(number=number).first()
        if row is None:
            raise Http404
        return Response(self.get_serializer(row).data)

    def fixed_get(self, request: Request, number: str) -> Response:
        """The fixed complaint, under its own number."""
        if number != examples.COMPLAINT_EXAMPLE["number"]:
            raise Http404
        return Response(_fixed_complaint(request))


def _fixed_complaint(request: Request) -> dict[str, Any]:
    return {**examples.COMPLAINT_EXAMPLE, "platform": platform_of_request(request)}


def _remedied_since(moment: datetime) -> QuerySet[Remedy, int]:
    """The complaints of which a remedy was applied or lifted, or a restitution begun, ended or partly taken back, since a moment."""
    restitution = ("begun_at", "ended_at", "grounds__settled_at")
    columns = ("applied_at", "lifted_at", *(f"restitution__{name}" for name in restitution))
    changed = reduce(or_, (Q(**{f"{column}__gte": moment}) for column in columns))
    return Remedy.objects.filter(changed).order_by().values_list("complaint_id", flat=True)


def _key_of(request: Request) -> str:
    """The client's idempotency key; without one a repeated request would file a second complaint."""
    key = str(request.headers.get("Idempotency-Key", ""))
    if not _FIT_KEY.fullmatch(key):
        sentence = _("Send the header Idempotency-Key with 8 to 100 letters, digits, hyphens or underscores.")
        raise exceptions.ValidationError({"Idempotency-Key": [sentence]})
    return key
