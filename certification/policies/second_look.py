"""What the second person is shown of an application or an inquiry before they agree with a held decision."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import events
from certification.models import Application, Check, CheckMethod, CheckResult, Credential, Document, Inquiry, Inspection
from certification.policies.flags import checked_object, document_label, flags_of_checks
from portal.audit import trail
from portal.errors import Text
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.reviews.actions import appeals
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.second_look import Examined, Looks, Place, SecondLook, examine_files
from portal.reviews.states import Stage

AttachedFile = tuple[Text, EvidenceFile]


def application_second_look(application: Application, held: Decision, second: User) -> SecondLook:
    """Failed checks, the documents and files of the case, and the numbers and registers that were looked at."""
    return _second_look(application, appeal_files(held.case), held.by, second)


def inquiry_second_look(inquiry: Inquiry, held: Decision, second: User) -> SecondLook:
    """As of the application on which the certificate rests, with what the holder sent."""
    attached = [*appeal_files(held.case), *inquiry_case_files(inquiry)]
    return _second_look(inquiry.certificate.application, attached, held.by, second)


def renewals_second_look(proposed: Sequence[Application], second: User) -> dict[int, SecondLook]:
    """Failed and inconclusive checks and the documents of unchanged renewals, by their keys. Three queries for all of them."""
    if not proposed:
        return {}
    documents = Document.objects.current().filter(application__in=proposed).select_related("credential__type")
    files = {row.file: Place(document_label(row), "") for row in documents}
    opened = {row.key: row for row in examine_files(files.items(), first=second, second=second)}
    checks = Check.objects.filter(application__in=proposed).select_related("document__credential__type")
    results = checks.latest_results()
    looks = {}
    for application in proposed:
        own = [row for row in results if row.application_id == application.pk]
        looks[application.pk] = SecondLook(
            warnings=flags_of_checks(own, CheckResult.FAILED),
            notes=flags_of_checks(own, CheckResult.INCONCLUSIVE),
            examined=[
                opened[str(row.file_id)]
                for row in documents
                if row.application_id == application.pk and str(row.file_id) in opened
            ],
        )
    return looks


def appeal_files(case: ReviewCase) -> list[AttachedFile]:
    """What was sent with the appeal that the case waits to have answered."""
    if case.stage not in {Stage.APPEAL, Stage.APPEAL_SECOND}:
        return []
    appeal = appeals.pending_appeal(case.pk)
    files = appeal.files.prefetch_related("pages").order_by("stored_at") if appeal else []
    return [(_("Submitted with the appeal"), file) for file in files]


def answer_files(inquiry: Inquiry) -> list[AttachedFile]:
    """What the holder sent with the answer to a suspension."""
    files = inquiry.files.prefetch_related("pages").order_by("stored_at")
    return [(_("Submitted with the answer"), file) for file in files]


def inquiry_case_files(inquiry: Inquiry) -> list[AttachedFile]:
    """What the holder sent with answers to a suspension and to inspections."""
    sent = EvidenceFile.objects.filter(pk__in=Inspection.objects.filter(trigger__inquiry=inquiry).values("files"))
    inspected = [
        (_("Submitted with the answer to an inspection"), file)
        for file in sent.prefetch_related("pages").order_by("stored_at")
    ]
    return [*answer_files(inquiry), *inspected]


def _second_look(application: Application, attached: Iterable[AttachedFile], first: User, second: User) -> SecondLook:
    documents = application.documents.current().select_related("file", "credential__type")
    files = [(row.file, Place(document_label(row), f"document-{row.pk}")) for row in documents]
    files += [(file, Place(f"{label}: {file.name}", f"viewer-{file.pk}")) for label, file in attached]
    checks = application.checks.select_related("document__credential", "file").latest_results()
    pages = {row.file: row for row in checks if row.file is not None}
    files += [(file, Place(_check_label(row), f"viewer-{file.pk}")) for file, row in pages.items()]
    credentials = list(application.credentials.select_related("type").order_by("pk"))
    return SecondLook(
        warnings=flags_of_checks(checks, CheckResult.FAILED),
        notes=flags_of_checks(checks, CheckResult.INCONCLUSIVE),
        examined=[
            *examine_files(files, first=first, second=second),
            *_numbers_opened(application, credentials, first, second),
            *_looked_up(application, first, second),
        ],
    )


def _numbers_opened(
    application: Application, credentials: list[Credential], first: User, second: User
) -> list[Examined]:
    """Numbers that one of the two has read in full. One query."""
    opened = trail.events_of(application.chain).filter(event=events.NUMBER_REVEALED)
    looks = set(opened.values_list("subject", "actor"))
    rows = []
    for credential in credentials:
        key = trail.subject_of(credential)
        seen = Looks(int((key, first.public_id) in looks), int((key, second.public_id) in looks))
        if any(seen):
            label = _now("%(type)s: the number in full") % {"type": credential.type.name}
            rows.append(Examined(key, label, f"credential-{credential.pk}", seen, is_required=False))
    return rows


def _looked_up(application: Application, first: User, second: User) -> list[Examined]:
    """What one of the two has noted of registers and documents. One query."""
    noted = application.checks.filter(method=CheckMethod.MANUAL, by__in=(first, second))
    rows: dict[tuple[str, int | None, int | None], set[int]] = {}
    checks: dict[tuple[str, int | None, int | None], Check] = {}
    for row in noted.select_related("credential__type", "document__credential__type").order_by("pk"):
        key = (row.kind, row.credential_id, row.document_id)
        rows.setdefault(key, set()).add(row.by_id or 0)
        checks[key] = row
    return [
        Examined(
            f"check:{checks[key].pk}",
            _check_label(checks[key]),
            f"document-{checks[key].document_id}" if checks[key].document_id else f"credential-{key[1]}",
            Looks(int(first.pk in people), int(second.pk in people)),
            is_required=False,
        )
        for key, people in rows.items()
    ]


def _check_label(check: Check) -> str:
    return f"{check.get_kind_display()}: {checked_object(check)} ({check.get_result_display()})"
