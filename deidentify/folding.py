"""Spellings of one name brought together: case, marks, scripts, sounds and what OCR confuses."""

import re
import unicodedata
from functools import lru_cache
from itertools import product

from anyascii import anyascii

_ALIKE = str.maketrans({
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ς": "σ",
    "ى": "ي", "ة": "ه", "ی": "ي", "ې": "ي", "ک": "ك", "ھ": "ه", "ہ": "ه", "ە": "ه", "ـ": "",
})  # fmt: skip
_DIGITS = {
    first + value: str(value)
    for first in (0x0660, 0x06F0, 0x0966, 0x09E6, 0xFF10)
    for value in range(10)
}
_NO_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]"
)
_ABJAD = re.compile("[\u0590-\u07ff\ufb1d-\ufdff\ufe70-\ufeff]")
_DOUBLED = re.compile(r"(.)\1+")
_TWO: tuple[tuple[str, str], ...] = (
    ("shch", "S"), ("sch", "S"), ("tch", "S"), ("tsch", "S"), ("hs", "S"), ("sh", "S"),
    ("ch", "!"), ("zh", "S"), ("kh", "K"), ("gh", "K"), ("ph", "F"), ("th", "T"), ("dh", "T"),
    ("bh", "P"), ("dj", "S"), ("dz", "S"), ("ts", "S"), ("tz", "S"), ("ck", "K"), ("x", "?"),
    ("gi", "^"), ("ge", "^"), ("gy", "^"),
)  # fmt: skip
_ONE = dict.fromkeys("bp", "P") | dict.fromkeys("fv", "F") | dict.fromkeys("td", "T")
_ONE |= dict.fromkeys("kg", "K") | dict.fromkeys("sz", "S") | {"l": "L", "r": "R"}
_ONE |= {"m": "M", "n": "N"} | {upper: upper for upper in "SKFTP"}
_MANY: dict[str, tuple[str, ...]] = {
    "w": ("F", ""),
    "j": ("S", ""),
    "c": ("K", "S"),
    "q": ("K", "S"),
    "!": ("S", "K"),
}
_MANY |= {"?": ("S", "KS"), "^": ("K", "", "S")}
_MOST_WAYS = 16
_READ_AS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("ii", "u"))
_SIGN_READ_AS = str.maketrans({"0": "o", "1": "l", "|": "l", "!": "l", "5": "s", "8": "b",
                               "6": "b", "$": "s", "i": "l", "@": "a", "9": "g"})  # fmt: skip
_NUMBER_READ_AS = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1", "S": "5", "B": "8",
                                 "Z": "2", "G": "6"})  # fmt: skip
_LOOKS_LATIN = str.maketrans({
    "а": "a", "в": "b", "г": "r", "д": "a", "е": "e", "ё": "e", "з": "3", "и": "n", "й": "n",
    "к": "k", "л": "n", "м": "m", "н": "h", "о": "o", "п": "n", "р": "p", "с": "c", "т": "t",
    "у": "y", "х": "x", "ц": "u", "ч": "4", "ш": "w", "щ": "w", "ь": "b", "ы": "bl", "э": "3",
    "ю": "lo", "я": "r", "б": "6", "α": "a", "β": "b", "γ": "y", "δ": "d", "ε": "e", "ζ": "z",
    "η": "n", "ι": "i", "κ": "k", "λ": "a", "μ": "u", "ν": "v", "ο": "o", "π": "n", "ρ": "p",
    "σ": "o", "τ": "t", "υ": "u", "χ": "x", "ω": "w",
})  # fmt: skip


def western_digits(text: str) -> str:
    """Return the text with digits of every script as 0 to 9; its length stays."""
    return text if text.isascii() else text.translate(_DIGITS)


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Return a word without case, accents, vowel marks and invisible signs; digits as 0 to 9."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(sign for sign in apart if unicodedata.category(sign) not in ("Mn", "Cf"))
    return western_digits(unicodedata.normalize("NFC", bare).translate(_ALIKE))


@lru_cache(maxsize=20_000)
def romanised(text: str) -> str:
    """Return the letters a to z that a word is written with in Latin script; nothing else."""
    plain = anyascii(text.replace("ь", "").replace("ъ", "")).lower()
    return "".join(sign for sign in plain if "a" <= sign <= "z")


@lru_cache(maxsize=20_000)
def skeletons(word: str) -> frozenset[str]:
    """Return the consonants of a Latin word as classes of sounds, in each way it may be meant.

    Muhammad, Mohamed and محمد have one in common; so have Zhang and Chang, Ivanov and Iwanow.
    """
    text = _DOUBLED.sub(r"\1", word)
    for letters, sign in _TWO:
        text = text.replace(letters, sign)
    choices = [_MANY.get(sign) or (_ONE.get(sign, ""),) for sign in text]
    ways = 1
    for at, choice in enumerate(choices):
        ways *= len(choice)
        if ways > _MOST_WAYS:
            choices[at] = choice[:1]
            ways //= len(choice)
    return frozenset("".join(way) for way in product(*choices))


@lru_cache(maxsize=20_000)
def as_read(folded: str) -> str:
    """Return a folded word with signs as one that OCR mixes up (rn and m, 0 and o)."""
    text = folded.translate(_SIGN_READ_AS)
    for printed, read in _READ_AS:
        text = text.replace(printed.translate(_SIGN_READ_AS), read)
    return text


def number_as_read(text: str) -> str:
    """Return letters and digits of a number, with letters that look like digits as digits."""
    plain = western_digits(unicodedata.normalize("NFKC", text)).upper()
    return "".join(filter(str.isalnum, plain)).translate(_NUMBER_READ_AS)


def looks_like(folded: str) -> str:
    """Return a Cyrillic or Greek word as English OCR reads it: Иванова is MBaHoBa."""
    return folded.translate(_LOOKS_LATIN)


def is_unparted(text: str) -> bool:
    """Say whether a text has signs of a script that sets no spaces between words."""
    return not text.isascii() and bool(_NO_SPACES.search(text))


def is_abjad(text: str) -> bool:
    """Say whether a word is of a script that leaves out vowels."""
    return not text.isascii() and bool(_ABJAD.search(text))
