"""How a multipart body reaches us: each file and the whole request bounded, and little of it in memory."""

import tempfile
from typing import IO, Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from portal.engines.documents import LIMITS

# All files of one request together; what comes after is dropped as it arrives, whatever is announced.
REQUEST_BYTES = 5 * LIMITS.file_bytes
# What the body of a form with files may have: the files, and room for the form's fields and the multipart headers.
FORM_BYTES = REQUEST_BYTES + (1 << 20)
_IN_MEMORY = 1 << 20  # bytes of a file


class OversizedFile(InMemoryUploadedFile):
    """A file that was larger than allowed: its size is true, its content was dropped on arrival."""


class BoundedUploadHandler(FileUploadHandler):
    """Keeps a file up to the limit; beyond it only counts, so that the form can say so.

    What is more than 1 MiB lies in a temporary file without a name, which is gone when it is closed, however this
    process ends.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._request_room = REQUEST_BYTES
        self._kept: IO[bytes] | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._kept = _unnamed()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._request_room -= len(raw_data)
        if start + len(raw_data) > LIMITS.file_bytes or self._request_room < 0:
            self._drop()
        elif self._kept is not None:
            self._kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        kept, kind, size = self._kept, InMemoryUploadedFile, file_size
        if kept is None:
            kept, kind, size = _unnamed(), OversizedFile, max(file_size, LIMITS.file_bytes + 1)
        kept.seek(0)
        about = (self.charset, self.content_type_extra)
        return kind(kept, self.field_name, self.file_name, self.content_type or "", size, *about)

    def _drop(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None


def _unnamed() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)
