"""Forms with fresh seeds: printed options in every layout, and what is right for each.

Each form asks for receptors, grade, lymphovascular invasion and margins; every group is ticked
once, not at all, or twice. Right is the ticked value; for the others nothing may be stated.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Truth = dict[str, object]
"""The right value of each field; None where nothing is stated, `ASK` where a person is asked."""

ASK = "?"
"""The page has words for the field and does not settle it."""


@dataclass(frozen=True, slots=True)
class Form:
    """A text and what a careful reader takes from it."""

    text: str
    truth: Truth


@dataclass(frozen=True, slots=True)
class Asked:
    """A field, the labels that ask for it, and each printed answer with its value."""

    field: str
    labels: Sequence[str]
    options: Sequence[tuple[str, object]]


ASKED = (
    Asked("breast.er", ("ER", "Estrogen receptor", "Oestrogen receptor (ER)", "ER status"),
           (("Positive", "positive"), ("Negative", "negative"))),
    Asked("breast.pr", ("PR", "Progesterone receptor", "PgR"),
           (("Positive", "positive"), ("Negative", "negative"))),
    Asked("breast.her2", ("HER2", "HER2 (IHC)", "HER2/neu"),
           (("Positive (3+)", "positive"), ("Equivocal (2+)", "equivocal"),
            ("Negative (1+)", "negative"))),
    Asked("breast.grade", ("Histologic grade", "Nottingham grade", "Grade"),
           (("Grade 1", 1), ("Grade 2", 2), ("Grade 3", 3))),
    Asked("breast.lvi", ("Lymphovascular invasion", "Lymph-vascular invasion"),
           (("Present", "present_nos"), ("Not identified", "absent"))),
    Asked("tumour.margin_status", ("Margins", "Resection margins"),
           (("Involved by invasive carcinoma", "positive"),
            ("Uninvolved by invasive carcinoma", "negative"))),
)  # fmt: skip
# (empty, ticked): marks of one family.
_MARKS = (
    ("[ ]", "[X]"), ("[ ]", "[x]"), ("[]", "[X]"), ("( )", "(x)"), ("( )", "(X)"), ("☐", "☒"),
    ("☐", "☑"), ("□", "■"), ("○", "●"), ("___", "_X_"), ("__", "_x_"), ("\uf0a8", "\uf0fe"),
    ("\uf06f", "\uf0fd"), ("[ ]", "[✓]"),
)  # fmt: skip


def _row(label: str, words: Sequence[str], marks: Sequence[str], dice: random.Random) -> str:
    gap = dice.choice([" ", "  ", "   "])
    return f"{label}: " + gap.join(f"{m} {w}" for m, w in zip(marks, words, strict=True))


def _row_behind(label: str, words: Sequence[str], marks: Sequence[str], dice: random.Random) -> str:
    gap = dice.choice(["  ", "   ", "     "])
    return f"{label}: " + gap.join(f"{w} {m}" for m, w in zip(marks, words, strict=True))


def _lines(label: str, words: Sequence[str], marks: Sequence[str], dice: random.Random) -> str:
    indent = dice.choice(["", "  ", "    "])
    below = "\n".join(f"{indent}{m} {w}" for m, w in zip(marks, words, strict=True))
    return f"{label}:\n{below}"


def _wrapped(label: str, words: Sequence[str], marks: Sequence[str], dice: random.Random) -> str:
    pairs = [f"{m} {w}" for m, w in zip(marks, words, strict=True)]
    pad = " " * (len(label) + 2)
    return f"{label}: {pairs[0]}\n" + "\n".join(pad + pair for pair in pairs[1:])


_LAYOUTS: tuple[Callable[[str, Sequence[str], Sequence[str], random.Random], str], ...] = (
    _row, _row, _row_behind, _lines, _wrapped,
)  # fmt: skip


def forms(seed: int, count: int) -> Iterator[Form]:
    """Yield `count` forms; the same seed gives the same forms."""
    dice = random.Random(seed)
    for _ in range(count):
        yield _form(dice)


def _form(dice: random.Random) -> Form:
    lines = ["SURGICAL PATHOLOGY REPORT", "Left breast, lumpectomy: invasive ductal carcinoma."]
    truth: Truth = {}
    empty, full = dice.choice(_MARKS)
    layout = dice.choice(_LAYOUTS)
    asked = list(ASKED)
    dice.shuffle(asked)
    for one in asked:
        options = list(one.options)
        dice.shuffle(options)
        ticks = dice.choice((1, 1, 1, 1, 0, 2))
        chosen = dice.sample(range(len(options)), ticks)
        marks = [full if i in chosen else empty for i in range(len(options))]
        words = [word for word, _ in options]
        lines.append(layout(dice.choice(one.labels), words, marks, dice))
        truth[one.field] = options[chosen[0]][1] if ticks == 1 else ASK
    return Form("\n".join(lines) + "\n", truth)
