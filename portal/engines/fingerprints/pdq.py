"""PDQ, the perceptual hash of pictures, over batches of frames; equal to Meta's reference bit for bit.

A frame comes as 64 x 64 luma. Of a picture that small the reference takes every pixel, so that here it
starts where the reference's own downscaling ends. A hash has 256 bits: which of the 16 x 16 lowest
cosine coefficients lie above their median. Mirroring a picture changes the signs of half of the
coefficients and turning it transposes them as well: four hashes are stored, eight are compared.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]  # [frames, 64, 64]
Hashes = npt.NDArray[np.uint64]  # [..., 4 words], bit 16 * row + column at word bit // 64

SIDE: Final = 64
BITS: Final = 256
# How B shows A. Half of them are A's four stored hashes; the others are their transposes, in the same order.
_STORED: Final = ("upright", "mirrored", "upside_down", "turned_180")
ORIENTATIONS: Final = (*_STORED, "transposed", "turned_left", "turned_right", "transversed")
STORED: Final = len(_STORED)
_ROWS: Final = 16
_TURN: Final = np.arange(1, _ROWS + 1)[:, None] * (2 * np.arange(SIDE)[None, :] + 1)
_COSINES: Final = (np.sqrt(2 / SIDE) * np.cos(np.pi / 2 / SIDE * _TURN)).astype(np.float32)
_SIGNS: Final = np.where(np.arange(1, _ROWS + 1) % 2, -1, 1).astype(np.float32)  # of odd waves, when mirrored


def cosine_coefficients(luma: Luma) -> npt.NDArray[np.float32]:
    """The lowest cosine coefficients but the mean, [frames, 16, 16]."""
    found: npt.NDArray[np.float32] = _COSINES @ luma.astype(np.float32) @ _COSINES.T
    return found


def pdq_hashes(luma: Luma) -> Hashes:
    """[frames, 4, 4 words]: as they are, mirrored left to right, upside down, both."""
    found = cosine_coefficients(luma)
    across, down = _SIGNS[None, None, :], _SIGNS[None, :, None]
    return np.stack([_bits(found * signs) for signs in (np.float32(1), across, down, across * down)], axis=1)


def pdq_quality(luma: Luma) -> npt.NDArray[np.uint8]:
    """0..100 for each frame: how distinctive it is; a plain frame has 0."""
    steps = np.zeros(len(luma), np.int64)
    for axis in (1, 2):
        step = np.abs(np.diff(luma.astype(np.int32), axis=axis)) * 100 // 255
        steps += step.sum(axis=(1, 2))
    return np.minimum(steps // 90, 100).astype(np.uint8)


def orient_hashes(stored: Hashes) -> Hashes:
    """The hashes in all ORIENTATIONS, [8, frames, 4 words], from the stored ones."""
    upright = stored.transpose(1, 0, 2)
    bits = np.unpackbits(upright.copy().view(np.uint8), axis=-1, bitorder="little")
    square = bits.reshape(*bits.shape[:-1], _ROWS, _ROWS).swapaxes(-1, -2)
    return np.concatenate([upright, _packed(square)])


def turn_pictures(pictures: npt.NDArray[np.uint8], orientation: int) -> npt.NDArray[np.uint8]:
    """Pictures [..., side, side] as that one of ORIENTATIONS shows them."""
    number = orientation % STORED
    pictures = pictures[..., ::-1] if number in {1, 3} else pictures
    pictures = pictures[..., ::-1, :] if number in {2, 3} else pictures
    return pictures.swapaxes(-1, -2) if orientation >= STORED else pictures


def hash_distances(left: Hashes, right: Hashes) -> npt.NDArray[np.uint8]:
    """Differing bits of each pair, [lefts, rights], at most 255."""
    total = np.zeros((len(left), len(right)), np.uint8)
    for word in range(left.shape[1]):
        # A picture and its negative differ in all 256 bits, which must not turn into 0.
        total = np.minimum(total, 255 - 64) + np.bitwise_count(left[:, word, None] ^ right[None, :, word])
    return total


def _bits(found: npt.NDArray[np.float32]) -> Hashes:
    flat = found.reshape(len(found), -1)
    # The reference takes the lower of the two middle values, as Torben's method finds it.
    middle = np.partition(flat, BITS // 2 - 1, axis=1)[:, BITS // 2 - 1, None]
    return _packed((flat > middle).reshape(found.shape))


def _packed(square: npt.NDArray[np.bool_] | npt.NDArray[np.uint8]) -> Hashes:
    flat = square.reshape(*square.shape[:-2], BITS)
    packed: Hashes = np.packbits(flat, axis=-1, bitorder="little").view(np.uint64)
    return packed
