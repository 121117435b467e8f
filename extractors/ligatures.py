"""Lost ligatures: `posi&ve` is "positive" in a font whose sign for "ti" was mapped to another one.

Fonts draw "ti", "tt", "ft" or "fi" as one glyph, and files give that glyph a wrong character or
none. Within one document the same sign stands for the same letters, so a few known words tell what
all of them mean. Nothing is changed where the words do not agree.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import product

_LETTERS = ("ti", "tt", "fi", "fl", "ff", "ft", "tf", "ffi", "ffl", "tti")
# Words of reports that have one of them; what a report cannot do without.
_COMMON = """
patient patients positive negative identified estimated infiltrating infiltration section
sections sectioned resection dissection infection injection immunoreactivity reactive tissue
tissues metastatic mitotic activity diagnostic prognostic identification classification
modified verified specified certified confirmed affirmed fixed fixation fixative fibrosis
fibrous fibroadenoma fibrocystic fibrofatty amplification amplified definite definitive
significant calcification calcifications microcalcifications differentiated differentiation
differential undifferentiated quantitative lactiferous submitted admitted committed attached
attending attention cutting scattered pattern patterns fatty left soft draft after tufts
shift graft flow flattened flat superficial artifact artificial ventilation estimation
indication indications location examination radiation operation operative evaluation
association proliferation orientation palpation correlation presentation institution
consultation description intervention function junction connective retraction reaction
extraction traction sentinel partial partially initial essential potential particularly
continuous continued contiguous identical vertical cortical sclerotic necrotic cystic
pancreatic hepatic lymphatic lymphatics prostatic still first testing fraction infarction
lactation effect effects effected affected nottingham little cotton bottle better letter
fitted offered office officer staff different diffuse diffusely suffix stiff coefficient
efficient efficacy sufficient insufficient difficult unified ratified purified magnified
notified qualified reporting interpretation antigen antibody anti multifocal multifocality
multiple time times title active inactive relative relatively native alternative sensitive
palliative curative effective objective subjective selective collective respective
perspective fifteen fifty five find finding findings final finally figure figures field
fields fine confined refined defined reflect reflects reflected inflammatory inflammation
inflamed influence fluorescence fluid fluids flank flap affirmative offset offer buffer
buffered
"""
_KNOWN = frozenset(_COMMON.split())
_SIGN = r"(?:\(cid:\d+\)|[^\sA-Za-z0-9\u00c0-\u017f'’.,:;/()\[\]+=<>\"\-–—])"
# Ligatures that have a character of their own (Unicode, Alphabetic Presentation Forms).
_TYPED = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
_EDGE = r"(?![^\s.,;:)])"
_DAMAGED = re.compile(
    rf"(?<![A-Za-z])[A-Za-z]{{0,24}}[a-z]{_SIGN}(?:{_SIGN}?[a-z]{{1,24}}"
    rf"(?:{_SIGN}{{1,2}}[a-z]{{1,24}}){{0,3}}(?:{_SIGN}{_EDGE})?|{_EDGE})|"
    rf"(?<![^\s(]){_SIGN}[a-z]{{2,24}}"
)
_ONE_SIGN = re.compile(_SIGN)
_GAP = re.compile(r"(?<![A-Za-z])(?=([A-Za-z]{1,20} [a-z]{1,20})(?![a-z]))")
_WORD = re.compile(r"[A-Za-z]{5,}")
_ENOUGH = 2
_MOST = 2_000


def mended(text: str) -> str:
    """Return a text with the ligatures put back that it shows to have lost."""
    text = _with_signs(text.translate(_TYPED))
    words = set(_WORD.findall(text))
    pairs = (
        _GAP.findall(text) if len(_tails().intersection(text.lower().split())) >= _ENOUGH else ()
    )
    return _put_back(text, _votes((*pairs, *words)))


def mended_words(words: list[str]) -> list[str]:
    """Return words of a page with their lost ligatures, one for one; the list itself if none."""
    together = "\n".join(words).translate(_TYPED)
    whole = _with_signs(together)
    whole = _put_back(whole, _votes(_WORD.findall(whole)))
    made = whole.split("\n")
    return words if made == words or len(made) != len(words) else made


def _with_signs(text: str) -> str:
    """Put letters in the place of the signs that stand for them within words."""
    found = [match[0] for match in _DAMAGED.finditer(text)]
    if not found:
        return text
    votes: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for word in found[:_MOST]:
        signs = sorted({match[0] for match in _ONE_SIGN.finditer(word)})
        for meant in product(_LETTERS, repeat=len(signs)) if len(signs) < 3 else ():
            whole = word
            for sign, letters in zip(signs, meant, strict=True):
                whole = whole.replace(sign, letters)
            if whole.lower() in _KNOWN:
                for sign, letters in zip(signs, meant, strict=True):
                    votes[sign][letters].add(whole.lower())
    meaning: dict[str, str] = {}
    settled: set[str] = set()
    for sign, choices in votes.items():
        letters = max(choices, key=lambda one: len(choices[one]))
        rest = sum(len(words) for one, words in choices.items() if one != letters)
        if rest * 4 <= len(choices[letters]):
            meaning[sign] = letters
            settled |= {sign} if len(choices[letters]) >= _ENOUGH else set()

    def mend(match: re.Match[str]) -> str:
        word = whole = match[0]
        for sign, letters in meaning.items():
            whole = whole.replace(sign, letters)
        sure = all(sign in settled for sign in meaning if sign in word)
        edge = word.startswith(tuple(meaning)) or word.endswith(tuple(meaning))
        # At a word's edge a sign may be a mark of its own: there both must be known.
        known = whole.lower() in _KNOWN
        return whole if (sure and (known or not edge)) or (known and not edge) else word

    return _DAMAGED.sub(mend, text) if meaning else text


@lru_cache(maxsize=1)
def _without() -> dict[str, tuple[str, str]]:
    """Return known words by what is left when their ligature is lost, with a blank or without."""
    left: dict[str, tuple[str, str]] = {}
    for word in _KNOWN:
        for letters in _LETTERS:
            before, found, behind = word.partition(letters)
            if not found or letters in behind or not before or not behind:
                continue
            for key in (f"{before} {behind}", before + behind):
                if len(key) >= 5 and key not in _KNOWN:
                    left[key] = ("", "") if key in left else (word, letters)
    return {key: value for key, value in left.items() if value[0]}


@lru_cache(maxsize=1)
def _tails() -> frozenset[str]:
    """Return what stands behind the gap of known words, but for what is a word itself."""
    tails = {key.partition(" ")[2] for key in _without() if " " in key}
    return frozenset(tails - {"on", "al", "er", "is", "me", "ant", "in"})


def _votes(words: Iterable[str]) -> dict[str, str]:
    """Return the damaged words among `words` with their mending, when enough of them agree."""
    left = _without()
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for word in words:
        known = left.get(word.lower())
        if known is not None:
            found[known[1]][word.lower()] = known[0]
    return {
        key: word
        for words_of in found.values()
        if len(words_of) >= _ENOUGH
        for key, word in words_of.items()
    }


def _put_back(text: str, votes: dict[str, str]) -> str:
    if not votes:
        return text
    words = "|".join(map(re.escape, sorted(votes, key=len, reverse=True)))
    return re.sub(
        rf"(?<![A-Za-z])(?:{words})(?![A-Za-z])",
        lambda match: match[0][0] + votes[match[0].lower()][1:],
        text,
        flags=re.IGNORECASE,
    )
