"""The child's program: limits itself, reads the video on its stdin, answers, ends.

Run by its path with `-I`, so that nothing of the environment reaches it. The request is its one argument, JSON: action,
seconds and limits; for a fingerprint also the window, for evidence the moments. stdin is the file itself, so that it can be
read at any place. Answer on stdout: one line of JSON, with the processor time spent on decoding, then the poster, the packed fingerprint, or pictures and levels.
Nothing is written to disk.
"""

import json
import sys
import types
from pathlib import Path
from typing import Any

# What each action needs: OpenCV takes a third of a second to import, and a probe does without.
_MODULES = {
    "probe": ("poster", "reading"),
    "fingerprint": ("keypoints", "reading", "sampling"),
    "image": ("image_reading", "keypoints", "reading", "sampling"),
    "sound": ("reading", "sound_reading"),
    "still_probe": ("image_reading", "keypoints", "reading", "work_reading"),
    "sound_probe": ("reading", "work_reading"),
    "still_evidence": ("image_reading", "keypoints", "reading", "stills"),
    "sound_evidence": ("levels", "reading"),
    "evidence": ("levels", "reading", "stills"),
    "credentials": ("credential_reading",),
}


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.argv[1])
    # The packages' own __init__ start Celery, and import all that compares: bare ones of the same names are enough here.
    own = Path(__file__).resolve().parent
    for name, place in (("portal", own.parents[1]), ("portal.engines.fingerprints", own)):
        package = types.ModuleType(name)
        package.__path__ = [str(place)]
        sys.modules[name] = package
    from portal.engines import limited_process  # noqa: PLC0415 -- after the bare package
    from portal.engines.fingerprints.decoding import METER  # noqa: PLC0415
    from portal.engines.fingerprints.limits import TOO_HEAVY, Limits  # noqa: PLC0415

    bounds = Limits(**request["limits"])
    modules = [f"portal.engines.fingerprints.{name}" for name in _MODULES[request["action"]]]
    limited_process.limit_self(bounds.child_memory, request["seconds"], modules)
    try:
        head, body = _work(request, bounds)
    except limited_process.Refused as refused:
        head, body = {"refused": refused.code, "detail": refused.detail}, b""
    except MemoryError:
        head, body = {"refused": TOO_HEAVY, "detail": "memory"}, b""
    except Exception as error:  # noqa: BLE001 -- whatever fails on a damaged file, the answer is that it is damaged
        head, body = {"refused": limited_process.BROKEN, "detail": f"fault {type(error).__name__}"}, b""
    head["decoding"] = round(METER.seconds, 4)
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


def _work(request: dict[str, Any], bounds: Any) -> tuple[dict[str, Any], bytes]:
    if request["action"] == "credentials":
        return _credentials()
    if request["action"] in {"image", "still_probe", "still_evidence"}:
        return _work_on_still(request, bounds)
    import av  # noqa: PLC0415 -- within the limits

    from portal.engines import limited_process  # noqa: PLC0415
    from portal.engines.fingerprints import limits, reading  # noqa: PLC0415

    try:
        file = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 -- stdin, unbuffered
        if request["action"] in _OF_SOUND:
            return _OF_SOUND[request["action"]](file, bounds)
        video = reading.open_video(file, bounds)
        if request["action"] == "evidence":
            return _evidence(video, request["moments"], bounds)
        if request["action"] == "fingerprint":
            from portal.engines.fingerprints import sampling  # noqa: PLC0415

            if window := request.get("window"):
                video = reading.cut_out(video, *window)
            return {}, sampling.Sampler(video, bounds).fingerprint().pack()
        from portal.engines.fingerprints import poster  # noqa: PLC0415

        (width, height), picture = poster.make_poster(video, bounds)
    except av.MemoryError as error:
        raise limited_process.Refused(limits.TOO_HEAVY, "memory") from error
    return _description(video, width, height), picture


def _credentials() -> tuple[dict[str, Any], bytes]:
    from portal.engines.fingerprints import credential_reading  # noqa: PLC0415 -- within the limits

    with open(0, "rb", closefd=False) as file:
        return credential_reading.read_credentials(file), b""


def _sound(file: Any, bounds: Any) -> tuple[dict[str, Any], bytes]:
    from portal.engines.fingerprints import sound_reading  # noqa: PLC0415 -- within the limits

    return {}, sound_reading.fingerprint_opened(file, bounds).pack()


def _sound_probe(file: Any, bounds: Any) -> tuple[dict[str, Any], bytes]:
    from portal.engines.fingerprints import work_reading  # noqa: PLC0415 -- within the limits

    return work_reading.describe_sound(file, bounds), b""


def _work_on_still(request: dict[str, Any], bounds: Any) -> tuple[dict[str, Any], bytes]:
    from portal.engines.fingerprints import image_reading  # noqa: PLC0415 -- within the limits

    with open(0, "rb", closefd=False) as image:
        image.seek(0)
        data = image.read(bounds.still_bytes)
    if request["action"] == "image":
        return {}, image_reading.fingerprint_picture(data, bounds).pack()
    if request["action"] == "still_evidence":
        return _still_evidence(data, request["moments"], bounds)
    from portal.engines.fingerprints import work_reading  # noqa: PLC0415

    return work_reading.describe_still(data, bounds)


def _still_evidence(data: bytes, moments: list[dict[str, Any]], bounds: Any) -> tuple[dict[str, Any], bytes]:
    from portal.engines.fingerprints import image_reading, stills  # noqa: PLC0415 -- within the limits

    shown = image_reading.pictures_at(data, [moment["at"] for moment in moments], bounds, stills.SOURCE_SIDE)
    drawn = [stills.draw_still(*each, moment) for each, moment in zip(shown, moments, strict=True)]
    told, body = _stills(drawn)
    return {"stills": told, "levels": 0, "complete": True}, b"".join(body)


def _stills(drawn: list[Any]) -> tuple[list[Any], list[bytes]]:
    """What is told of pictures, None for each that could not be drawn, and their bytes."""
    told = [
        each
        and {"at": each.at, "width": each.width, "height": each.height, "bytes": [len(each.picture), len(each.warped)]}
        for each in drawn
    ]
    return told, [part for each in drawn if each for part in (each.picture, each.warped)]


def _sound_evidence(file: Any, bounds: Any) -> tuple[dict[str, Any], bytes]:
    from portal.engines.fingerprints import levels  # noqa: PLC0415 -- within the limits

    heard, complete = levels.read_levels_of_sound(file, bounds)
    return {"stills": [], "levels": len(heard), "complete": complete}, heard.tobytes()


_OF_SOUND = {"sound": _sound, "sound_probe": _sound_probe, "sound_evidence": _sound_evidence}


def _evidence(video: Any, moments: list[dict[str, Any]], bounds: Any) -> tuple[dict[str, Any], bytes]:
    """Pictures, then levels."""
    from portal.engines.fingerprints import levels, stills  # noqa: PLC0415 -- within the limits

    drawn = stills.draw_stills(video, moments, bounds)
    heard, complete = levels.read_levels(video, bounds)
    told, body = _stills(drawn)
    return {"stills": told, "levels": len(heard), "complete": complete}, b"".join([*body, heard.tobytes()])


def _description(video: Any, width: int, height: int) -> dict[str, Any]:
    from portal.engines.fingerprints import limits  # noqa: PLC0415 -- within the limits

    codec = video.stream.codec_context.codec.canonical_name
    return {
        "media_type": video.media_type,
        "container": video.container.format.name,
        "codec": codec,
        "width": width,
        "height": height,
        "duration": video.duration,
        "frame_rate": video.frames / (video.duration - video.start),
        "has_audio": video.has_audio,
        "playable": video.media_type in limits.PLAYABLE_TYPES and codec in limits.PLAYABLE_CODECS,
    }


if __name__ == "__main__":
    main()
