"""What goes into a copy of somebody's data: JSON by kind of data as the table says, and their files."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from portal.evidence import markings
from portal.evidence.actions.files import file_content
from portal.evidence.models import EvidenceFile
from portal.media.models import MediaFile, MediaState
from portal.media.parts import read_video
from portal.people.models import User
from portal.privacy.table import PersonalData, personal_data


@dataclass(frozen=True)
class Entry:
    """One file of the zip, and what reads it, piece by piece. `packed`: whether it is worth compressing."""

    name: str
    read: Callable[[], Iterator[bytes]]
    packed: bool = False


class JsonEncoder(DjangoJSONEncoder):
    """As Django's, with bytes as Base64 and related rows by their primary key."""

    def default(self, o: Any) -> Any:
        """What JSON does not know."""
        if isinstance(o, bytes | memoryview):
            return base64.b64encode(bytes(o)).decode()
        return super().default(o)


def entries_of(person: User) -> list[Entry]:
    """Everything that goes into the person's copy: an index, one JSON file for each kind of data, documents, videos."""
    found = [_table_entry(row, person) for row in personal_data() if row.of is not None]
    documents = EvidenceFile.objects.kept().filter(owner=person)
    videos = MediaFile.objects.kept().filter(owner=person).exclude(state=MediaState.UPLOADING)
    # What people see only marked is about somebody else, such as a register's page that a reviewer added.
    found += [_document_entry(file) for file in documents if markings.marking_for(file, person) is None]
    found += [Entry(_name("videos", video), lambda video=video: read_video(video)) for video in videos]  # type: ignore[misc]
    return [_index_entry(), *found]


def export_rows(row: PersonalData, person: User) -> list[dict[str, Any]]:
    """The person's rows of one kind of data, as JSON takes them."""
    return [_values(row, found) for found in row.rows_of(person).iterator(chunk_size=200)]


def _values(row: PersonalData, found: Any) -> dict[str, Any]:
    names = dict.fromkeys((*row.also, *row.fields))
    values = {name: found.serializable_value(name) for name in names}
    return {"id": found.pk} | values | {name: read(found) for name, read in row.read.items()}


def _table_entry(row: PersonalData, person: User) -> Entry:
    def read() -> Iterator[bytes]:
        kept = {"what": str(row.what), "why": str(row.basis.text), "until": str(row.clock.text)}
        yield encode_json({**kept, "rows": export_rows(row, person)})

    return Entry(f"data/{row.model}.{row.fields[0]}.json", read, packed=True)


def encode_json(value: Any) -> bytes:
    """The value as JSON that people can read."""
    return json.dumps(value, cls=JsonEncoder, ensure_ascii=False, indent=1).encode()


def _document_entry(file: EvidenceFile) -> Entry:
    return Entry(_name("documents", file), lambda: iter([file_content(file)]))


def _index_entry() -> Entry:
    lines = [
        _("This is a copy of the data that the portal keeps about you."),
        _(
            "data: one file for each kind of data, with what you provided, the decisions about you, "
            "and the retention period."
        ),
        _("documents, videos: the files you submitted that are still kept, by ID and name."),
        _("It does not include what others stated or submitted in the same cases."),
        "",
        *(f"- {row.what}: {row.withheld}" for row in personal_data() if row.withheld),
    ]
    return Entry("README.txt", lambda: iter(["\n".join(lines).encode()]), packed=True)


def _name(folder: str, file: EvidenceFile | MediaFile) -> str:
    return f"{folder}/{file.pk}-{file.name or 'file'}"
