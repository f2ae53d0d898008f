"""A video sampled by presentation time, within the child: what was on the screen at each tick of a clock."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from portal.engines.fingerprints import borders, limits, pdq, record, showing
from portal.engines.fingerprints.animations import Animation, AnimationDecoder
from portal.engines.fingerprints.channels import PICTURE
from portal.engines.fingerprints.details import DetailCollector
from portal.engines.fingerprints.limits import Limits
from portal.engines.fingerprints.reading import Decoder, OpenVideo
from portal.engines.fingerprints.record import Fingerprint
from portal.engines.limited_process import Refused

SIDE: Final = 96  # px of the square that each sample is scaled to at once; the hash looks at less
_BATCH: Final = 256  # samples hashed together
_SHORT: Final = 300.0  # s; up to here every frame is decoded
_MIDDLING: Final = 3 * 3600.0  # s; up to here every frame that others refer to, of longer videos keyframes alone
_STEPS: Final = ((_SHORT, 0.25), (3600.0, 0.5), (float("inf"), 1.0))  # s: videos up to, time between samples
_SKIPS: Final = {
    record.EVERY_FRAME: "DEFAULT",
    record.REFERENCE_FRAMES: "NONREF",
    record.KEYFRAMES: "NONKEY",
}

Sample = tuple[float, npt.NDArray[np.uint8]]


class Sampler:
    """Takes the samples of one video and knows how well it could."""

    def __init__(self, video: OpenVideo, bounds: Limits) -> None:
        self._prepare(video, Decoder(video, bounds), bounds)

    @classmethod
    def of_animation(cls, animation: Animation, decoder: AnimationDecoder, bounds: Limits) -> "Sampler":
        """Of pictures that are no video's."""
        sampler = cls.__new__(cls)
        sampler._prepare(animation, decoder, bounds)
        return sampler

    def _prepare(self, video: OpenVideo | Animation, decoder: Decoder | AnimationDecoder, bounds: Limits) -> None:
        self._video = video
        self._bounds = bounds
        self._decoder = decoder
        self._details = DetailCollector(video.duration)
        self.step = next(step for longest, step in _STEPS if video.duration <= longest)
        self.sampling = _sampling(video.duration - video.start)
        self.complete = False

    def fingerprint(self) -> Fingerprint:
        """The whole video's; raises Refused where nothing decodes."""
        times, pictures = [], []
        for second, picture in self._samples():
            times.append(second)
            pictures.append(picture)
        if not pictures:
            raise Refused(limits.BROKEN, "nothing decodes")
        box, hashes, quality, thumbnails = _described(np.stack(pictures))
        return Fingerprint(
            duration=self._video.duration,
            step=self.step,
            sampling=self.sampling,
            truncated=self._video.cut or self._decoder.broken > 0 or not self.complete,
            times=np.array(times),
            quality=quality,
            hashes=hashes,
            thumbnails=thumbnails,
            box=box,
            keypoints=self._details.keypoints(),
            luma=self._details.luma(),
            changes=self._details.changes(),
        )

    def _samples(self) -> Iterator[Sample]:
        shown: tuple[float, VideoFrame] | None = None
        tick, count, until = 0.0, 0, self._video.duration
        self._decoder.skip(_SKIPS[self.sampling])
        self.complete = True
        for second, frame in self._decoder.frames():
            for sample in self._ticks(shown, tick, second):
                tick, count = sample[0] + self.step, count + 1
                yield sample
            shown = (second, frame)
            if count >= self._bounds.samples or not self._may_go_on(second):
                self.complete, until = False, second + 1e-3
                break
        yield from self._ticks(shown, tick, until)

    def _ticks(self, shown: tuple[float, VideoFrame] | None, tick: float, until: float) -> Iterator[Sample]:
        """Samples of the frame that was shown until another took its place."""
        if shown is None:
            return
        self._show_details(shown, until)
        picture = None
        # How long a keyframe is shown is unknown: each is one sample, at its own time.
        alone = self.sampling == record.KEYFRAMES
        tick = max(tick, shown[0]) if alone or shown[0] > tick + self.step else tick
        while tick < until:
            picture = _picture(shown[1]) if picture is None else picture
            yield tick, picture
            tick += self.step
            if alone:
                return

    def _show_details(self, shown: tuple[float, VideoFrame], until: float) -> None:
        def taken() -> npt.NDArray[np.uint8]:
            return _scaled(shown[1], self._video.aspect)

        self._details.show(shown[0], until, taken, alone=self.sampling == record.KEYFRAMES)

    def _may_go_on(self, second: float) -> bool:
        """Go over to keyframes where all frames would be too many pixels; end at twice as many.

        Pixels are counted and not seconds, so that the same file always has the same fingerprint.
        """
        spent, most = self._decoder.pixels, self._bounds.decoding_pixels
        if self.sampling != record.KEYFRAMES:
            share = max(second / self._video.duration, 1e-3)
            if spent > most or (spent > most / 10 and spent / share > most):
                self.sampling = record.KEYFRAMES
                self._decoder.skip("NONKEY")
        return spent < 2 * most


def _sampling(seconds: float) -> str:
    """The kind of decoding to begin with for a video of that length."""
    if seconds <= _SHORT:
        return record.EVERY_FRAME
    return record.REFERENCE_FRAMES if seconds <= _MIDDLING else record.KEYFRAMES


def _picture(frame: VideoFrame) -> npt.NDArray[np.uint8]:
    return showing.luma_of(frame, SIDE, SIDE)


def _scaled(frame: VideoFrame, aspect: float) -> npt.NDArray[np.uint8]:
    """The frame's luma as players show it, its longer side PICTURE px."""
    wide, high = showing.square_size(frame, aspect)
    share = PICTURE / max(wide, high)
    return showing.luma_of(frame, max(1, round(wide * share)), max(1, round(high * share)))


def _described(
    pictures: npt.NDArray[np.uint8],
) -> tuple[borders.Box, pdq.Hashes, npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The box without black border, as shares of the sides; hashes, quality and thumbnails of it for all samples."""
    box = borders.inner_box(pictures)
    hashes, quality, thumbnails = [], [], []
    for start in range(0, len(pictures), _BATCH):
        luma = borders.crop_to_box(pictures[start : start + _BATCH], box, pdq.SIDE)
        hashes.append(pdq.pdq_hashes(luma))
        quality.append(pdq.pdq_quality(luma))
        thumbnails.append(borders.crop_to_box(luma, (0, pdq.SIDE, 0, pdq.SIDE), record.THUMBNAIL))
    top, bottom, left, right = (round(float(edge) / pictures.shape[1], 4) for edge in box)
    return (top, bottom, left, right), np.concatenate(hashes), np.concatenate(quality), np.concatenate(thumbnails)
