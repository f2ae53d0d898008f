"""Moving the videos' data keys under the current key."""

from portal import vault
from portal.media import parts
from portal.media.models import MediaFile


def rewrap_video_keys() -> int:
    """Re-wrap every data key wrapped by an older key; returns how many."""
    behind = MediaFile.objects.kept().exclude(key_id=vault.current_key_id())
    return sum(_rewrap(file) for file in behind.iterator())


def _rewrap(file: MediaFile) -> int:
    wrapped = vault.wrap_data_key(parts.video_data_key(file), bound_to=parts.video_label(file))
    same = MediaFile.objects.kept().filter(pk=file.pk, key_id=file.key_id)
    return same.update(key_id=wrapped.key_id, wrapped_key=wrapped.sealed)
