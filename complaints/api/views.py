"""API of complaints: the platform files complaints for its accounts and reads their state."""

import re
from typing import Any, cast

from django.db.models import Prefetch, QuerySet
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
from portal.people.tokens import ClientToken, Scope, requires_scope
from portal.web.api import NewestFirstPagination, example_response, validated_data
from portal.web.problems import QuestionProblemSerializer

_FIT_KEY = re.compile(r"[A-Za-z0-9_-]{8,100}")


class ComplaintView(generics.GenericAPIView[Complaint]):
    """Submitted complaints, for clients with the scope."""

    authentication_classes = (ClientToken,)
    permission_classes = (requires_scope(Scope.COMPLAINTS),)
    serializer_class = ComplaintSerializer
    pagination_class = NewestFirstPagination
    lookup_field = "number"
    quota = "complaints"

    def get_queryset(self) -> QuerySet[Complaint]:
        """All but drafts, with what an answer shows."""
        rows = Complaint.objects.exclude(state=ComplaintState.DRAFT).select_related("original", "copy")
        return rows.prefetch_related(Prefetch("remedies", Remedy.objects.select_related("restitution")))


@method_decorator(never_cache, name="dispatch")
class ComplaintList(ComplaintView):
    """Submit a complaint; list complaints."""

    @extend_schema(
        operation_id="complaints_list",
        summary="Complaints",
        parameters=[ComplaintFilterSerializer],
        responses={200: ComplaintSerializer(many=True), 400: QuestionProblemSerializer},
        examples=example_response(examples.COMPLAINT_EXAMPLE),
        tags=["Originality"],
    )
    def get(self, request: Request) -> Response:
        """Submitted complaints, newest first."""
        question = validated_data(ComplaintFilterSerializer, request.query_params.dict())
        columns = {"platform": "platform", "account": "account_id", "state": "state"}
        rows = self.get_queryset().filter(**{columns[name]: value for name, value in question.items() if value})
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="complaints_hand_in",
        summary="Hand a complaint in",
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="A key of yours for this complaint; the same key again gives the same answer.",
            )
        ],
        request=ComplaintSubmissionSerializer,
        responses={
            201: ComplaintSerializer,
            400: QuestionProblemSerializer,
            409: QuestionProblemSerializer,
            422: QuestionProblemSerializer,
        },
        examples=[*examples.SUBMISSION_EXAMPLES, *example_response(examples.COMPLAINT_EXAMPLE, status="201")],
        tags=["Originality"],
    )
    def post(self, request: Request) -> Response:
        """A whole complaint for the holder of a platform account. It is acknowledged at once with its number."""
        sender = api_submissions.ApiSender(str(cast("Any", request.auth).client_id), _key_of(request))
        complaint = api_submissions.submit_platform_complaint(
            sender=sender, said=validated_data(ComplaintSubmissionSerializer, request.data)
        )
        row = self.get_queryset().get(pk=complaint.pk)
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)


@method_decorator(never_cache, name="dispatch")
class ComplaintDetail(ComplaintView):
    """One complaint."""

    @extend_schema(
        operation_id="complaints_read",
        summary="State of a complaint",
        responses=ComplaintSerializer,
        examples=example_response(examples.COMPLAINT_EXAMPLE),
        tags=["Originality"],
    )
    def get(self, request: Request, number: str) -> Response:
        """The complaint with this number as it stands now: state, remedies, returned followers."""
        row = self.get_queryset().filter(number=number).first()
        if row is None:
            raise Http404
        return Response(self.get_serializer(row).data)


def _key_of(request: Request) -> str:
    """The client's idempotency key; without one a repeated request would file a second complaint."""
    key = str(request.headers.get("Idempotency-Key", ""))
    if not _FIT_KEY.fullmatch(key):
        sentence = _("Send the header Idempotency-Key with 8 to 100 letters, digits, hyphens or underscores.")
        raise exceptions.ValidationError({"Idempotency-Key": [sentence]})
    return key
