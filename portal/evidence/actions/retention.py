"""How long documents are kept: purging what is due and no longer needed, keeping the row and its hash."""

from portal.evidence.actions.file_retention import FileRetention
from portal.evidence.models import EvidenceFile, EvidencePage

evidence_retention = FileRetention(EvidenceFile, pieces=EvidencePage, place="location")

register_need = evidence_retention.register
freeze_files = evidence_retention.freeze
schedule_purge = evidence_retention.schedule
lock_files = evidence_retention.lock
purge_due_files = evidence_retention.purge_due
