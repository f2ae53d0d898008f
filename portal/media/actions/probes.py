"""The job that finds out what a stored file is, by its content."""

from portal import vault
from portal.engines import fingerprints
from portal.engines.limited_process import Refused
from portal.evidence import blobs
from portal.evidence.actions.file_checks import FileCheck
from portal.media import parts, refusals
from portal.media.models import MediaFile, MediaState

_FOUND = ("kind", "media_type", "width", "height", "duration", "frame_rate", "has_audio", "playable")


class VideoCheck(FileCheck[MediaFile, tuple[fingerprints.WorkProbe, str]]):
    """Opens a work, videos, pictures and sounds in a child process; leaves one poster of what can be seen."""

    model = MediaFile
    failed = refusals.PROBE_FAILED

    def open(self, file: MediaFile) -> tuple[fingerprints.WorkProbe, str]:
        """What the work is, and where its poster is stored."""
        try:
            with parts.open_decrypted(file) as plain:
                found = fingerprints.probe_work(plain, name=file.name)
        except fingerprints.RefusedWork as refused:
            raise Refused(refusals.code_of_kind(refused.kind, refused.code), refused.detail) from refused
        return found, _stored_poster(file, found.poster)

    def show(self, file: MediaFile, found: tuple[fingerprints.WorkProbe, str]) -> None:
        """The work is ready with its facts and its poster."""
        probe, location = found
        fields = {name: getattr(probe, name) for name in _FOUND} | {"codec": probe.codec[:40]}
        if self.settle(file, state=MediaState.READY, poster=location, **fields) and location:
            blobs.adopt_blobs(location)


video_check = VideoCheck()


def _stored_poster(file: MediaFile, picture: bytes) -> str:
    if not picture:
        return ""
    sealed = vault.encrypt_bytes(picture, data_key=file.data_key(), bound_to=parts.poster_label(file))
    return blobs.store_blob(sealed)
