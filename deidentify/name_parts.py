"""A person's names taken apart, and whether a printed word is one of the parts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz.distance import OSA

from deidentify.common_words import is_common
from deidentify.folding import (
    as_read,
    fold,
    is_abjad,
    is_unparted,
    looks_like,
    romanised,
    skeletons,
)  # fmt: skip

How = Literal["exact", "ending", "spelling", "read", "sound", "looks", "weak"]

_SPLIT = re.compile(r"[\s\-‐‑–'’`.,·•]+")
PARTICLES = frozenset(
    [
        "al",
        "el",
        "bin",
        "ibn",
        "bint",
        "binti",
        "ben",
        "de",
        "da",
        "do",
        "dos",
        "del",
        "della",
        "der",
        "den",
        "van",
        "von",
        "zu",
        "la",
        "le",
        "di",
        "du",
        "mac",
        "mc",
        "abu",
        "um",
        "umm",
        "abd",
        "ul",
        "ud",
        "bt",
        "san",
        "st",
        "dr",
        "mr",
        "mrs",
        "ms",
        "miss",
        "prof",
        "sri",
        "smt",
        "shri",
        "kumari",
        "md",
        "mister",
        "madam",
        "jr",
        "sr",
        "oglu",
        "kyzy",
        "uulu",
    ]
)
TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "professor",
        "sir",
        "madam",
        "mme",
        "mlle",
        "herr",
        "frau",
        "sr",
        "sra",
        "smt",
        "shri",
        "sri",
        "kumari",
        "km",
        "baby",
        "mstr",
        "master",
        "señor",
        "señora",
        "г-н",
        "г-жа",
        "гр",
        "др",
        "проф",
        "السيد",
        "السيدة",
        "د",
        "الدكتور",
        "श्री",
        "श्रीमती",
        "डॉ",
        "सुश्री",
        "कुमारी",
        "bay",
        "bayan",
        "κος",
        "κα",
        "κυρια",
        "κυριος",
        "δρ",
    ]
)
_RUSSIAN = ("ого", "ому", "ами", "ями", "ыми", "ими", "ой", "ей", "ом", "ем", "ым", "им", "ая",
            "яя", "ую", "юю", "ою", "ею", "ах", "ях", "ий", "ый", "ии", "ию", "ия", "ье", "ью",
            "ов", "ев", "а", "у", "е", "ы", "и", "ю", "я", "о", "й", "ь")  # fmt: skip
_HINDI = ("जी", "बेन", "भाई", "बाई", "देवी", "कुमार", "कुमारी", "राव", "सिंह")
_KOREAN = ("은", "는", "이", "가", "을", "를", "의", "씨", "님", "에게", "양", "군", "환자")
_ARABIC = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ل", "ف", "ك")
_LATIN_ENDINGS = ("s", "es", "ji", "ben", "bhai", "bai", "nin", "in", "a", "ova", "e", "en")
_HEARD = 0.6
_LEAST, _LEAST_SOUNDS, _LEAST_BARE = 3, 3, 5


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a name: folded, in Latin letters, its sounds; whether it is also a common word."""

    folded: str
    latin: str
    sounds: frozenset[str]
    script: str
    common: bool
    whose: int


@dataclass(frozen=True, slots=True)
class NameTable:
    """The parts of all names, the names written as one word, and those without spaces."""

    parts: tuple[Part, ...]
    joined: tuple[Part, ...]
    unparted: tuple[Part, ...]
    initials: frozenset[str] = field(default=frozenset())


def table_of(names: Iterable[str], whose: int = 0) -> NameTable:
    """Return the parts of names; `whose` tells people apart."""
    parts: dict[str, Part] = {}
    joined: dict[str, Part] = {}
    unparted: dict[str, Part] = {}
    for name in names:
        pieces = [piece for piece in _SPLIT.split(name.strip()) if piece]
        long = [piece for piece in pieces if fold(piece) not in PARTICLES and len(fold(piece)) > 1]
        for piece in long:
            target = unparted if is_unparted(piece) else parts
            target.setdefault(fold(piece), _part(piece, whose))
            bare = fold(piece)[2:]
            if fold(piece).startswith(("al", "el")) and bare.isascii() and len(bare) >= _LEAST_BARE:
                target.setdefault(bare, _part(bare, whose))  # Alkhateeb is also Al Khatib
        for some in _orders(pieces):
            whole = "".join(some)
            joined.setdefault(fold(whole), _part(whole, whose))
    letters = frozenset(part.folded[0] for part in parts.values())
    return NameTable(
        tuple(parts.values()), tuple(joined.values()), tuple(unparted.values()), letters
    )


def _orders(pieces: list[str]) -> list[list[str]]:
    """Return runs of two or more pieces of a name, forwards, and the last one put first."""
    if len(pieces) < 2:
        return []
    runs = [pieces[a:b] for a in range(len(pieces)) for b in range(a + 2, len(pieces) + 1)]
    return [*runs, [pieces[-1], *pieces[:-1]], [*pieces[1:], pieces[0]], pieces[::-1]]


def _part(piece: str, whose: int) -> Part:
    folded, latin = fold(piece), romanised(piece)
    script = "unparted" if is_unparted(piece) else "abjad" if is_abjad(piece) else (
        "latin" if piece.isascii() or latin == folded else "other"
    )  # fmt: skip
    common = is_common(folded) or (script == "latin" and len(folded) < _LEAST)
    return Part(folded, latin, skeletons(latin), script, common, whose)


def how_alike(folded: str, latin: str, part: Part, *, loose: bool = False) -> How | None:
    """Say how a printed word is a part of a name, or None when it is none.

    `loose`: as the last look does it, where a word too many is better than one too few.
    """
    if folded == part.folded:
        return "exact"
    if latin and latin == part.latin and len(latin) >= _LEAST:
        return "spelling"
    if _has_ending(folded, part.folded):
        return "ending"
    if is_common(folded):
        return None
    if _misread(folded, part.folded, loose) or (
        part.script != "latin" and _misread(latin, part.latin, loose)
    ):
        return "read"
    if part.script == "other" and len(folded) >= 4:
        seen = looks_like(part.folded)
        if OSA.distance(folded, seen, score_cutoff=2) <= (2 if len(seen) > 6 else 1):
            return "looks"
    for way in _bare_ways(folded):
        spelled = latin if way == folded else romanised(way)
        if _sounds_alike(spelled, way, part, loose):
            return "sound"
        if way != folded and len(way) >= _LEAST and (way == part.folded or spelled == part.latin):
            return "ending"
        if is_abjad(folded) != (part.script == "abjad") and skeletons(spelled) & part.sounds - {""}:
            return "weak"
    return None


def _bare_ways(folded: str) -> list[str]:
    """Return a word as it is, and without the endings or prefixes that its language adds."""
    ways = [folded]
    if is_abjad(folded):
        ways += [folded[len(prefix) :] for prefix in _ARABIC if folded.startswith(prefix)]
    elif "\u0900" <= folded[:1] <= "\u097f":
        ways += [folded[: -len(ending)] for ending in _HINDI if folded.endswith(ending)]
    elif "а" <= folded[:1] <= "я":
        ways += [folded[: -len(ending)] for ending in _RUSSIAN if folded.endswith(ending)]
    return [way for way in ways if len(way) >= _LEAST]


def _has_ending(folded: str, name: str) -> bool:
    """Say whether a word is a name with an ending, a prefix or a particle of its language."""
    if len(name) < _LEAST and not is_unparted(name):
        return False
    if "а" <= name[0] <= "я":
        stem = name
        for ending in _RUSSIAN:
            if name.endswith(ending) and len(name) - len(ending) >= 3:
                stem = name[: -len(ending)]
                break
        rest = folded[len(stem) :]
        return folded.startswith(stem) and (not rest or rest in _RUSSIAN)
    if is_abjad(name):
        core = _without_prefix(name)
        return len(core) >= _LEAST and (_without_prefix(folded) == core or folded[1:] == name)
    if folded.startswith(name):
        rest = folded[len(name) :]
        return rest in (*_HINDI, *_KOREAN) or (len(name) >= 4 and rest in _LATIN_ENDINGS)
    return (
        len(name) >= 5 and name[-1] in "aeo" and folded[:-1] == name[:-1] and folded[-1] in "aeiouy"
    )


def _without_prefix(word: str) -> str:
    for prefix in _ARABIC:
        if word.startswith(prefix) and len(word) - len(prefix) >= _LEAST:
            return word[len(prefix) :]
    return word


def _misread(word: str, name: str, loose: bool) -> bool:
    long = min(len(word), len(name))
    if long < 4 - loose:
        return False
    if as_read(word) == as_read(name):
        return True
    allowed = (long >= 5) + (long >= 8) + (loose and long >= 4) + (loose and long >= 7)
    allowed = min(allowed, 3)
    if not allowed:
        return False
    if OSA.distance(word, name, score_cutoff=allowed) <= allowed:
        return True
    return OSA.distance(as_read(word), as_read(name), score_cutoff=allowed) <= allowed


def _sounds_alike(latin: str, folded: str, part: Part, loose: bool) -> bool:
    if len(latin) < _LEAST or len(part.latin) < 2:
        return False
    shared = skeletons(latin) & part.sounds
    if not shared:
        return False
    if is_abjad(folded) != (part.script == "abjad"):
        least = 2 if loose else _LEAST_SOUNDS
        if OSA.normalized_similarity(latin, part.latin) >= _HEARD:
            return True
        return max(map(len, shared)) >= least or (len(part.latin) >= 4 and len(max(shared)) >= 2)
    near = OSA.normalized_similarity(latin, part.latin)
    first = latin[0] == part.latin[0]
    if max(map(len, shared)) >= _LEAST_SOUNDS:
        return near >= (0.5 if loose else 0.6)
    return near >= (0.66 if loose else 0.75) and (first or len(latin) >= 5)
