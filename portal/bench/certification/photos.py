"""Papers as phones see them: perspective, turned a little, blurred, with a glare, darker to one side, as JPEG."""

import io
import random

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Picture = npt.NDArray[np.uint8]


def photograph(image: Image.Image, chance: random.Random) -> bytes:
    """A JPEG of the paper; how bad it is, the chance decides."""
    picture = np.asarray(image.convert("RGB"), np.uint8)
    if chance.random() < 0.75:
        picture = _seen_from(picture, chance)
    if chance.random() < 0.5:
        picture = _lit(picture, chance)
    if chance.random() < 0.35:
        picture = _glare(picture, chance)
    if chance.random() < 0.6:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), chance.uniform(0.5, 1.8)), np.uint8)
    noise = np.random.default_rng(chance.randrange(2**32)).normal(0, chance.uniform(0, 6), picture.shape)
    picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=chance.randrange(35, 92))
    return out.getvalue()


def _seen_from(picture: Picture, chance: random.Random) -> Picture:
    """On a table, turned by up to 6 degrees, each corner off by up to 4 % of the sides."""
    height, width = picture.shape[:2]
    margin = round(0.08 * max(width, height))
    size = (width + 2 * margin, height + 2 * margin)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    angle = np.deg2rad(chance.uniform(-6, 6))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = np.array([width / 2, height / 2])
    offsets = np.array([[chance.uniform(-0.04, 0.04) * side for side in (width, height)] for _ in range(4)])
    target = ((corners - centre) @ turn.T * 0.95 + centre + offsets + margin).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    table = [chance.randrange(40, 170) for _ in range(3)]
    return np.asarray(cv2.warpPerspective(picture, matrix, size, borderValue=table), np.uint8)


def _lit(picture: Picture, chance: random.Random) -> Picture:
    """Darker towards one side."""
    width = picture.shape[1]
    ramp = np.linspace(1, chance.uniform(0.45, 0.9), width)[None, :, None]
    ramp = ramp if chance.random() < 0.5 else ramp[:, ::-1]
    return np.asarray(np.clip(picture * ramp, 0, 255), np.uint8)


def _glare(picture: Picture, chance: random.Random) -> Picture:
    """A bright spot with soft edges."""
    height, width = picture.shape[:2]
    x, y = chance.uniform(0.1, 0.9) * width, chance.uniform(0.1, 0.9) * height
    radius = chance.uniform(0.08, 0.22) * max(width, height)
    rows, columns = np.mgrid[0:height, 0:width]
    away = ((columns - x) ** 2 + ((rows - y) * chance.uniform(1, 2)) ** 2) / radius**2
    strength = (chance.uniform(0.4, 1.0) * np.exp(-away))[..., None]
    return np.asarray(np.clip(picture * (1 - strength) + 255 * strength, 0, 255), np.uint8)
