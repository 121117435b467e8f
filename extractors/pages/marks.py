"""Raised small characters: a footnote's mark is a word of its own, never a digit of a value.

`1.4` with a raised `1` behind it is 1.4 and a mark. The mark is written with the raised
characters of Unicode, which no pattern takes for a number, at the end of its line, so that value
and unit stay together.
"""

_SMALL, _LARGE = 0.8, 1.25
_RAISED = 0.15
_DESCENT = 0.21
_UNITS = ("mm", "cm", "dm", "µm", "um")
_TIMES = frozenset("x×·*")
_RAISED_TEXT = str.maketrans("0123456789abcdefgh", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰ")
_BEGINS = frozenset("0123456789abcdefgh*†‡§")
MARK = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰ†‡§,")


def is_mark(word: str) -> bool:
    """Say whether a word is a footnote's mark as `raised_text` writes it."""
    return word[:1] in MARK and word != "," and all(character in MARK for character in word)


def raised_text(word: str) -> str:
    """Return a mark in raised characters."""
    return word.translate(_RAISED_TEXT)


def is_raised(size: float, bottom: float, base: float, base_bottom: float) -> bool:
    """Say whether a glyph is small and stands above the base line of its neighbour."""
    return size <= _SMALL * base and _rise(size, bottom, base, base_bottom) >= _RAISED * base


def _rise(size: float, bottom: float, base: float, base_bottom: float) -> float:
    """Return by how much the small glyph's base line is above the large one's."""
    return (base_bottom - _DESCENT * base) - (bottom - _DESCENT * size)


def is_base(size: float, bottom: float, mark: float, mark_bottom: float) -> bool:
    """Say whether a glyph is large and stands below the foot of the mark before it."""
    return size >= _LARGE * mark and _rise(mark, mark_bottom, size, bottom) >= _RAISED * size


def begins_mark(word: str, raised: str) -> bool:
    """Say whether a raised character behind `word` is a mark; ordinals and units are not."""
    return raised in _BEGINS and not (raised in ("2", "3") and word.endswith(_UNITS))


def is_power(before: str, word: str) -> bool:
    """Say whether what is raised behind `word` is an exponent: `x 10` comes before it."""
    return word[-2:] == "10" and (word[-3:-2] or before[-1:]) in _TIMES
