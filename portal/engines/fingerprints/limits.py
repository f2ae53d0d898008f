"""What is accepted, how much of it, what is found out about a video, and the codes of refusal."""

from dataclasses import dataclass
from typing import Final

from portal.engines import limited_process

MIB: Final = 1024 * 1024

MP4: Final = "video/mp4"
MOV: Final = "video/quicktime"
WEBM: Final = "video/webm"
MATROSKA: Final = "video/x-matroska"
AVI: Final = "video/x-msvideo"
# Media type -> the only demuxer that may read it. None of them opens another file or an address.
ACCEPTED: Final[dict[str, str]] = {MP4: "mov", MOV: "mov", WEBM: "matroska", MATROSKA: "matroska", AVI: "avi"}
MP3: Final = "audio/mpeg"
WAV: Final = "audio/wav"
OGG: Final = "audio/ogg"
FLAC: Final = "audio/flac"
AAC: Final = "audio/aac"
M4A: Final = "audio/mp4"
# The same of sound alone; the containers of videos may hold nothing but sound, too.
ACCEPTED_SOUND: Final[dict[str, str]] = {MP3: "mp3", WAV: "wav", OGG: "ogg", FLAC: "flac", AAC: "aac", M4A: "mov"}
DEMUXERS: Final[dict[str, str]] = ACCEPTED | ACCEPTED_SOUND
# What browsers show without conversion.
PLAYABLE_TYPES: Final = frozenset({MP4, MOV, WEBM})
PLAYABLE_CODECS: Final = frozenset({"h264", "vp8", "vp9", "av1"})

EMPTY: Final = "empty"
TOO_LARGE: Final = "too_large"
UNKNOWN_TYPE: Final = "unknown_type"
BROKEN: Final = limited_process.BROKEN
NO_VIDEO: Final = "no_video"
NO_SOUND: Final = "no_sound"
TOO_MANY_PIXELS: Final = "too_many_pixels"
TOO_SHORT: Final = "too_short"
TOO_LONG: Final = "too_long"
TOO_HEAVY: Final = limited_process.TOO_HEAVY
CODES: Final = frozenset(
    {EMPTY, TOO_LARGE, UNKNOWN_TYPE, BROKEN, NO_VIDEO, NO_SOUND, TOO_MANY_PIXELS, TOO_SHORT, TOO_LONG, TOO_HEAVY}
)


@dataclass(frozen=True)
class Limits:
    """Bounds on a video and on the child that opens it."""

    file_bytes: int = 2048 * MIB
    pixels: int = 17_000_000  # of one frame; 4K and 5.3K cameras pass
    still_bytes: int = 64 * MIB  # of a file that is a still picture
    still_pixels: int = 100_000_000  # of a still picture
    shortest: float = 1.0  # s
    longest: float = 12 * 3600.0  # s
    lead: float = 3600.0  # s of the clock before the first picture; a clock that starts later starts with the picture
    samples: int = 45_000  # of one video, whatever its header says
    errors: int = 1000  # packets that may fail to decode before the rest is given up
    decoding_pixels: int = 50_000_000_000  # of all frames that are decoded; of a video with more, only keyframes are
    decoding_seconds: float = 150.0  # processor time for the pictures and the loudness that people are shown
    child_memory: int = 1536 * MIB  # address space
    child_output: int = 48 * MIB
    probe_seconds: int = 60  # processor time
    fingerprint_seconds: int = 420  # processor time
    wall_seconds: int = (
        1080  # on the clock, for a child that waits for a processor; short of an attempt at a job (portal/pools.py)
    )


LIMITS: Final = Limits()


@dataclass(frozen=True)
class Probe:
    """What a video really is.

    Sizes in px as shown: rotation and shape of the pixels applied. `duration` in seconds, measured: where players end,
    which is later than the picture is long where it starts late. `playable`: a browser shows it as it is. `poster`: a
    JPEG of ours, at most 640 px on its long side.
    """

    media_type: str
    container: str
    codec: str
    width: int
    height: int
    duration: float
    frame_rate: float
    has_audio: bool
    playable: bool
    poster: bytes
