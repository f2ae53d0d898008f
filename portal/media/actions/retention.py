"""How long videos are kept; the same rules as for documents."""

from portal.evidence.actions.file_retention import FileRetention
from portal.media.models import MediaFile, MediaPart

video_retention = FileRetention(MediaFile, pieces=MediaPart, place="poster")

register_video_use = video_retention.register
register_derived_data = video_retention.register_derived
freeze_videos = video_retention.freeze
schedule_video_purge = video_retention.schedule
discard_video = video_retention.discard
purge_due_videos = video_retention.purge_due
