"""Names in a letter: found as whole words, and only where a field or a person brought them in.

A patient may be called You, Ina or May. What the template itself says is no name, so its own
phrases are taken out of the letter before names are looked for in what is left.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from jinja2 import nodes

_LEAST_LETTERS, _LEAST_SIGNS = 3, 2
_UNPARTED = (
    "CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL", "YI", "THAI", "LAO", "KHMER", "MYANMAR",
    "TIBETAN", "ARABIC", "HEBREW", "SYRIAC",
)  # fmt: skip
"""Scripts that set no space between words, or write particles and prepositions into them."""
_PHRASE_END = re.compile(r"(?<=[.!?:;])\s|\n")
_EDGE_LETTERS = 4
_TAKEN = "\0"
_IN_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "đ": "dj"})
"""Letters that are also written as two (ICAO 9303-3, section 6; đ by custom)."""
_TWO = re.compile(r"ae|oe|ue|aa|dj")
_LEAST_IN_ONE = 5


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of a template, folded. Open at a side: a field stands there without a space.

    `repeats`: they stand in a loop and may come any number of times.
    """

    text: str
    repeats: bool = False
    open_left: bool = False
    open_right: bool = False


def name_parts(names: Iterable[str]) -> list[str]:
    """Return the parts of names that are long enough to be looked for.

    Three letters, or two signs of a script without spaces: Li and Ng are words in many texts.
    """
    parts = [part for name in names for part in name.split()]
    return [p for p in parts if len(p) >= (_LEAST_SIGNS if _is_unparted(p) else _LEAST_LETTERS)]


def own_phrases(tree: nodes.Template) -> tuple[Phrase, ...]:
    """Return what a template says by itself, phrase by phrase."""
    looped = {id(part) for loop in tree.find_all(nodes.For) for part in loop.find_all(nodes.Output)}
    phrases: list[Phrase] = []
    for output in tree.find_all(nodes.Output):
        for index, node in enumerate(output.nodes):
            repeats = id(output) in looped
            if isinstance(node, nodes.TemplateData):
                before, after = index > 0, index + 1 < len(output.nodes)
                phrases += _phrases(node.data, repeats, before, after)
            else:  # words that stand in an expression: {{ "one" if n == 1 else "more" }}
                strings = [c.value for c in node.find_all(nodes.Const) if isinstance(c.value, str)]
                phrases += [p for text in strings for p in _phrases(text, repeats)]
    return tuple(phrases)


def phrases_of(*texts: str, repeats: bool = False) -> tuple[Phrase, ...]:
    """Return ready sentences as phrases; `repeats`: they may come any number of times."""
    return tuple(phrase for text in texts for phrase in _phrases(text, repeats))


def _phrases(
    text: str, repeats: bool, before: bool = False, after: bool = False
) -> Iterable[Phrase]:
    pieces = _PHRASE_END.split(text)
    for index, piece in enumerate(pieces):
        left = before and index == 0 and piece[:1].isalnum()
        right = after and index == len(pieces) - 1 and piece[-1:].isalnum()
        words = fold(piece).split()
        # A word that a field goes on in ("{{ n }}th day") is taken out only when it is long
        # enough not to be a part of somebody's name.
        if left and words and len(words[0]) < _EDGE_LETTERS:
            words, left = words[1:], False
        if right and words and len(words[-1]) < _EDGE_LETTERS:
            words, right = words[:-1], False
        if any(map(_is_word_sign, "".join(words))):
            yield Phrase(" ".join(words), repeats, left, right)


def brought_in(text: str, own: Iterable[Phrase], names: Iterable[str], length: int = 0) -> bool:
    """Say whether one of `names` stands in a text outside the template's own phrases.

    `length`: look only into so many characters from the beginning, and to the end of the word
    there; 0 for the whole text.
    """
    folded = fold(text)
    end = len(fold(text[:length])) if length else len(folded)
    while end < len(folded) and _is_word_sign(folded[end]):
        end += 1
    ways = {way for name in names for way in _spellings(name) if way in folded[:end]}
    if not ways:  # as of most letters: what is not there need not be told from our own words
        return False
    left = without_own(folded, own)[:end]
    return any(_stands_in(way, left) for way in ways)


def _spellings(name: str) -> set[str]:
    """Return a name folded, with letters written as two, and with two written as one.

    A passport has Mueller for Müller. What is one letter shorter must be long: Loew is no "low".
    """
    folded = fold(name)
    in_two = fold(unicodedata.normalize("NFC", name).lower().translate(_IN_TWO))
    in_one = _TWO.sub(lambda found: found[0][0], folded)
    return {folded, in_two, in_one if len(in_one) >= _LEAST_IN_ONE else folded}


def without_own(folded: str, own: Iterable[Phrase]) -> str:
    """Return a folded text with the template's phrases blotted out; its length stays."""
    stock = Counter(own)
    for phrase in sorted(stock, key=lambda each: -len(each.text)):
        times = -1 if phrase.repeats else stock[phrase]
        for start in _places(phrase, folded):
            if times == 0:
                break
            end = start + len(phrase.text)
            folded = folded[:start] + _TAKEN * len(phrase.text) + folded[end:]
            times -= 1
    return folded


def _places(phrase: Phrase, text: str) -> list[int]:
    return [
        start
        for start in _starts(phrase.text, text)
        if (phrase.open_left or _is_edge(text, start))
        and (phrase.open_right or _is_edge(text, start + len(phrase.text)))
    ]


def _starts(part: str, text: str) -> Iterable[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + len(part))


def _stands_in(name: str, text: str) -> bool:
    """Say whether a folded name stands in a folded text, as a word where its script has words."""
    if not name:
        return False
    if _is_unparted(name):
        return name in text
    start = text.find(name)
    while start >= 0:
        if _is_edge(text, start) and _is_edge(text, start + len(name)):
            return True
        start = text.find(name, start + 1)
    return False


def _is_edge(text: str, place: int) -> bool:
    """Say whether no word goes across a place between two signs."""
    if place in (0, len(text)):
        return True
    return not (_is_word_sign(text[place - 1]) and _is_word_sign(text[place]))


def _is_word_sign(sign: str) -> bool:
    """Say whether a sign belongs to a word: a letter, a mark on one, or a digit."""
    return unicodedata.category(sign)[0] in "LMN"


def _is_unparted(text: str) -> bool:
    return any(unicodedata.name(sign, "").startswith(_UNPARTED) for sign in text)


_ALIKE = str.maketrans({
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
})  # fmt: skip
"""Letters that somebody without their keys writes otherwise; ß is folded to ss already."""


def fold(text: str) -> str:
    """Return a text in which spellings of one name are equal: case, accents, spaces, apostrophes.

    Marks are left out (Müller = Muller), also those of Arabic vowels and invisible signs.
    """
    if text.isascii():  # nothing of what follows is in it
        return " ".join(text.split()).casefold()
    apart = unicodedata.normalize("NFKD", " ".join(text.split())).casefold()
    kept = "".join(
        sign
        for sign in unicodedata.normalize("NFKD", apart)
        if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf"
    )
    kept = kept.translate(_ALIKE)
    return unicodedata.normalize("NFC", kept)
