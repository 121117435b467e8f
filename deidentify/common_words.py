"""Words that reports use for something else than a person, though somebody may be called so."""

from deidentify.words_a_to_k import WORDS as _FIRST
from deidentify.words_l_to_z import WORDS as _SECOND

_WORDS = frozenset((_FIRST + _SECOND).split())


def is_common(folded: str) -> bool:
    """Say whether a folded word is one of reports or letters."""
    return folded in _WORDS
