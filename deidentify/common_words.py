"""Words that reports use for something else than a person, though somebody may be called so."""

import re
from functools import lru_cache

from deidentify.dates import MONTHS
from deidentify.folding import fold
from deidentify.foreign_words import BEGINNINGS, WHOLE
from deidentify.labels import ALL_LABELS
from deidentify.words_a_to_k import WORDS as _FIRST
from deidentify.words_l_to_z import WORDS as _SECOND

_LETTERS = re.compile(r"[^\W\d_]{2,}(?:[\u0900-\u0903\u093a-\u094f]+[^\W\d_]*)*")
_WORDS = (
    frozenset((_FIRST + _SECOND).split())
    | frozenset(map(fold, WHOLE))
    | frozenset(map(fold, _LETTERS.findall(ALL_LABELS)))
    | frozenset(word for word in MONTHS if word.isalpha())
)


@lru_cache(maxsize=50_000)
def is_common(folded: str) -> bool:
    """Say whether a folded word is one of reports or letters."""
    return folded in _WORDS or (folded[:1] >= "а" and folded.startswith(BEGINNINGS))
