"""Keypoints of pictures, within the child: SIFT, with RootSIFT descriptors of one byte for each value.

OpenCV is imported here and nowhere else, after the child's limits have been set. One thread, a fixed seed: the same
picture always gives the same bytes.
"""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints.channels import DESCRIPTOR, PICTURE, Keypoints

PER_PICTURE: Final = 250
_CONTRAST: Final = 0.015  # least contrast of a keypoint; SIFT's default of 0.04 finds few in plain pictures
_RICH: Final = 200  # keypoints of a smaller picture that are enough
_FLAT: Final = 25.0  # standard deviation of luma below which the contrast of a picture is raised first
_NARROWEST: Final = 24  # px; in a narrower picture no keypoints are looked for
_CLIP, _TILES = 2.0, (8, 8)  # of the raised contrast (CLAHE)
SCALE: Final = 512  # of a RootSIFT value as a byte; a descriptor's length is 1

Luma = npt.NDArray[np.uint8]


def prepare() -> None:
    """Make OpenCV use one thread and a fixed seed; called once the child is limited."""
    cv2.setNumThreads(1)
    cv2.setRNGSeed(0)
    cv2.ocl.setUseOpenCL(False)


class KeypointFinder:
    """Collects the keypoints of one video's samples, all of one size.

    They are looked for in the picture at `side` px of its longer side, which decides how long that takes; in plain pictures, in
    which few are found so, in the whole picture.
    """

    def __init__(self, side: int = PICTURE) -> None:
        self._side = side
        self._rich = True
        self._sift = cv2.SIFT.create(PER_PICTURE, contrastThreshold=_CONTRAST)
        self._clahe = cv2.createCLAHE(_CLIP, _TILES)
        self._size = (1, 1)
        self._looked_at: list[float] = []
        self._counts: list[int] = []
        self._places: list[npt.NDArray[np.float32]] = [np.zeros((0, 2), np.float32)]
        self._descriptors: list[Luma] = [np.zeros((0, DESCRIPTOR), np.uint8)]

    def look(self, second: float, picture: Luma) -> None:
        """Take the keypoints of the picture that is shown at that second."""
        self._size = (picture.shape[1], picture.shape[0])
        small = self._rich or self._side >= max(picture.shape)
        places, descriptors = self._found_at(picture, self._side) if small else _nothing()
        self._rich = len(places) >= _RICH
        if not self._rich and self._side < max(picture.shape):
            places, descriptors = self._found_at(picture, max(picture.shape))
            self._rich = len(places) >= PER_PICTURE
        self._looked_at.append(second)
        self._counts.append(len(places))
        self._places.append(places)
        self._descriptors.append(descriptors)

    def keypoints(self) -> Keypoints:
        """All of them."""
        looked_at = np.array(self._looked_at)
        return Keypoints(
            size=self._size,
            times=np.repeat(looked_at, self._counts),
            places=np.concatenate(self._places),
            descriptors=np.concatenate(self._descriptors),
            looked_at=looked_at,
        )

    def _found_at(self, picture: Luma, side: int) -> tuple[npt.NDArray[np.float32], Luma]:
        """In the picture made smaller; their places in the picture itself."""
        share = min(1.0, side / max(picture.shape))
        places, descriptors = self._found(_smaller(picture, share))
        whole = (places + 0.5) / share - 0.5
        return np.clip(whole, 0, np.array(self._size) - 1).astype(np.float32), descriptors

    def _found(self, picture: Luma) -> tuple[npt.NDArray[np.float32], Luma]:
        if min(picture.shape) < _NARROWEST:
            return _nothing()
        if picture.std() < _FLAT:
            picture = np.asarray(self._clahe.apply(picture), np.uint8)
        points, descriptors = self._sift.detectAndCompute(picture, None)
        if not len(points):
            return _nothing()
        # SIFT may give more than was asked for where responses are equal.
        order = sorted(range(len(points)), key=lambda number: (-points[number].response, points[number].pt))[
            :PER_PICTURE
        ]
        places = np.array([points[number].pt for number in order], np.float32)
        return places, _rooted(np.asarray(descriptors[order], np.float32))


def _nothing() -> tuple[npt.NDArray[np.float32], Luma]:
    return np.zeros((0, 2), np.float32), np.zeros((0, DESCRIPTOR), np.uint8)


def _smaller(picture: Luma, share: float) -> Luma:
    if share == 1:
        return picture
    size = (max(1, round(picture.shape[1] * share)), max(1, round(picture.shape[0] * share)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _rooted(descriptors: npt.NDArray[np.float32]) -> Luma:
    """RootSIFT: square roots of histograms, whose dot product is the Hellinger kernel."""
    total = np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6)
    return np.asarray(np.clip(np.rint(np.sqrt(descriptors / total) * SCALE), 0, 255), np.uint8)
