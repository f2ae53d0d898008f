"""The two models of the wheel of rapidocr, on one thread: where lines are, and what a line says. Runs in the child only."""

import functools
import importlib.util
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

Picture = npt.NDArray[np.uint8]  # [height, width, 3], BGR
Map = npt.NDArray[np.float32]

_DETECTION: Final = "PP-OCRv6_det_small.onnx"
_RECOGNITION: Final = "PP-OCRv6_rec_small.onnx"
_SILENT: Final = 4  # severity: fatal only
LINE_HEIGHT: Final = 48  # px, of a line as the model reads it
_SHORTEST: Final = 48  # px, the least width of a line


def prepare() -> None:
    """Load both models, while files can be opened."""
    cv2.setNumThreads(0)
    _session(_DETECTION)
    characters()


def writing_map(picture: Picture) -> Map:
    """The probability (0..1) that there is writing, for each pixel; both sides must be multiples of 32."""
    found: Map = _run(_DETECTION, picture)[0, 0]
    return found


def line_probabilities(line: Picture) -> Map:
    """[steps, classes] for a line that is LINE_HEIGHT px high: class 0 is "nothing", class n is characters()[n - 1]."""
    missing = max(0, _SHORTEST - line.shape[1])
    padded = cv2.copyMakeBorder(line, 0, 0, 0, missing, cv2.BORDER_REPLICATE)
    found: Map = _run(_RECOGNITION, np.asarray(padded, np.uint8))[0]
    return found


@functools.cache
def characters() -> tuple[str, ...]:
    """What the model of lines can read; the last one is a space."""
    text = _session(_RECOGNITION).get_modelmeta().custom_metadata_map["character"]
    return (*text.splitlines(), " ")


def _run(name: str, picture: Picture) -> Any:
    scaled = (picture.astype(np.float32) / 255 - 0.5) / 0.5
    session = _session(name)
    return session.run(None, {session.get_inputs()[0].name: scaled.transpose(2, 0, 1)[None]})[0]


@functools.cache
def _session(name: str) -> Any:
    options = onnxruntime.SessionOptions()
    # Within the limits of the child no thread can be started.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = _SILENT
    return onnxruntime.InferenceSession(str(_folder() / name), options, providers=["CPUExecutionProvider"])


def _folder() -> Path:
    """Where the wheel has its models. The package itself is not imported: it would look for models on the network."""
    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("rapidocr")
    return Path(found.origin).parent / "models"
