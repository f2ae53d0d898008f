"""How long videos are kept; the same rules as for papers."""

from portal.evidence.actions.keeping import Keeping
from portal.media.models import MediaFile, MediaPart

videos = Keeping(MediaFile, name="media.file", pieces=MediaPart, place="poster")

register = videos.register
freeze = videos.freeze
schedule = videos.schedule
discard = videos.discard
purge_due = videos.purge_due
