"""Small pictures of films in which something moves before one still ground, as fingerprints without anything else."""

import numpy as np

from portal.engines.fingerprints import Fingerprint
from portal.engines.fingerprints.channels import LUMA_STEP, Keypoints, no_keypoints

BACKWARDS = -1
HIGH, WIDE = 45, 80


def film(take: int, count: int) -> np.ndarray:
    """Four things wander over a ground that all takes share; `take` decides where."""
    ground = np.random.default_rng(0).integers(60, 160, (HIGH, WIDE)).astype(np.uint8)
    chance = np.random.default_rng(take)
    steps = chance.normal(0, 1.2, (count, 4, 2)).cumsum(axis=0) + chance.uniform(0, 60, (4, 2))
    pictures = np.repeat(ground[None], count, axis=0)
    for number in range(count):
        for thing, (x, y) in enumerate(steps[number]):
            left, top = int(x) % (WIDE - 12), int(y) % (HIGH - 12)
            pictures[number, top : top + 12, left : left + 12] = 40 + 60 * thing
    return pictures


def video(luma: np.ndarray) -> Fingerprint:
    """A fingerprint of these small pictures alone."""
    points, count = no_keypoints(), 4
    return Fingerprint(
        duration=len(luma) * LUMA_STEP,
        step=0.25,
        sampling="every_frame",
        truncated=False,
        times=np.arange(count, dtype=np.float64) * 0.25,
        quality=np.full(count, 100, np.uint8),
        hashes=np.zeros((count, 4, 4), np.uint64),
        thumbnails=np.zeros((count, 16, 16), np.uint8),
        keypoints=Keypoints((360, 202), points.times, points.places, points.descriptors, points.looked_at),
        luma=luma,
    )
