"""The library of sounds and of texts: time of a question, and edited copies among the first ten candidates.

Sounds are drawn as for `bench originality` and copied by the same edits. A distractor's words are mixtures of two moments of the
run's sounds each, drawn independently. Texts are what the packages of this environment say of themselves, in English; a copy
is an excerpt among other sentences, or has other words or another order. Distractors are written by chance from the words that
follow each other in these texts, so that phrases are as common among them; of their words one posting each is kept.
"""

import io
import random
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any, Final

import numpy as np

from complaints.library import WORD_VERSIONS, WorkContent, get_library, pages
from complaints.models import LibraryEntry
from portal.bench.measuring import Say, bench_database, percentile_ms, vacuum_and_analyze
from portal.bench.originality import drawn_sounds, retrieval, sound_edits
from portal.engines.fingerprints import (
    LIMITS,
    SoundFingerprint,
    VisualWords,
    sound_reading,
    sound_words,
    texts,
    words_of_asked_sound,
    words_of_kept_sound,
    words_of_text,
)
from portal.media.models import Kind, MediaFile

_FIRST: Final = 10
_SECONDS: Final = (20.0, 40.0)  # of a drawn sound
_SHARES: Final = (0.5, 0.9)  # of the first moment of a mixture
_AT_ONCE: Final = 2000  # distractors written together
_KEY: Final = b"bench"
_LEAST_SENTENCES: Final = 12
_WORDS: Final = (150, 600)  # of a distractor

Copy = tuple[str, int, VisualWords]  # the edit, the number of its work, what the library is asked with


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Make works and copies of the kind, fill a library, ask it."""
    kind, chance = options["kind"], random.Random(f"{options['seed']} {options['kind']}")  # noqa: S311 -- a sample
    make = _sounds if kind == Kind.AUDIO else _texts
    kept, copies, draw = make(chance, options["works"], say)
    with bench_database(keep=options["keep"]):
        rows = retrieval.media_rows(len(kept), kind)
        adding = [_added(*each) for each in zip(rows, kept, strict=True)]
        building = _fill(draw, options["distractors"], kind, say)
        vacuum_and_analyze()
        return {
            "kind": kind,
            **_asked(rows, copies, kind),
            "library_entries": LibraryEntry.objects.count(),
            "library_works": len(kept),
            "library_words": round(statistics.mean(len(words) for words in kept)),
            "library_add_ms": percentile_ms(adding, 0.5),
            "library_build_s": round(building, 1),
            **retrieval.sizes(),
        }


def _added(media: MediaFile, words: VisualWords) -> float:
    """Seconds in which a work enters."""
    begun = time.perf_counter()
    get_library().add(media, WorkContent(media.kind, words))
    return time.perf_counter() - begun


def _asked(rows: list[MediaFile], copies: list[Copy], kind: str) -> dict[str, Any]:
    seconds, cpu = [], []
    found: dict[str, list[bool]] = defaultdict(list)
    for edit, number, words in copies:
        begun, spent = time.perf_counter(), time.process_time()
        told = get_library().find(WorkContent(kind, words), most=_FIRST).candidates
        seconds.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - spent)
        found[edit].append(rows[number].pk in {each.media for each in told})
    everything = [one for each in found.values() for one in each]
    return {
        "library_recall_10": round(sum(everything) / len(everything), 4),
        "library_copies": len(everything),
        "library_p50_ms": percentile_ms(seconds, 0.5),
        "library_p95_ms": percentile_ms(seconds, 0.95),
        "library_cpu_ms": round(1000 * statistics.mean(cpu), 2),
        "library_asked_words": round(statistics.mean(len(words) for _edit, _number, words in copies)),
        "edits": {edit: f"{sum(each)} of {len(each)}" for edit, each in sorted(found.items())},
    }


def _fill(draw: Callable[[], VisualWords], count: int, kind: str, say: Say) -> float:
    """Store so many distractors; seconds that PostgreSQL took."""
    spent = 0.0
    for start in range(0, count, _AT_ONCE):
        made = [draw() for _each in range(min(_AT_ONCE, count - start))]
        rows = retrieval.media_rows(len(made), kind)
        facts = [(media, len(words)) for media, words in zip(rows, made, strict=True)]
        entries = LibraryEntry.objects.bulk_create(
            [LibraryEntry(media=media, version=WORD_VERSIONS[kind], words=b"", count=size) for media, size in facts]
        )
        numbers = np.repeat([row.pk for row in entries], [len(words) for words in made])
        postings = np.zeros(len(numbers), pages.POSTING)
        postings["entry"] = numbers
        postings["signature"] = np.concatenate([words.signatures for words in made])
        keys = np.concatenate(
            [pages.page_keys(row.pk, words.words, kind) for row, words in zip(entries, made, strict=True)]
        )
        spent += retrieval.store(keys, postings)
        say(f"{start + len(made)} of {count} distractors stored")
    return spent


def _sounds(
    chance: random.Random, most: int, say: Say
) -> tuple[list[VisualWords], list[Copy], Callable[[], VisualWords]]:
    drawn = [
        drawn_sounds.draw_sound(kind, *_chances(chance, number), chance.uniform(*_SECONDS))
        for number, kind in _turns(most)
    ]
    prints = [_heard(sound) for sound in drawn]
    copies = []
    for number, sound in enumerate(drawn):
        for edit in sound_edits.EDITS:
            # What is laid beside the work is no work of the library: it would rightly be found as well.
            other = drawn_sounds.draw_sound(chance.choice(drawn_sounds.KINDS), *_chances(chance, -1), _SECONDS[1])
            edited = sound_edits.edit_sound(edit, f"{number} {chance.random()}", sound, other)[0]
            copies.append((edit, number, words_of_asked_sound(_heard(edited))))
        say(f"{number + 1} of {len(drawn)} sounds copied")
    numpy_chance = np.random.default_rng(chance.randrange(1 << 32))
    pool = np.concatenate([sound_words.features_of_kept_sound(each) for each in prints])
    average = round(statistics.mean(len(words_of_kept_sound(each)) for each in prints))

    def mixture() -> VisualWords:
        one, other = (pool[numpy_chance.integers(0, len(pool), average)] for _side in range(2))
        share = numpy_chance.uniform(*_SHARES, (average, 1)).astype(np.float32)
        return sound_words.encode_features(share * one + (1 - share) * other)

    return [words_of_kept_sound(each) for each in prints], copies, mixture


def _turns(most: int) -> Iterator[tuple[int, str]]:
    return ((number, drawn_sounds.KINDS[number % len(drawn_sounds.KINDS)]) for number in range(most))


def _chances(chance: random.Random, number: int) -> tuple[random.Random, random.Random]:
    """What two of one group share, and what is each one's own."""
    look = number // (2 * len(drawn_sounds.KINDS)) if number >= 0 else chance.random()
    return random.Random(f"look {look}"), random.Random(chance.random())  # noqa: S311 -- drawings


def _heard(sound: sound_edits.Sound) -> SoundFingerprint:
    return sound_reading.fingerprint_opened(io.BytesIO(sound_edits.encode_sound(sound)), LIMITS)


def _texts(
    chance: random.Random, most: int, say: Say
) -> tuple[list[VisualWords], list[Copy], Callable[[], VisualWords]]:
    found = _descriptions()
    written, spare = found[:most], [each for text in found[most:] for each in text]
    say(f"{len(written)} texts of packages")
    following: dict[tuple[str, str], list[str]] = defaultdict(list)
    for text in found:
        parts = " ".join(text).split()
        for first, second, third in zip(parts, parts[1:], parts[2:], strict=False):
            following[first, second].append(third)
    starts = sorted(following)
    copies = [
        (edit, number, _words_of(change(chance, text, spare)))
        for number, text in enumerate(written)
        for edit, change in _TEXT_EDITS.items()
    ]

    def by_chance() -> VisualWords:
        words = list(chance.choice(starts))
        for _word in range(chance.randint(*_WORDS)):
            words.append(chance.choice(following.get((words[-2], words[-1])) or [chance.choice(starts)[0]]))
        return _words_of(" ".join(words))

    return [_words_of(" ".join(text)) for text in written], copies, by_chance


def _words_of(text: str) -> VisualWords:
    return words_of_text(texts.fold_text(text), _KEY)


def _descriptions() -> list[list[str]]:
    """What packages say of themselves, as sentences, those of enough sentences; in the order of their names."""
    told = {each.metadata["Name"]: each.metadata.json.get("description", "") for each in metadata.distributions()}
    split = [re.split(r"(?<=[.!?:])\s+", str(text)) for _name, text in sorted(told.items()) if text]
    plain = [[each for each in text if len(each) > 20] for text in split]
    return [text[:200] for text in plain if len(text) >= _LEAST_SENTENCES]


def _excerpt(chance: random.Random, text: list[str], spare: list[str]) -> str:
    """Three to six sentences in a row among three times as many of others."""
    count = chance.randint(3, 6)
    start = chance.randrange(len(text) - count)
    others = [chance.choice(spare) for _each in range(3 * count)]
    return " ".join([*others[:count], *text[start : start + count], *others[count:]])


def _other_words(share: float) -> Callable[[random.Random, list[str], list[str]], str]:
    """So many of the words are others."""

    def change(chance: random.Random, text: list[str], spare: list[str]) -> str:
        others = " ".join(chance.sample(spare, min(20, len(spare)))).split()
        return " ".join(chance.choice(others) if chance.random() < share else word for word in " ".join(text).split())

    return change


def _another_order(chance: random.Random, text: list[str], _spare: list[str]) -> str:
    return " ".join(chance.sample(text, len(text))).upper()


def _without_signs(_chance: random.Random, text: list[str], _spare: list[str]) -> str:
    return "".join(sign for sign in " ".join(text) if sign.isalnum())


_TEXT_EDITS: Final[dict[str, Callable[[random.Random, list[str], list[str]], str]]] = {
    "another_order": _another_order,
    "excerpt": _excerpt,
    "one_word_in_ten": _other_words(0.1),
    "one_word_in_five": _other_words(0.2),
    "one_word_in_three": _other_words(0.33),
    "without_spaces_and_signs": _without_signs,
}
