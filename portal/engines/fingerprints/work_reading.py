"""What a still picture or a sound is, within the child: described for work_probes.py, the picture drawn anew."""

import io
import math
from array import array
from typing import IO, Any, Final, cast

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from portal.engines.fingerprints import image_reading, limits, reading, sniffing
from portal.engines.fingerprints.limits import Limits
from portal.engines.limited_process import Refused

SHOWN_SIDE: Final = 1600  # px of the picture that people are shown
_QUALITY: Final = 85  # of JPEG
_ENOUGH: Final = 4  # frames of sound that must decode
# What the containers of videos are called where they hold nothing but sound.
_WITHOUT_PICTURE: Final = {
    limits.MP4: limits.M4A,
    limits.MOV: limits.M4A,
    limits.WEBM: "audio/webm",
    limits.MATROSKA: "audio/x-matroska",
}


def describe_still(data: bytes, bounds: Limits) -> tuple[dict[str, Any], bytes]:
    """Type and size in px as shown, and a JPEG of ours without any metadata. Raises Refused."""
    found = image_reading.open_still(data, bounds, "RGB", SHOWN_SIDE)
    written = io.BytesIO()
    found.picture.save(written, "JPEG", quality=_QUALITY)
    return {"media_type": found.media_type, "width": found.size[0], "height": found.size[1]}, written.getvalue()


def describe_sound(file: IO[bytes], bounds: Limits) -> dict[str, Any]:
    """Type, container, codec and duration in seconds, measured on the packets. Raises Refused."""
    media_type = _media_type(file)
    container = reading.open_container(file, media_type, bounds)
    streams = [each for each in container.streams.audio if getattr(each, "codec_context", None) and each.time_base]
    if not streams:
        raise Refused(limits.NO_SOUND)
    duration = _measured(container, streams[0])
    if duration > bounds.longest:
        raise Refused(limits.TOO_LONG, f"{duration:.0f} s")
    if duration < bounds.shortest:
        raise Refused(limits.TOO_SHORT, f"{duration:.2f} s")
    return {
        "media_type": _WITHOUT_PICTURE.get(media_type, media_type),
        "container": container.format.name,
        "codec": streams[0].codec_context.codec.canonical_name,
        "duration": duration,
    }


def _media_type(file: IO[bytes]) -> str:
    file.seek(0)
    head = file.read(sniffing.HEAD)
    file.seek(0)
    try:
        return sniffing.detect_sound_type(head)
    except Refused:
        return sniffing.detect_video_type(head)


def _measured(container: InputContainer, stream: AudioStream) -> float:
    """From the first packet to the end of the last; the first ones must decode, or the file is damaged. Raises Refused."""
    ends, starts, decoded = array("d"), array("d"), 0
    base = float(stream.time_base or 0)
    # The packets of a sound come as those of pictures do.
    for packet in reading.read_packets(container, cast("VideoStream", stream)):
        stamp = packet.pts if packet.pts is not None else packet.dts
        if not packet.size or stamp is None:
            continue
        if decoded < _ENOUGH:
            decoded += _decoded(packet)
        starts.append(stamp * base)
        ends.append((stamp + (packet.duration or 0)) * base)
    if not decoded or not starts:
        raise Refused(limits.BROKEN, "nothing decodes")
    length = max(ends) - max(min(starts), 0.0)
    return length if math.isfinite(length) else 0.0


def _decoded(packet: Any) -> int:
    try:
        return len(packet.decode())
    except (OSError, ValueError):  # damaged; FFmpegError is one of them
        return 0
