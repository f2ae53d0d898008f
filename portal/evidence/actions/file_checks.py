"""The job that opens stored files: each is found ready or refused once, by whichever attempt is first."""

import logging
import uuid
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any, Generic, TypeVar

from portal import clock
from portal.audit import trail
from portal.engines.limited_process import TOO_HEAVY, Refused
from portal.evidence.models import FileState, FileT
from portal.jobs.attempts import JobAttempt

logger = logging.getLogger(__name__)

# Details of a refusal that may not be the file's fault: the machine was short of memory or time.
_PERHAPS_THE_MACHINE = frozenset({"", "memory", "no answer"})
# So long the page can tell why a file was refused that is part of nothing.
KEEP_REFUSED = timedelta(hours=1)
FoundT = TypeVar("FoundT")


class FileCheck(ABC, Generic[FileT, FoundT]):
    """How one kind of file is opened by its engine, and what is kept of what the engine found.

    `failed` is the refusal of a file whose check came to no end on any attempt.
    """

    model: type[FileT]
    failed: str

    @abstractmethod
    def open(self, file: FileT) -> FoundT:
        """What the engine finds in the file, with its pictures stored; outside of a transaction. Raises Refused."""

    @abstractmethod
    def show(self, file: FileT, found: FoundT) -> None:
        """Record it with settle(); blobs of a file that is gone meanwhile stay orphans and are swept."""

    def run(self, run: JobAttempt) -> None:
        """Job: check `payload["file"]`; runs again after any death and leaves what it found once."""
        file = self._file(run.payload)
        if file.state != FileState.STORED or file.purged_at is not None:
            return
        try:
            found = self.open(file)
        except Refused as refused:
            if refused.code == TOO_HEAVY and refused.detail in _PERHAPS_THE_MACHINE and run.attempt == 1:
                raise  # the second result counts
            logger.info("file_refused", extra={"code": refused.code, "detail": refused.detail})
            with run.finish():
                self._refuse(file, refused.code)
            return
        with run.finish():
            self.show(file, found)

    def give_up(self, payload: dict[str, Any]) -> None:
        """After the last attempt: mark the file as refused, so that its owner is told."""
        self._refuse(self._file(payload), self.failed)

    def settle(self, file: FileT, **fields: object) -> bool:
        """Set fields of a file that still waits; False if it does not."""
        waiting = self.model._default_manager.filter(pk=file.pk, state=FileState.STORED, purged_at=None)
        return waiting.update(**fields) == 1

    def _file(self, payload: dict[str, Any]) -> FileT:
        return self.model._default_manager.get(pk=uuid.UUID(payload["file"]))

    def _refuse(self, file: FileT, code: str) -> None:
        if self.settle(file, state=FileState.REFUSED, refusal=code):
            # It is of no use to anybody, and must not take its owner's room for long; what a case rests on stays.
            unused = self.model._default_manager.filter(pk=file.pk, frozen_at=None)
            unused.update(purge_at=clock.now() + KEEP_REFUSED)
            trail.record_event(f"{file.audit_name}.refused", file, by=None, code=code)
