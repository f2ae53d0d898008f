"""Fingerprints of two still pictures compared: the same imagery, whatever edit one affine map describes.

The grade is at most "static": nothing moves that could confirm more. The one sample of a picture stands for a second.
Two animations are compared as videos; of one beside a still picture the first picture counts.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from portal.engines import limited_process
from portal.engines.fingerprints import affine, alignment, common_area, comparison, pdq, transformations, usable
from portal.engines.fingerprints.comparison import Comparison
from portal.engines.fingerprints.findings import Finding
from portal.engines.fingerprints.grades import NONE, NOT_COMPARABLE, STATIC
from portal.engines.fingerprints.record import Fingerprint
from portal.engines.fingerprints.thresholds import THRESHOLDS, Thresholds
from portal.engines.fingerprints.voting import Line

VERSION: Final = 2
_LINE: Final = Line(1.0, 0.0, 1)


def compare_images(a: Fingerprint, b: Fingerprint, *, thresholds: Thresholds = THRESHOLDS) -> Comparison:
    """What of picture `a` is seen in `b`; (a, b) and (b, a) have one answer. For jobs only."""
    limited_process.refuse_on_request_thread("compare_images")
    if not (a.is_still or b.is_still):
        return comparison.compare_fingerprints(a, b, thresholds=thresholds)
    swapped = b.digest() < a.digest()
    first, second = (b, a) if swapped else (a, b)
    found = _found(first, second, thresholds)
    segments = (
        () if found is None else (comparison.describe_finding(found, first, second, thresholds, swapped=swapped),)
    )
    shares = tuple(usable.usable_share(each, quality=thresholds.quality) for each in (a, b))
    unseen = NOT_COMPARABLE if min(shares) < thresholds.usable else NONE
    return Comparison(
        grade=STATIC if segments else unseen,
        score=comparison.score_segments(a, b, list(segments)),
        segments=segments,
        thresholds=thresholds,
        versions={"fingerprint": a.version, "comparison": VERSION},
        usable_a=shares[0],
        usable_b=shares[1],
    )


def _found(a: Fingerprint, b: Fingerprint, thresholds: Thresholds) -> Finding | None:
    """By hashes, by keypoints, or by both; the map is that of keypoints where there is one, which is more exact."""
    by_hash, by_points = _by_hash(a, b, thresholds), _by_keypoints(a, b, thresholds)
    if by_hash is None or by_points is None:
        return by_hash or by_points
    return replace(by_points, hits=1, distance=by_hash.distance)


def _by_hash(a: Fingerprint, b: Fingerprint, thresholds: Thresholds) -> Finding | None:
    if min(a.quality[0], b.quality[0]) < thresholds.quality:
        return None
    bits = pdq.hash_distances(pdq.orient_hashes(a.hashes)[:, 0], b.hashes[:, 0])[:, 0]
    number = int(np.argmin(bits))
    if bits[number] > thresholds.bits:
        return None
    picture = transformations.box_map(number, (a.keypoints.size, a.box), (b.keypoints.size, b.box))
    return Finding(_LINE, 0.0, 0.0, a.step, picture, 1, float(bits[number]), places=0, grade=STATIC)


def _by_keypoints(a: Fingerprint, b: Fingerprint, thresholds: Thresholds) -> Finding | None:
    found = alignment.find_alignments(a.keypoints, b.keypoints, places=thresholds.places)
    if not found or not np.isfinite(affine.inverse(found[0].map)).all():
        return None
    everything = np.ones(len(found[0].at_a), bool)
    area = common_area.common_area(a.keypoints, b.keypoints, found[0], everything)
    return Finding(_LINE, 0.0, 0.0, a.step, found[0].map, 0, None, places=found[0].places, grade=STATIC, area=area)
