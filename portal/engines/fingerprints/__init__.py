"""Videos fingerprinted and compared: what of one video is seen in another, however it was re-encoded or turned.

`probe_video` and `fingerprint_video` (child.py) read a hostile file in a short-lived, limited child process, whose
program is worker.py; `compare_fingerprints` (comparison.py) works on fingerprints alone. It finds near-verbatim
copies: re-encoded, rescaled, mirrored, turned, sped up, trimmed, with black borders. Crops, pictures
within pictures and collages it does not find. Pure Python and numpy, no Django.
"""

from portal.engines.fingerprints.child import fingerprint_video, probe_video
from portal.engines.fingerprints.comparison import (
    GRADES,
    IDENTICAL,
    IMAGERY,
    MOTION_CONFIRMED,
    NONE,
    STATIC,
    THRESHOLDS,
    Comparison,
    Segment,
    Thresholds,
    compare_fingerprints,
    identical_comparison,
)
from portal.engines.fingerprints.limits import CODES, LIMITS, Limits, Probe
from portal.engines.fingerprints.record import VERSION, Fingerprint, Unreadable
from portal.engines.limited_process import Refused

__all__ = [
    "CODES",
    "GRADES",
    "IDENTICAL",
    "IMAGERY",
    "LIMITS",
    "MOTION_CONFIRMED",
    "NONE",
    "STATIC",
    "THRESHOLDS",
    "VERSION",
    "Comparison",
    "Fingerprint",
    "Limits",
    "Probe",
    "Refused",
    "Segment",
    "Thresholds",
    "Unreadable",
    "compare_fingerprints",
    "fingerprint_video",
    "identical_comparison",
    "probe_video",
]
