"""The machine's comparison of two works of one kind: fingerprints, made once for each, and what they have in common.

Videos are compared by their pictures and by their sound, each with a fingerprint of its own. Of texts no fingerprint is kept:
it would hold the text itself.
"""

import contextlib
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from complaints.library import WorkContent
from complaints.models import Fingerprint
from portal import vault
from portal.engines import fingerprints
from portal.engines.fingerprints import FoldedText, SoundFingerprint, Window
from portal.engines.fingerprints.levels import SOUND_SAME, SOUND_UNCLEAR
from portal.media import parts
from portal.media.models import Kind, MediaFile

SOUND = "sound"
# What a fingerprint of pictures is stored under, by the kind of the work that it was made of.
_ALGORITHMS: dict[str, str] = {Kind.VIDEO: "pdq", Kind.IMAGE: "image"}
_WHOLE_PICTURE = 1.0  # second for which the one sample of a picture stands
Seconds = tuple[float, float]  # start and end
Made = fingerprints.Fingerprint | SoundFingerprint | FoldedText  # what works of a kind are compared by


class Unreadable(Exception):
    """The engine cannot decode a video; `code` is one of portal.media.refusals."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_same_file(one: MediaFile, other: MediaFile) -> bool:
    """Whether both are the same file, byte for byte; then nothing need be decoded."""
    return one.sha256 == other.sha256


def has_pictures(media: MediaFile) -> bool:
    """Whether the work is compared by its pictures."""
    return media.kind in _ALGORITHMS


def has_sound(media: MediaFile) -> bool:
    """Whether the work is compared by its sound, alone or besides its pictures."""
    return media.has_audio or media.kind == Kind.AUDIO


def is_fingerprinted(media: MediaFile) -> bool:
    """Whether everything of the work that the present engine needs has been fingerprinted."""
    return has_fingerprint(media) and has_sound_fingerprint(media)


def has_fingerprint(media: MediaFile, window: Seconds | None = None) -> bool:
    """Whether the present engine has been over the pictures of the work, or of a window of it, if it has any."""
    return not has_pictures(media) or _stored_fingerprints(media, window).exists()


def make_fingerprint(media: MediaFile, window: Seconds | None = None) -> Fingerprint:
    """The fingerprint of a picture, of a video or of a window of it, not saved; takes seconds to minutes. Raises Unreadable."""
    try:
        made = _made_fingerprint(media, window)
    except fingerprints.Refused as refused:
        raise Unreadable(refused.code) from refused
    return Fingerprint(media=media, algorithm=_algorithm(media, window), version=str(made.version), data=made.pack())


def make_missing_windows(original: MediaFile, copy: MediaFile, window: Window) -> list[Fingerprint]:
    """The fingerprints of a window of both videos that are missing, not saved; one that cannot be read is left out."""
    made = []
    for media, seconds in ((original, window.a), (copy, window.b)):
        if not has_fingerprint(media, seconds):
            with contextlib.suppress(Unreadable):
                made.append(make_fingerprint(media, seconds))
    return made


def pack_windows(windows: Iterable[Window]) -> list[list[float]]:
    """Windows as plain values, for the payload of a job."""
    return [[*window.a, *window.b] for window in windows]


def unpack_windows(rows: Iterable[Sequence[float]]) -> list[Window]:
    """What pack_windows() packed."""
    return [Window((row[0], row[1]), (row[2], row[3])) for row in rows]


def has_sound_fingerprint(media: MediaFile) -> bool:
    """Whether the present engine has been over the sound of the work, if it has any."""
    return not has_sound(media) or _sounds(media).exists()


def make_sound_fingerprint(media: MediaFile) -> Fingerprint:
    """The fingerprint of the sound of a video or recording, not saved; takes seconds to minutes. Raises Unreadable."""
    try:
        with parts.open_decrypted(media) as plain:
            return _sound_row(media, fingerprints.fingerprint_sound(plain))
    except fingerprints.Refused as refused:
        raise Unreadable(refused.code) from refused


def make_unheard_fingerprint(media: MediaFile) -> Fingerprint:
    """In place of the fingerprint of a sound that cannot be read: nothing of it is compared."""
    return _sound_row(media, fingerprints.unheard_sound(media.duration or 0.0))


def compare_sound_along(
    original: MediaFile, copy: MediaFile, lines: Sequence[tuple[float, float, float, float]]
) -> list[tuple[str, float | None]]:
    """Whether two videos have one sound along each line, as fingerprints.compare_along() says."""
    if is_same_file(original, copy):
        return [(SOUND_SAME, 1.0)] * len(lines)
    a, b = _sound(original), _sound(copy)
    if a is None or b is None:
        return [(SOUND_UNCLEAR, None)] * len(lines)
    return [fingerprints.compare_along(a, b, line) for line in lines]


def shared_runs(original: MediaFile, copy: MediaFile) -> tuple[fingerprints.Run, ...]:
    """What within the passages of two texts is the same. Raises Unreadable."""
    return fingerprints.shared_runs(_read_text(original), _read_text(copy))


def compare_fingerprints(
    original: MediaFile, copy: MediaFile, windows: Sequence[Window] = (), *, sound: bool = True
) -> fingerprints.Comparison:
    """What of the original is found in the copy, and in the windows of both that have been fingerprinted.

    Both are of one kind. Without `sound`, that of two videos is left out. Raises LookupError while a fingerprint is missing,
    Unreadable for a text.
    """
    if original.kind == Kind.TEXT:
        return fingerprints.compare_texts(_read_text(original), _read_text(copy))
    if is_same_file(original, copy):
        return fingerprints.identical_comparison(original.duration or _WHOLE_PICTURE)
    if original.kind == Kind.AUDIO:
        return fingerprints.compare_sounds(_unpacked_sound(original), _unpacked_sound(copy))
    a, b = _unpacked_fingerprint(original), _unpacked_fingerprint(copy)
    if original.kind == Kind.IMAGE:
        return fingerprints.compare_images(a, b)
    found = fingerprints.compare_fingerprints(a, b)
    if windows:
        looks = [(window, look) for window in windows if (look := _compared_window(original, copy, window)) is not None]
        found = fingerprints.look_closer(found, a, b, looks)
    return _with_sound(found, original, copy) if sound else found


def plan_windows(original: MediaFile, copy: MediaFile, found: fingerprints.Comparison) -> tuple[Window, ...]:
    """Where a closer look at two long videos may tell more than their comparison `found`."""
    if original.kind != Kind.VIDEO or is_same_file(original, copy):
        return ()
    return fingerprints.windows_to_look_at(found, _unpacked_fingerprint(original), _unpacked_fingerprint(copy))


def _compared_window(original: MediaFile, copy: MediaFile, window: Window) -> fingerprints.Comparison | None:
    """The comparison within a window; None where one of the two could not be read there."""
    rows = _stored_fingerprint(original, window.a), _stored_fingerprint(copy, window.b)
    if rows[0] is None or rows[1] is None:
        return None
    a, b = (fingerprints.Fingerprint.unpack(bytes(row.data)) for row in rows if row is not None)
    return fingerprints.compare_fingerprints(a, b)


@dataclass(frozen=True)
class UnstoredWork:
    """A work that is not stored: its kind, hash, and what is compared of it."""

    kind: str
    sha256: str
    made: Made
    read_window: fingerprints.ReadWindow  # of a video


def compare_with(media: MediaFile, other: UnstoredWork) -> fingerprints.Comparison:
    """What of a work is found in one of its kind that is not stored. Raises LookupError while a fingerprint is missing, Unreadable."""
    if isinstance(other.made, FoldedText):
        return fingerprints.compare_texts(_read_text(media), other.made)
    if media.sha256 == other.sha256:
        return fingerprints.identical_comparison(media.duration or _WHOLE_PICTURE)
    if isinstance(other.made, SoundFingerprint):
        return fingerprints.compare_sounds(_unpacked_sound(media), other.made)
    if media.kind == Kind.IMAGE:
        return fingerprints.compare_images(_unpacked_fingerprint(media), other.made)
    read_own = functools.partial(_read_window, media)
    return fingerprints.compare_closely(_unpacked_fingerprint(media), other.made, read_own, other.read_window)


def _read_window(media: MediaFile, window: Seconds) -> fingerprints.Fingerprint:
    """The fingerprint of a window, which is not stored if it was not. Raises fingerprints.Refused."""
    row = _stored_fingerprint(media, window)
    return _made_fingerprint(media, window) if row is None else fingerprints.Fingerprint.unpack(bytes(row.data))


def content_to_keep(media: MediaFile) -> WorkContent:
    """What the library is given of a work. Raises LookupError while its fingerprint is missing, Unreadable for a text."""
    made = _made(media)
    if isinstance(made, FoldedText):
        words = fingerprints.words_of_text(made, _text_key())
    elif isinstance(made, SoundFingerprint):
        words = fingerprints.words_of_kept_sound(made)
    else:
        words = fingerprints.words_to_keep(made)
    return WorkContent(media.kind, words, made)


def content_to_ask(media: MediaFile) -> WorkContent:
    """With what the library is asked for a work. Raises as content_to_keep() does."""
    return _asked(media.kind, _made(media))


def content_of_unstored(work: UnstoredWork) -> WorkContent:
    """The same for a work that is not stored."""
    return _asked(work.kind, work.made)


def _asked(kind: str, made: Made) -> WorkContent:
    if isinstance(made, FoldedText):
        words = fingerprints.words_of_text(made, _text_key())
    elif isinstance(made, SoundFingerprint):
        words = fingerprints.words_of_asked_sound(made)
    else:
        words = fingerprints.words_to_ask(made)
    return WorkContent(kind, words, made)


def _made(media: MediaFile) -> Made:
    if media.kind == Kind.TEXT:
        return _read_text(media)
    return _unpacked_sound(media) if media.kind == Kind.AUDIO else _unpacked_fingerprint(media)


def _text_key() -> bytes:
    """Under which the words of texts are digests: the library must not tell what somebody has written."""
    return vault.fingerprint_key("words of texts")


def _with_sound(found: fingerprints.Comparison, original: MediaFile, copy: MediaFile) -> fingerprints.Comparison:
    """The comparison of the pictures with that of the sound, where both have been fingerprinted."""
    pair = _sound(original), _sound(copy)
    if pair[0] is None or pair[1] is None:
        return found
    return fingerprints.add_sound(found, pair[0], pair[1])


def _sound_row(media: MediaFile, made: SoundFingerprint) -> Fingerprint:
    return Fingerprint(media=media, algorithm=SOUND, version=str(made.version), data=made.pack())


def _sound(media: MediaFile) -> SoundFingerprint | None:
    row = _sounds(media).first()
    return None if row is None else SoundFingerprint.unpack(bytes(row.data))


def _sounds(media: MediaFile) -> QuerySet[Fingerprint]:
    return Fingerprint.objects.filter(media=media, algorithm=SOUND, version=str(fingerprints.SOUND_VERSION))


def _unpacked_sound(media: MediaFile) -> SoundFingerprint:
    found = _sound(media)
    if found is None:
        raise LookupError("a fingerprint of sound is missing")
    return found


def _read_text(media: MediaFile) -> FoldedText:
    try:
        with parts.open_decrypted(media) as plain:
            return fingerprints.read_text(plain.read())
    except fingerprints.Refused as refused:
        raise Unreadable(refused.code) from refused


def _unpacked_fingerprint(media: MediaFile) -> fingerprints.Fingerprint:
    row = _stored_fingerprint(media)
    if row is None:
        raise LookupError("a fingerprint is missing")
    return fingerprints.Fingerprint.unpack(bytes(row.data))


def _stored_fingerprint(media: MediaFile, window: Seconds | None = None) -> Fingerprint | None:
    return _stored_fingerprints(media, window).first()


def _stored_fingerprints(media: MediaFile, window: Seconds | None) -> QuerySet[Fingerprint]:
    about = {"algorithm": _algorithm(media, window), "version": str(fingerprints.VERSION)}
    return Fingerprint.objects.filter(media=media, **about)


def _made_fingerprint(media: MediaFile, window: Seconds | None) -> fingerprints.Fingerprint:
    with parts.open_decrypted(media) as plain:
        if media.kind == Kind.IMAGE:
            return fingerprints.fingerprint_image(plain)
        return fingerprints.fingerprint_video(plain, window=window)


def _algorithm(media: MediaFile, window: Seconds | None) -> str:
    name = _ALGORITHMS.get(media.kind, _ALGORITHMS[Kind.VIDEO])
    return name if window is None else f"{name} {window[0]:.2f}-{window[1]:.2f}"
