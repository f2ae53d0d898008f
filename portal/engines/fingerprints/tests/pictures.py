"""64 x 64 pictures by whole-number arithmetic: the same on every machine, and textured at every scale."""

import numpy as np
import numpy.typing as npt

COUNT = 12


def picture(seed: int) -> npt.NDArray[np.uint8]:
    """Cells of random grey, each half the size of the last and half as strong, uint8 [64, 64]."""
    state, total = seed * 2654435761 + 97, np.zeros((64, 64), np.int64)
    for side, weight in ((4, 8), (8, 4), (16, 2), (32, 1)):
        cells = []
        for _ in range(side * side):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            cells.append(state >> 56)
        grid = np.array(cells).reshape(side, side)
        total += weight * np.kron(grid, np.ones((64 // side, 64 // side), np.int64))
    return (total // 15).astype(np.uint8)
