"""What the second person is shown of a complaint before they agree with a held decision."""

from django.utils.translation import gettext as _now

from complaints.models import Complaint
from complaints.policies import screening
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.reviews.models import Decision
from portal.reviews.second_look import Place, SecondLook, examine_files, examine_videos


def complaint_second_look(complaint: Complaint, held: Decision, second: User) -> SecondLook:
    """What stands out about the complaint, both videos, and every file that a side has handed in."""
    first = held.by
    pair = ((complaint.original, _now("Original")), (complaint.copy, _now("Alleged copy")))
    videos = [(work.media, Place(f"{label}: {work.title}", "videos")) for work, label in pair if work is not None]
    return SecondLook(
        warnings={code: screening.FLAG_TEXTS.get(code, code) for code in complaint.flags},
        examined=[
            *examine_videos(videos, first=first, second=second),
            *examine_files(_files(complaint), first=first, second=second),
        ],
    )


def _files(complaint: Complaint) -> list[tuple[EvidenceFile, Place]]:
    """Files of both sides: pieces of evidence first, then what came with statements."""
    exhibits = complaint.exhibits.exclude(file=None).select_related("file")
    said = complaint.statements.prefetch_related("files")
    found = [(row.file, Place(f"{row.file.name}: {row.note}", "evidence")) for row in exhibits if row.file]
    found += [
        (file, Place(f"{file.name}: {row.get_kind_display()}", "statements"))
        for row in said
        for file in row.files.all()
    ]
    return list({file.pk: (file, place) for file, place in found}.values())
