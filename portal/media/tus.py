"""Resumable uploads: tus 1.0 (core, creation, termination, expiration) over portal.media.actions.files.

Answers to what is refused are one sentence of plain text, for the person who sends the video.
"""

import base64
import binascii
import re
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views import View

from portal import clock
from portal.errors import Conflict, DomainError, Text
from portal.media import refusals
from portal.media.actions import files
from portal.media.models import MediaFile, MediaState
from portal.people.access import person_of
from portal.people.models import User

VERSION = "1.0.0"
# What one request may carry; a video comes in as many as it takes (PIECE in static/portal/js/video_upload.js).
MAX_REQUEST_BYTES = 16 << 20
_NUMBER = re.compile(r"[0-9]{1,18}")


class _ProtocolError(DomainError):
    """A request that violates the protocol: 400 unless given otherwise."""

    def __init__(self, message: Text, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class TusView(View):
    """What holds for every request of the protocol: version, a person, sentences for what is refused."""

    http_method_names = ["options"]  # noqa: RUF012 -- as Django declares it

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The answer, with the headers that all of them carry."""
        answer = self._answered(request, *args, **kwargs)
        answer["Tus-Resumable"] = VERSION
        answer["Cache-Control"] = "no-store"
        return answer

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The protocol version and extensions that are supported."""
        about = {"Tus-Extension": "creation,termination,expiration", "Tus-Max-Size": str(settings.MEDIA_MAX_BYTES)}
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=about | {"Tus-Version": VERSION})

    def _answered(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return self.options(request)
        if request.headers.get("Tus-Resumable") != VERSION:
            return HttpResponse(status=HTTPStatus.PRECONDITION_FAILED, headers={"Tus-Version": VERSION})
        if not isinstance(request.user, User):
            return _text_response(401, _("Please sign in again, for example in another window, and retry."))
        try:
            return super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            return _text_response(error.status, error.message)


class UploadCreation(TusView):
    """POST: announce a video. Its purpose and name come as metadata."""

    http_method_names = ["options", "post"]  # noqa: RUF012 -- as Django declares it

    def post(self, request: HttpRequest) -> HttpResponse:
        """201 with the address of the upload."""
        size = _number(request, "Upload-Length")
        about = _metadata(request.headers.get("Upload-Metadata", ""))
        names = {"purpose": about.get("purpose", ""), "name": about.get("filename", "")}
        file = files.begin_upload(owner=person_of(request), size=size, **names)
        return _state(file, 0, status=HTTPStatus.CREATED, about={"Location": reverse("media:upload", args=[file.pk])})


class UploadResource(TusView):
    """One upload of the person who asks; 404 for everybody else."""

    http_method_names = ["options", "head", "patch", "delete"]  # noqa: RUF012 -- as Django declares it

    def head(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """HEAD: the offset. An upload that is complete but not finished yet is finished now."""
        file = _own_upload(request, pk)
        offset = _offset(file)
        about = {"Upload-Length": str(file.size), "Upload-Metadata": _told_metadata(file)}
        if offset == file.size:
            file = files.finish_upload(file)
        return _state(file, offset, status=HTTPStatus.OK, about=about)

    def patch(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take bytes in, part by part; when a line breaks, what came before stays."""
        file = _own_upload(request, pk)
        offset = _expected(request, file)
        try:
            for piece in files.stream_parts(request):
                offset = files.append_part(file, offset=offset, data=piece)
        except OSError:
            return _text_response(400, _("The connection was lost. What was uploaded is kept."))
        if offset == file.size:
            file = files.finish_upload(file)
        return _state(file, offset, status=HTTPStatus.NO_CONTENT)

    def delete(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """DELETE: cancel the upload, or delete a video that is not in use."""
        files.discard_video(_own_upload(request, pk), by=person_of(request))
        return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _own_upload(request: HttpRequest, pk: UUID) -> MediaFile:
    file = MediaFile.objects.kept().filter(pk=pk, owner=person_of(request)).first()
    if file is None:
        raise _ProtocolError(_("This upload no longer exists. Please choose the file again."), 404)
    if file.state == MediaState.UPLOADING and file.purge_at is not None and file.purge_at <= clock.now():
        raise _ProtocolError(
            _("This upload was idle for too long and was cancelled. Please choose the file again."), 410
        )
    return file


def _expected(request: HttpRequest, file: MediaFile) -> int:
    """The offset at which the body begins; raises if it is not the current one."""
    if request.content_type != "application/offset+octet-stream":
        raise _ProtocolError("Content-Type must be application/offset+octet-stream.", 415)
    offset, length = _number(request, "Upload-Offset"), _number(request, "Content-Length", missing=411)
    if offset != _offset(file):
        raise Conflict(_("This upload has been continued, perhaps in another window."))
    if offset + length > file.size:
        raise _ProtocolError(refusals.too_large_sentence(), 413)
    return offset


def _offset(file: MediaFile) -> int:
    return files.count_arrived_bytes(file) if file.state == MediaState.UPLOADING else file.size


def _number(request: HttpRequest, name: str, *, missing: int = 400) -> int:
    given = request.headers.get(name, "")
    if not _NUMBER.fullmatch(given):
        raise _ProtocolError(f"{name} must be a number.", missing)
    return int(given)


def _metadata(header: str) -> dict[str, str]:
    """`name base64, name base64` as text; raises _Wrong."""
    try:
        pairs = [pair.split(" ", 1) for pair in re.split(r"\s*,\s*", header.strip()) if pair]
        return {name: base64.b64decode("".join(value), validate=True).decode() for name, *value in pairs}
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _ProtocolError("Upload-Metadata must be pairs of a name and base64 of UTF-8.") from error


def _told_metadata(file: MediaFile) -> str:
    purpose, name = (base64.b64encode(text.encode()).decode() for text in (file.purpose, file.name))
    return f"purpose {purpose},filename {name}"


def _state(file: MediaFile, offset: int, *, status: int, about: dict[str, str] | None = None) -> HttpResponse:
    """Where the upload stands; a finished one says under which address a form shows it."""
    headers = {"Upload-Offset": str(offset)} | (about or {})
    if file.state != MediaState.UPLOADING:
        headers |= {"Content-Location": reverse("media:kept", args=[file.pk])}
    elif file.purge_at is not None:
        headers |= {"Upload-Expires": http_date(file.purge_at.timestamp())}
    return HttpResponse(status=status, headers=headers)


def _text_response(status: int, sentence: Text) -> HttpResponse:
    return HttpResponse(str(sentence), status=status, content_type="text/plain; charset=utf-8")
