"""The words of `playbooks/danger.yaml`, compiled: what a person says who is in danger.

Text and words go through the same `plain`, so that capitals, accents, the letters' many forms and
other digits make no difference.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from playbook_reader import Strict, read

ANYWHERE = frozenset({"zh", "hi"})
"""Languages whose words are found inside longer ones: no letter says where a word ends."""
_ARABIC = "(?:[وفبكل]|ال|[وفبكل]ال|لل|ولل)?"
"""What may stand fast before an Arabic word."""
_ALIKE = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ё": "е",
     "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "œ": "oe", "，": ",", "。": ".", "；": ";",
     "：": ":", "！": "!", "？": "?", "٫": ".", "\u0640": "", "़": ""}
)  # fmt: skip
_SHORT = re.compile(r"\b(can)(?:'t|t| not)\b|\b(?:won't|wont)\b|(?<=[a-z])n't\b"
                    r"|\b(do|does|did|is|are|was|were|has|have|had|could|would)nt\b")  # fmt: skip
_SAYS_NO = re.compile(
    r"\b(?:not?|cannot|unable|hardly|barely|stopped|nothing|не|нет|нечем|لا|لم|غير|ne|pas"
    r"|plus|peux?t?"
    r"|aucun|impossible|n'arrive|nicht|keine?n?|kaum|niemanden|degil|yok)\b"
    r"|[不没沒无]|नही|बंद|रुक|\bnahin?\b|\bband\b|m[iıu]yor|[ae]m\*"
)
_MANY = re.compile(r"([^\W\d_])\1{2,}")
_STRIPPED = (range(0x0300, 0x0370), range(0x064B, 0x0660), range(0x200B, 0x2010))
"""Accents of Latin and Cyrillic letters, Arabic vowel signs, and signs that nobody sees."""


class Numbers(Strict):
    """A measured number that is a sign from `from` to `to`, and plainly none within `normal`."""

    sign: str
    words: tuple[str, ...]
    lowest: float
    highest: float
    normal: tuple[float, float]


class Denied(Strict):
    """How a language says that something is not there."""

    before: tuple[str, ...]
    between: tuple[str, ...]
    after: tuple[str, ...]
    rest: tuple[str, ...]


ByLanguage = dict[str, tuple[str, ...]]


class DangerFile(Strict):
    """`playbooks/danger.yaml`."""

    version: str
    numbers: tuple[Numbers, ...]
    signs: dict[str, ByLanguage]
    not_a_sign: ByLanguage
    soft: ByLanguage
    denied: dict[str, Denied]
    over: ByLanguage
    again: ByLanguage
    still: ByLanguage
    past: ByLanguage
    now: ByLanguage
    asked: ByLanguage
    but: ByLanguage
    lookalikes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of words: parts that stand in one clause, in any order.

    `says_no`: a part is itself a "not" ("not + wake"), so that a no in it takes nothing back.
    """

    parts: tuple[re.Pattern[str], ...]
    says_no: bool


@dataclass(frozen=True)
class Language:
    """How one language says signs, and how it takes them back."""

    signs: Mapping[str, Sequence[Line]]
    not_a_sign: Sequence[re.Pattern[str]]
    soft: Sequence[Line]
    before: re.Pattern[str]
    """Ends a clause: what comes right after it is plainly not there."""
    asked: re.Pattern[str]
    after: re.Pattern[str]
    over: re.Pattern[str]
    rest: re.Pattern[str]
    again: re.Pattern[str]
    still: re.Pattern[str]
    past: re.Pattern[str]
    now: re.Pattern[str]


@dataclass(frozen=True)
class DangerWords:
    """All languages, their patterns made when a text is first looked at.

    Most processes read the file to refuse a wrong one, and no text.
    """

    file: DangerFile

    @property
    def version(self) -> str:
        """The version of the playbook."""
        return self.file.version

    @property
    def signs(self) -> tuple[str, ...]:
        """The codes of all signs, in the order of the playbook."""
        return tuple(self.file.signs)

    @cached_property
    def languages(self) -> Mapping[str, Language]:
        """How each language says signs."""
        return {code: _language(self.file, code) for code in self.file.denied}

    @cached_property
    def numbers(self) -> Sequence[tuple[Numbers, re.Pattern[str]]]:
        """Measured numbers, each with the words that it is known by."""
        return [(one, _any(one.words, anywhere=True)) for one in self.file.numbers]

    @cached_property
    def but(self) -> re.Pattern[str]:
        """What parts clauses in each language."""
        every = (_any(self.file.but[code], code=code).pattern for code in self.file.denied)
        return re.compile("|".join(every))

    @cached_property
    def lookalikes(self) -> frozenset[str]:
        """Words that are near to one of a sign and mean something else."""
        return frozenset(plain(word) for word in self.file.lookalikes)

    @cached_property
    def spelled(self) -> frozenset[str]:
        """Whole words of signs that are long enough to be known with one letter wrong."""
        return _spelled(self.file)

    @cached_property
    def by_length(self) -> Mapping[int, Sequence[str]]:
        """`spelled` by their number of letters."""
        found: dict[int, list[str]] = {}
        for word in sorted(self.spelled):
            found.setdefault(len(word), []).append(word)
        return found


def plain(text: str) -> str:
    """Return a text as it is compared: small letters, no accents, digits of one kind."""
    small = unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE)
    parts = (c for c in unicodedata.normalize("NFD", small) if not _is_stripped(c))
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in parts)
    bare = unicodedata.normalize("NFC", digits).translate(_ALIKE)
    return _MANY.sub(r"\1\1", _SHORT.sub(_in_full, bare))


def _is_stripped(char: str) -> bool:
    return any(ord(char) in one for one in _STRIPPED)


def _in_full(match: re.Match[str]) -> str:
    if match[1]:
        return "cannot"
    if match[2]:
        return f"{match[2]} not"
    return "will not" if match[0].startswith("wo") else " not"


def load_danger(path: Path) -> DangerWords:
    """Read the words strictly. Raises PlaybookError with file, line and mend."""
    document = read(path)
    file = document.validate(DangerFile)
    for sign, by_language in file.signs.items():
        if missing := set(file.denied) - set(by_language):
            raise document.error(("signs", sign), f"{sign}: no words in {sorted(missing)}")
    for name in ("not_a_sign", "soft", "over", "again", "still", "past", "now", "asked", "but"):
        if missing := set(file.denied) - set(getattr(file, name)):
            raise document.error((name,), f"{name}: no words in {sorted(missing)}")
    return DangerWords(file)


def _spelled(file: DangerFile) -> frozenset[str]:
    words = {
        word
        for by_language in file.signs.values()
        for code in ("en", "ru", "fr")
        for line in by_language[code]
        for word in re.split(r"[\s|+*]+", plain(line))
    }
    extra = {plain(word) for word in file.lookalikes}
    return frozenset(w for w in words if len(w) >= 7 and w.isalpha() and w not in extra)


def _language(file: DangerFile, code: str) -> Language:
    denied = file.denied[code]
    between = _choice(denied.between, code)
    gap = r"[\s,]*" if code in ANYWHERE else r"[\s]+"
    opening = rf"(?:{_choice(denied.before, code)})(?:{gap}(?:{between}))*\s*$"
    asking = rf"(?:{_choice(file.asked[code], code)})(?:{gap}(?:{between}))*\s*$"
    rest = rf"(?:{_choice(denied.rest, code)})"
    copula = r"[\s:\-–=(]*(?:is|are|was|were|has|have)?\s*"
    return Language(
        signs={
            sign: [_line(line, code) for line in by_language[code]]
            for sign, by_language in file.signs.items()
        },
        not_a_sign=[re.compile(_words(line, code)) for line in file.not_a_sign[code]],
        soft=[_line(line, code) for line in file.soft[code]],
        before=re.compile(opening),
        asked=re.compile(asking),
        after=re.compile(rf"^{copula}(?:{_choice(denied.after, code)})[\s)]*$"),
        over=re.compile(
            rf"^{copula}(?:now )?(?:{_choice(file.over[code], code)})(?:\s+{rest}|\W*$)"
        ),
        rest=re.compile(rf"^\W*(?:{rest}|$)"),
        again=_any(file.again[code], code=code),
        still=_any(file.still[code], code=code),
        past=_any(file.past[code], code=code),
        now=_any(file.now[code], code=code),
    )


def _line(line: str, code: str) -> Line:
    parts = tuple(_any(part.split(" | "), code=code) for part in line.split(" + "))
    return Line(parts, _SAYS_NO.search(plain(line)) is not None)


def _any(words: Sequence[str], *, code: str = "en", anywhere: bool = False) -> re.Pattern[str]:
    return re.compile(_choice(words, "zh" if anywhere else code))


def _choice(words: Sequence[str], code: str) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(_words(word, code) for word in longest_first)


def _words(phrase: str, code: str) -> str:
    """Return the pattern of words that stand together."""
    pattern = r"[\s\-]+".join(_word(word) for word in plain(phrase).split())
    latin = phrase.isascii()
    if code in ANYWHERE and not latin:
        return pattern.replace(r"[\s\-]+", r"\s*")
    before = _ARABIC if code == "ar" else ""
    return rf"(?<![^\W_]){before}(?:{pattern})(?![^\W_])"


def _word(word: str) -> str:
    choices = []
    for one in word.split("|"):
        stem = one.removesuffix("*")
        text = re.escape(stem).replace(r"\#", r"\d")
        choices.append(text + (r"[^\W_]*" if one.endswith("*") else ""))
    return choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})"
