"""How a multipart body reaches us: in memory only, each file and the whole request bounded."""

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from portal.engines.documents import LIMITS

# All files of one request together; what comes after is dropped as it arrives, whatever is announced.
REQUEST_BYTES = 5 * LIMITS.file_bytes


class OversizedFile(InMemoryUploadedFile):
    """A file that was larger than allowed: its size is true, its content was dropped on arrival."""


class BoundedMemoryHandler(FileUploadHandler):
    """Keeps a file in memory up to the limit; beyond it only counts, so that the form can say so."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._request_room = REQUEST_BYTES
        self._kept: io.BytesIO | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._kept = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._request_room -= len(raw_data)
        if start + len(raw_data) > LIMITS.file_bytes or self._request_room < 0:
            self._kept = None
        elif self._kept is not None:
            self._kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        kept, kind, size = self._kept, InMemoryUploadedFile, file_size
        if kept is None:
            kept, kind, size = io.BytesIO(), OversizedFile, max(file_size, LIMITS.file_bytes + 1)
        kept.seek(0)
        about = (self.charset, self.content_type_extra)
        return kind(kept, self.field_name, self.file_name, self.content_type or "", size, *about)
