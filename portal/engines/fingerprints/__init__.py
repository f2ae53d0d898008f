"""Videos fingerprinted and compared: what of one video is seen in another, however it was re-encoded or turned.

`probe_video` and `fingerprint_video` (child.py), `draw_video_evidence` and `read_content_credentials` (evidence.py) read a
hostile file in a short-lived, limited child process, whose program is worker.py; `compare_fingerprints` (comparison.py) works on fingerprints alone. Copies are found by hashes
of whole pictures and by keypoints, which survive crops, borders, rotation, captions and pictures within pictures.
That a copy is the same recording is confirmed by what moves within the picture. Pure Python and numpy, without Django;
only the child uses OpenCV.
"""

from portal.engines.fingerprints.child import (
    decoding_times,
    fingerprint_image,
    fingerprint_sound,
    fingerprint_video,
    probe_video,
)
from portal.engines.fingerprints.closer import (
    CONFIRMED_WINDOWS,
    WINDOWS,
    ReadWindow,
    Window,
    compare_closely,
    look_closer,
    windows_to_look_at,
)
from portal.engines.fingerprints.comparison import (
    Comparison,
    Segment,
    compare_fingerprints,
    identical_comparison,
)
from portal.engines.fingerprints.evidence import (
    Moment,
    Picture,
    VideoEvidence,
    draw_sound_evidence,
    draw_still_evidence,
    draw_video_evidence,
    read_content_credentials,
)
from portal.engines.fingerprints.findings import covered_seconds
from portal.engines.fingerprints.grades import (
    GRADES,
    IDENTICAL,
    IMAGERY,
    MOTION_CONFIRMED,
    NONE,
    NOT_COMPARABLE,
    SIMILAR,
    STATIC,
)
from portal.engines.fingerprints.images import compare_images
from portal.engines.fingerprints.limits import CODES, LIMITS, Limits, Probe
from portal.engines.fingerprints.record import VERSION, Fingerprint, Unreadable
from portal.engines.fingerprints.sound_record import SOUND_VERSION, SoundFingerprint, unheard_sound
from portal.engines.fingerprints.sound_words import SOUND_WORDS_VERSION, words_of_asked_sound, words_of_kept_sound
from portal.engines.fingerprints.sounds import compare_sounds
from portal.engines.fingerprints.text_words import TEXT_WORDS_VERSION, words_of_text
from portal.engines.fingerprints.texts import FoldedText, Run, compare_texts, plain_text, read_text, shared_runs
from portal.engines.fingerprints.thresholds import THRESHOLDS, Thresholds
from portal.engines.fingerprints.transformations import TRANSFORMATIONS
from portal.engines.fingerprints.video_sounds import SOUND, add_sound, compare_along, compare_sound_of_videos
from portal.engines.fingerprints.words import NEAR, WORD_COUNT, WORDS_VERSION, VisualWords, words_to_ask, words_to_keep
from portal.engines.fingerprints.work_probes import RefusedWork, WorkProbe, probe_work
from portal.engines.limited_process import Refused

__all__ = [
    "CODES",
    "CONFIRMED_WINDOWS",
    "GRADES",
    "IDENTICAL",
    "IMAGERY",
    "LIMITS",
    "MOTION_CONFIRMED",
    "NEAR",
    "NONE",
    "NOT_COMPARABLE",
    "SIMILAR",
    "SOUND",
    "SOUND_VERSION",
    "SOUND_WORDS_VERSION",
    "STATIC",
    "TEXT_WORDS_VERSION",
    "THRESHOLDS",
    "TRANSFORMATIONS",
    "VERSION",
    "WINDOWS",
    "WORDS_VERSION",
    "WORD_COUNT",
    "Comparison",
    "Fingerprint",
    "FoldedText",
    "Limits",
    "Moment",
    "Picture",
    "Probe",
    "ReadWindow",
    "Refused",
    "RefusedWork",
    "Run",
    "Segment",
    "SoundFingerprint",
    "Thresholds",
    "Unreadable",
    "VideoEvidence",
    "VisualWords",
    "Window",
    "WorkProbe",
    "add_sound",
    "compare_along",
    "compare_closely",
    "compare_fingerprints",
    "compare_images",
    "compare_sound_of_videos",
    "compare_sounds",
    "compare_texts",
    "covered_seconds",
    "decoding_times",
    "draw_sound_evidence",
    "draw_still_evidence",
    "draw_video_evidence",
    "fingerprint_image",
    "fingerprint_sound",
    "fingerprint_video",
    "identical_comparison",
    "look_closer",
    "plain_text",
    "probe_video",
    "probe_work",
    "read_content_credentials",
    "read_text",
    "shared_runs",
    "unheard_sound",
    "windows_to_look_at",
    "words_of_asked_sound",
    "words_of_kept_sound",
    "words_of_text",
    "words_to_ask",
    "words_to_keep",
]
