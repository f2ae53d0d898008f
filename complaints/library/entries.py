"""What every engine of the library has in common: one LibraryEntry for each work that is held."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from django.db import transaction

from complaints.library import WorkContent
from complaints.models import EntryGap, LibraryEntry
from portal.media.models import MediaFile


class EntryLibrary(ABC):
    """Entries of works; what an engine stores of each is up to its _write() and _erase()."""

    versions: Mapping[str, str]

    def prepare(self) -> None:  # noqa: B027 -- most have nothing
        """Nothing, unless the engine has something of its own in the database."""

    def add(self, media: MediaFile, content: WorkContent) -> bool:
        """Write the entry and what the engine finds it by, both or neither. One that lacks something is made anew."""
        version = self.versions[content.kind]
        with transaction.atomic():
            row = LibraryEntry.objects.filter(media=media).first()
            if row is not None and row.version == version and not row.gap:
                return False
            if row is not None:
                self.remove(media)
            packed = content.words.words.astype("<i4").tobytes()
            entry = LibraryEntry.objects.create(media=media, version=version, words=packed, count=len(content.words))
            if self._write(entry, content) * 2 < len(content.words):
                LibraryEntry.objects.filter(pk=entry.pk).update(gap=EntryGap.CROWDED)
        return True

    def remove(self, media: MediaFile) -> bool:
        """Delete the entry and what the engine stored of it, both or neither."""
        with transaction.atomic():
            row = LibraryEntry.objects.filter(media=media).first()
            if row is None:
                return False
            number = row.pk
            row.delete()
            row.pk = number
            self._erase(row)
        return True

    @abstractmethod
    def _write(self, entry: LibraryEntry, content: WorkContent) -> int:
        """Store what the entry is found by; returns how many of its words it can be found by."""

    @abstractmethod
    def _erase(self, entry: LibraryEntry) -> None:
        """Delete what _write() stored."""
