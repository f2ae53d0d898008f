"""How long papers are kept: purging what is due and no longer needed, keeping the row and its hash."""

from portal.evidence.actions.keeping import Keeping
from portal.evidence.models import EvidenceFile, EvidencePage

papers = Keeping(EvidenceFile, name="evidence.file", pieces=EvidencePage, place="location")

register = papers.register
freeze = papers.freeze
schedule = papers.schedule
discard = papers.discard
purge_due = papers.purge_due
