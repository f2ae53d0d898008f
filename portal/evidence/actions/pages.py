"""The job that turns a stored file into pages."""

from collections.abc import Callable

from portal import vault
from portal.engines import documents
from portal.evidence import blobs, refusals
from portal.evidence.actions import files
from portal.evidence.actions.file_checks import FileCheck
from portal.evidence.models import EvidenceFile, EvidencePage, FileState

# What products do, in the same transaction, once a file is found ready.
_listeners: list[Callable[[EvidenceFile], object]] = []


def register_ready_listener(listener: Callable[[EvidenceFile], object]) -> None:
    """Products call this in AppConfig.ready(): `listener(file)` enqueues what is to be done with a file that has its pages now."""
    _listeners.append(listener)


class DocumentCheck(FileCheck[EvidenceFile, list[EvidencePage]]):
    """Draws the pages of a document."""

    model = EvidenceFile
    failed = refusals.RENDER_FAILED

    def open(self, file: EvidenceFile) -> list[EvidencePage]:
        """The pages, stored but not saved."""
        return [_stored(file, page) for page in documents.render_document(files.file_content(file))]

    def show(self, file: EvidenceFile, found: list[EvidencePage]) -> None:
        """The file is ready with its pages."""
        if self.settle(file, state=FileState.READY, page_count=len(found)):
            blobs.adopt_blobs(*(page.location for page in found))
            EvidencePage.objects.bulk_create(found)
            for listener in _listeners:
                listener(file)


document_check = DocumentCheck()


def _stored(file: EvidenceFile, page: documents.Page) -> EvidencePage:
    sealed = vault.encrypt_bytes(page.data, data_key=file.data_key(), bound_to=files.page_label(file, page.number))
    location = blobs.store_blob(sealed)
    return EvidencePage(file=file, number=page.number, width=page.width, height=page.height, location=location)
