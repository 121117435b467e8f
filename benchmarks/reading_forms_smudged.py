"""Forms of a scan as OCR spoils their labels: a colon read as another sign, torn and wrong letters.

The questions of `benchmarks.reading_forms` in the signs that the reader of scans writes. Each label
loses its colon, or keeps it beside a speck; a letter of it is misread, a word is torn, another one
glued. A value stays what is ticked, or becomes a question: the label alone states nothing. A box
that was not found is a letter or a bracket on its answer: nobody can tell what was ticked.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.reading_forms import ASK, ASKED, Truth
from extractors.types import Page

_STOPS = (
    ":", ":", ":", "", " .", ".", ";", ",", " |", "|", " :", ": |", ": .", " a", " oe", " i", " l",
    " '", " °", " »", " ~", " =", " -", " —", " |.", " !", " *", ": '", ": _", " e:", " |:", " J",
    " 3", " ;", " »:", " ”", " ‘", " [", " )",
)  # fmt: skip
_BETWEEN = ("", "", "", "", " .", " |", " '", " °", " ,", " _")
_LOST = ("[Q", "[", "O", "C", "[J", "LJ", "{", "@", "©", "Q")
"""What OCR makes of a box that was not found, on the word behind it."""
_READ_AS = {
    "i": "lj!", "l": "i1|", "o": "c0", "e": "co", "a": "og", "n": "mr", "r": "nt", "s": "z5",
    "t": "lf", "g": "q9", "v": "yu", "p": "n", "h": "b", "u": "v",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Smudged:
    """A scanned page with its labels spoiled, and what a careful reader takes from it."""

    text: str
    truth: Truth

    @property
    def pages(self) -> tuple[Page, ...]:
        return (Page(1, 595, 420, "ocr", "", self.text, (), 0.9),)


def forms(seed: int, count: int) -> Iterator[Smudged]:
    """Yield `count` forms; the same seed gives the same forms."""
    dice = random.Random(seed)
    for _ in range(count):
        yield _form(dice)


def _form(dice: random.Random) -> Smudged:
    lines = ["SURGICAL PATHOLOGY REPORT", "Left breast, lumpectomy: invasive ductal carcinoma."]
    truth: Truth = {}
    empty, full = dice.choice((("☐", "☒"), ("☐", "☒"), ("○", "●")))
    behind, below = dice.choice(((False, False), (False, False), (True, False), (False, True)))
    for one in dice.sample(ASKED, len(ASKED)):
        options = dice.sample(list(one.options), len(one.options))
        chosen = dice.sample(range(len(options)), dice.choice((1, 1, 1, 1, 0, 2)))
        told = []
        lost = dice.randrange(1, len(options)) if dice.random() < 0.05 else 0
        for at, (words, _) in enumerate(options):
            sign = full if at in chosen else empty
            if at and at == lost:
                told.append(dice.choice(_LOST) + words)
                continue
            told.append(f"{words} {sign}" if behind else f"{sign} {words}")
        label = _spoiled(dice.choice(one.labels), dice) + dice.choice(_STOPS)
        gap = "\n" if below else " "
        lines.append(label + gap + f"{dice.choice(_BETWEEN)}{gap}".join(told))
        if dice.random() < 0.2:
            lines.append(dice.choice("|.'_"))
        truth[one.field] = options[chosen[0]][1] if len(chosen) == 1 and not lost else ASK
    return Smudged("\n".join(lines) + "\n", truth)


def _spoiled(label: str, dice: random.Random) -> str:
    """Return a label as OCR may read it: mostly right."""
    way = dice.choice(("", "", "", "letter", "torn", "glued"))
    places = [at for at, letter in enumerate(label) if letter in _READ_AS]
    if way == "letter" and len(label) > 8 and places:
        at = dice.choice(places)
        return label[:at] + dice.choice(_READ_AS[label[at]]) + label[at + 1 :]
    if way == "torn":
        words = list(re.finditer(r"\w{3,}", label))
        if words:
            word = dice.choice(words)
            at = dice.randrange(word.start() + 1, word.end())
            return f"{label[:at]} {label[at:]}"
    if way == "glued" and " " in label:
        return label.replace(" ", "", 1)
    return label
