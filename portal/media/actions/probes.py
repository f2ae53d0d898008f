"""The job that finds out whether a stored file is a video, and what kind."""

from portal import vault
from portal.engines import fingerprints
from portal.evidence import blobs
from portal.evidence.actions.file_checks import FileCheck
from portal.media import parts, refusals
from portal.media.models import MediaFile, MediaState

_FOUND = ("media_type", "width", "height", "duration", "frame_rate", "has_audio", "playable")


class VideoCheck(FileCheck[MediaFile, tuple[fingerprints.Probe, str]]):
    """Opens a video in a child process; leaves one poster."""

    model = MediaFile
    failed = refusals.PROBE_FAILED

    def open(self, file: MediaFile) -> tuple[fingerprints.Probe, str]:
        """What the video is, and where its poster is stored."""
        with parts.open_decrypted(file) as plain:
            found = fingerprints.probe_video(plain, name=file.name)
        return found, _stored_poster(file, found.poster)

    def show(self, file: MediaFile, found: tuple[fingerprints.Probe, str]) -> None:
        """The video is ready with its facts and its poster."""
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
