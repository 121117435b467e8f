"""A glossary: the words of a language in the English that the reading knows, inflected and joined.

Words are looked up without regard to case, lost umlauts and endings. A compound is known when all
its parts are; what is not known stays what it is and is never guessed at.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

_SHARP = re.compile(r"ß|(?<=[a-zäöü])B(?=[a-zäöü])")
_VOWELS = str.maketrans("äöü", "aou")
_WRITTEN_OUT = re.compile(r"(?<![aeq])([aou])e")
_ENDINGS = ("", "e", "n", "s", "en", "er", "es", "em", "ern", "ens", "ere", "eren", "se", "sen")
_LINKS = ("", "s", "n", "en", "es", "e", "er")
_LEAST_PART = 3
SAME = "{same}"
"""Stands for a word that is the same in English."""


def folded(word: str) -> str:
    """Return `word` in lower case, its umlauts as bare vowels however they are written."""
    plain = _SHARP.sub("ss", word).lower().translate(_VOWELS)
    return _WRITTEN_OUT.sub(r"\1", plain)


def table(block: str, spelling: Callable[[str], str] = folded) -> dict[str, str]:
    """Return `{folded word: English}` of lines `word, word = English`; "" for no English word."""
    found: dict[str, str] = {}
    for line in block.splitlines():
        words, _, english = line.partition("=")
        for word in words.split(","):
            if word.strip():
                found[" ".join(spelling(one) for one in word.split())] = english.strip()
    return found


def phrases(block: str) -> dict[str, str]:
    """Return the same for phrases, each word without its ending."""
    return {" ".join(map(bare, key.split())): said for key, said in table(block).items()}


@dataclass(frozen=True)
class Glossary:
    """What a language's words are in English.

    `words` stand alone, `parts` alone and within compounds; `phrases` are of several words;
    `headings` are those of a section, when they stand alone on a line or before a colon. `codes`
    and the words `same` are the same in English, as they are written or in any case. `spelled` are
    words that only an umlaut tells from others. `rules` put the English words into the English
    order: a pattern and what stands for it.
    """

    words: Mapping[str, str]
    parts: Mapping[str, str]
    phrases: Mapping[str, str]
    headings: Mapping[str, str]
    codes: frozenset[str]
    same: frozenset[str]
    spelled: Mapping[str, str]
    rules: tuple[tuple[re.Pattern[str], str], ...]
    _held: dict[str, str | None] = field(default_factory=dict)

    @property
    def longest(self) -> int:
        """How many words the longest phrase has."""
        return max(phrase.count(" ") + 1 for phrase in self.phrases)

    def english(self, word: str) -> str | None:
        """Return the English of one word or compound, "" for a word that adds nothing."""
        if word in self.codes:
            return SAME
        if word.lower() in self.spelled:
            return self.spelled[word.lower()]
        if word.lower() in self.same:
            return SAME
        key = folded(word)
        if key not in self._held:
            self._held[key] = self._looked_up(key)
        return self._held[key]

    def phrase(self, words: Iterable[str]) -> str | None:
        """Return the English of some words that stand together, if they are a phrase."""
        keys = [folded(word) for word in words]
        return self.phrases.get(" ".join(map(bare, keys)))

    def heading(self, words: Iterable[str]) -> str | None:
        """Return the English of a heading: the words of a line before its colon."""
        return self.headings.get(" ".join(bare(folded(word)) for word in words))

    def _looked_up(self, key: str) -> str | None:
        for known in (self.words, self.parts):
            said = _inflected(key, known.get)
            if said is not None:
                return said
        return self._split(key)

    def _split(self, key: str) -> str | None:
        """Return a compound's parts in English, the longest first part first."""
        for cut in range(len(key) - _LEAST_PART, _LEAST_PART - 1, -1):
            head = self.parts.get(key[:cut])
            if head is None:
                continue
            for link in _LINKS:
                rest = key[cut:]
                if not rest.startswith(link) or len(rest) - len(link) < _LEAST_PART:
                    continue
                tail = _inflected(rest[len(link) :], self.parts.get)
                tail = tail if tail is not None else self._split(rest[len(link) :])
                if tail is not None:
                    return f"{head} {tail}".strip()
        return None


def _inflected(key: str, known: Callable[[str], str | None]) -> str | None:
    for ending in _ENDINGS:
        # "Ober" is no "ob" with an ending.
        if key.endswith(ending) and (not ending or len(key) - len(ending) >= _LEAST_PART):
            said = known(key[: len(key) - len(ending)])
            if said is not None:
                return said
    return None


def bare(key: str) -> str:
    """Return a word of a phrase, folded, without its ending."""
    return re.sub(r"(?<=[a-z]{4})(?:e[nrsm]?|s)$", "", key)
