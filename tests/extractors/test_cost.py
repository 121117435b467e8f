"""What makes reading cheap changes nothing that is found, and loads nothing that is not needed."""

import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from extractors.forms import corrected
from extractors.undecided import _SIGNS, _UNDECIDED

ROOT = Path(__file__).resolve().parents[2]
_CHANGES = [
    "grade",
    "Grade 1",
    "grade 3",
    "changed",
    "Re-Graded",
    "upstaged",
    "modified",
    "from",
    "to",
    "into",
    "be",
    "an",
    "HER2",
    "negative",
    "positive",
    "2+",
    "->",
    "=>",
    "\u2192",
    "has been",
    "later",
    "12 mm",
    "pT2",
    "\n",
    ":",
    ".",
]
_KINDS = [
    "carcinoma",
    "IDC",
    "ILC",
    "tumour",
    "versus",
    "vs",
    "vs.",
    "favour",
    "favored",
    "or",
    "ductal and lobular",
    "differential",
    "diagnosis",
    "includes",
    "ddx:",
    "dd :",
    "metastasis",
    "sarcoma",
    ".",
    ";",
    "\n",
]


def _texts(words: list[str], seed: int) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.choices(words, k=draw.randint(2, 24))) for _ in range(1_500)]


def test_corrections_are_found_wherever_their_patterns_match() -> None:
    found = 0
    for text in _texts(_CHANGES, 11):
        spans = [m.end() for p in (corrected._CHANGED, corrected._ARROW) for m in p.finditer(text)]
        assert [end for _, end in corrected.corrections(text)] == spans
        found += len(spans)
    assert found > 150


def test_what_is_undecided_has_the_signs_that_are_looked_for_first() -> None:
    found = 0
    for concept, sign in _SIGNS.items():
        for text in map(str.lower, _texts(_KINDS, 12)):
            if _UNDECIDED[concept].search(text):
                assert sign.search(text)
                found += 1
    assert found > 150


def test_a_file_of_text_loads_no_other_language_and_nothing_that_draws() -> None:
    program = (
        "import sys\n"
        "import adapters.reader.child, adapters.reader.pdf\n"
        "from extractors import extract, pages_from_text\n"
        "extract(pages_from_text('Left breast: invasive ductal carcinoma. ER positive.'),"
        " document_id='1')\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = set(done.stdout.split())
    assert "extractors.whole" in loaded
    assert not loaded & {
        "PIL",
        "adapters.reader.ocr",
        "adapters.reader.exports.fhir",
        "extractors.languages.german",
        "extractors.languages.rendering",
    }


@pytest.mark.parametrize("seed", [21, 22])
def test_a_bordered_text_knows_its_own_places(seed: int) -> None:
    """Its places are its parent's but where it was changed."""
    draw = random.Random(seed)
    text = " ".join(draw.choices([*_KINDS, *_CHANGES], k=400)).lower()
    from extractors.patterns import rx
    from extractors.searched import Searched

    low = Searched(text)
    spaces = [at for at, letter in enumerate(text) if letter.isspace()]
    cuts = [*sorted(draw.sample(spaces, 40)), len(text)]
    spans = [(a, min(a + draw.randint(1, 9), b)) for a, b in pairwise(cuts)]
    closed = low.filled(spans, ";")
    plain = list(text)
    for start, end in spans:
        plain[start:end] = ";" * (end - start)
    assert closed == "".join(plain) and isinstance(closed, Searched)
    for words in ("carcinoma", "grade ?[12]", ";", r"\bto\b", "; ?c", r"vs\.?;", r"\s", "[a-c]r"):
        pattern, before = rx(words), list(rx(words).finditer(low))
        spans_found = [m.span() for m in pattern.finditer(closed)]
        assert spans_found == [m.span() for m in pattern.finditer(str(closed))]
        assert len(before) == len(list(pattern.finditer(text)))
