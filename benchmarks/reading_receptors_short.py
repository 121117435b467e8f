"""Receptors in short, with fresh seeds: as hospitals jot them down, and what may not be stated.

Signs, scores, lists and tables of several countries; HER2 by hybridisation with random ratio and
copies, whose group (ASCO/CAP 2018, J Clin Oncol 36:2105) is worked out here on its own; printed
ranges, counts of nodes and another tumour's receptors beside the values.
"""

import random
from collections.abc import Callable, Iterator, Mapping

from benchmarks.reading_forms import ASK, Form, Truth

ER, PR, HER2 = "breast.er", "breast.pr", "breast.her2"
_NAMES: Mapping[str, tuple[str, ...]] = {
    ER: ("ER", "ER", "E.R.", "Oestrogen receptor", "Estrogen Receptor (ER)"),
    PR: ("PR", "PR", "PgR", "Progesterone receptor", "P.R."),
    HER2: ("HER2", "Her2", "HER-2", "Her2/neu", "HER-2/neu", "c-erbB-2"),
}
_SHORT: Mapping[str, tuple[str, ...]] = {
    ER: ("ER",), PR: ("PR", "PgR"), HER2: ("HER2", "Her2", "HER-2"),
}  # fmt: skip
# (words behind the name, what they state): glued ones have no space before them.
_HORMONE: tuple[tuple[str, object], ...] = (
    ("+", "positive"), ("-", "negative"), ("+ve", "positive"), ("-ve", "negative"),
    (" +ve", "positive"), (" -ve", "negative"), (" - ve", "negative"), ("(+)", "positive"),
    ("(-)", "negative"), (" pos", "positive"), (" neg", "negative"), (" POS", "positive"),
    (" NEG", "negative"), (" +++", "positive"), (": 0", "negative"), (": 0%", "negative"),
    (" 0 %", "negative"), (" 95%", "positive"), (": 90-100%", "positive"), (" >95%", "positive"),
    (" <1%", "negative"), (": 9O%", "positive"), (" 8/8", "positive"), (" 0/8", "negative"),
    (" (7/8)", "positive"), (" [2/8]", "negative"), (": QS 8", "positive"),
    (" Quick score 0/8", "negative"), (" Allred 6", "positive"), (" Allred 0", "negative"),
    (": PS 4 IS 2 TS 6", "positive"), (" H-score 210", "positive"), (" H-score 0", "negative"),
    (": positive (100 %, 3+)", "positive"), (": strong, 90 %", "positive"),
    (": NEGATIVE (0%)", "negative"), (" pos (H-score 150)", "positive"),
    (" 95", ASK), (": 3+", ASK), (" <5%", ASK), (" IRS 9", ASK), (" ?pos", ASK),
    (": positive?", ASK), (" probably neg", ASK), (" pending", None), (" to follow", None),
)  # fmt: skip
_PROTEIN: tuple[tuple[str, object], ...] = (
    ("-", "negative"), ("+", "positive"), ("-ve", "negative"), (" -ve", "negative"),
    (" neg", "negative"), (" NEG (0)", "negative"), ("(1+)", "negative"), (" 1+", "negative"),
    (": 0", "negative"), (" IHC 0", "negative"), (" 3+", "positive"), (" +++", "positive"),
    (" ++", "equivocal"), (" 2+", "equivocal"), (": score 1+", "negative"), (" 0/3", "negative"),
    (": Negative (Score 0)", "negative"), (": positive (3+)", "positive"), (" IHC3+", "positive"),
    (" 2+ / FISH -", ASK), (" 2+/ISH+", "positive"), (" 2+, FISH not amplified", "negative"),
    (" 2+; D-DISH amplified", "positive"), (" (+)", ASK), (" IHC 0-1+", ASK), ("-low", ASK),
    (" ?neg", ASK), (" neg, to be confirmed", ASK), (" awaited", None),
)  # fmt: skip
_RANGES = (
    "", "", "", " (<1%)", " [ref <1%]", " (Negative: <1%, positive: >=1%)",
    " (cut-off 1%)", "   Negative: <1%  Low positive: 1-10%  Positive: >10%",
)  # fmt: skip
_SCORE_RANGES = ("", "", " (0-1+ negative, 2+ equivocal, 3+ positive)", " (score 0-2 negative)")
_BESIDE = (
    "0/3 nodes.", "LN 2/14.", "Nottingham 3/3 + 2/3 + 1/3 = 6/9.", "Sentinel nodes 0/3.",
    "IDC G2 18 mm.", "Margins clear.", "Ki-67 15%.", "pT1c pN0 (0/2).", "",
)  # fmt: skip
_TAKEN_BACK = (
    "{m} is not negative", "{m} cannot be called positive", "Not {m} positive",
    "{m} positivity is not excluded", "We are not convinced that {m} is negative",
    "{m} may be positive", "{m} is no longer positive", "It is doubtful whether {m} is negative",
)  # fmt: skip
_CONDITIONS = (
    "If {m} is positive, this is treated", "Unless {m} is negative, this is treated",
    "Should {m} prove positive, this is treated", "When {m} is negative, this is repeated",
)  # fmt: skip
_THEN = (
    "{y} right breast carcinoma: {r}.", "Previous right breast cancer ({y}) was {r}.",
    "H/o right breast cancer {y}, {r}.", "Contralateral carcinoma in {y}: {r}.",
)  # fmt: skip
_STILL = (
    "Current left tumour: receptors pending.", "ER, PR and HER2 of this tumour to follow.",
    "Receptors awaited.", "ER/PR/HER2 will be reported in an addendum.",
)  # fmt: skip
_SUMS: tuple[tuple[str, object, object], ...] = (
    ("Triple negative.", "negative", "negative"), ("TNBC.", "negative", "negative"),
    ("Triple negative invasive carcinoma.", "negative", "negative"),
    ("Hormone receptors negative.", "negative", None), ("Luminal A.", ASK, ASK),
    ("HR+, HER2-", ASK, "negative"), ("Hormone receptor positive.", ASK, None),
    ("Triple negative phenotype excluded.", ASK, ASK), ("Not triple negative.", ASK, ASK),
    ("Known triple negative control tissue was run.", None, None),
    ("Her sister had triple negative cancer.", None, None),
)  # fmt: skip


def reports(seed: int, count: int) -> Iterator[Form]:
    """Yield `count` short reports; the same seed gives the same reports."""
    dice = random.Random(seed)
    for _ in range(count):
        truth: Truth = {ER: None, PR: None, HER2: None}
        text = dice.choices(_KINDS, weights=(5, 3, 3, 2, 2, 2))[0](dice, truth)
        head = (
            "SURGICAL PATHOLOGY REPORT\nFINAL DIAGNOSIS: Left breast: invasive ductal carcinoma.\n"
        )
        yield Form(f"{head}{text}\n", truth)


def _line(dice: random.Random, truth: Truth) -> str:
    """One line, names and values in short, and something else beside them."""
    parts = []
    for field, values in ((ER, _HORMONE), (PR, _HORMONE), (HER2, _PROTEIN)):
        words, value = dice.choice(values)
        truth[field] = value
        parts.append(dice.choice(_SHORT[field]) + words)
    joined = dice.choice([", ", "; ", ", ", " , "]).join(parts)
    beside = dice.choice(_BESIDE)
    stop = ". " if dice.random() < 0.7 else "\n"
    return joined + stop + beside if dice.random() < 0.6 else f"{beside}\n{joined}."


def _rows(dice: random.Random, truth: Truth) -> str:
    """One row a marker: labels, leaders, tabs or bars, and a printed range behind the value."""
    between = dice.choice([": ", " : ", "\t", " | ", "     ", " - ", ".....", " = "])
    lines = []
    for field in (ER, PR):
        words, value = dice.choice(
            (("Positive, 90%", "positive"), ("Negative, 0%", "negative"), ("95%", "positive"),
             ("0%", "negative"), ("8/8", "positive"), ("0/8", "negative"), ("Positive", "positive"))
        )  # fmt: skip
        truth[field] = value
        ranged = dice.choice(_RANGES) if "%" in words else ""
        lines.append(dice.choice(_NAMES[field]) + between + words + ranged)
    words, value = dice.choice(
        (("1+", "negative"), ("3+", "positive"), ("Negative (1+)", "negative"),
         ("2+", "equivocal"), ("Score 0", "negative"))
    )  # fmt: skip
    truth[HER2] = value
    lines.append(dice.choice(_NAMES[HER2]) + between + words + dice.choice(_SCORE_RANGES))
    return "\n".join(lines)


def _gene(dice: random.Random, truth: Truth) -> str:
    """HER2 by hybridisation: random ratio and copies, with or without a verdict or a group."""
    ratio, copies = round(dice.uniform(0.8, 6.0), 2), round(dice.uniform(1.2, 12.0), 1)
    group = _group(ratio, copies)
    test = dice.choice(["FISH", "D-DISH", "ISH", "SISH", "dual ISH", "CISH"])
    numbers = dice.choice([
        "HER2/CEP17 ratio {r}, mean HER2 copy number {c}", "ratio {r}; HER2 copies/cell {c}",
        "ratio: {r}, average HER2 signals per cell: {c}", "copy number {c}, ratio {r}",
        "HER2/CEP17 = {r}, HER2 copies = {c}",
    ]).format(r=ratio, c=copies)  # fmt: skip
    score = dice.choice(["", "HER2 IHC 2+. ", "HER2 (IHC): 2+. "])
    said = {1: "positive", 5: "negative"}.get(group)
    form = dice.choice(["numbers", "group", "verdict", "behind", "against", "ratio"])
    truth[HER2] = said or ASK
    if form == "numbers":
        return f"{score}HER2 {test}: {numbers}."
    if form == "group":
        return f"{score}HER2 {test}: group {group} ({numbers})."
    if form == "ratio":
        truth[HER2] = ASK
        return f"{score}HER2 {test} ratio {ratio}."
    verdict = said or dice.choice(["positive", "negative"])
    truth[HER2] = verdict
    if form == "against" and said:
        verdict, truth[HER2] = ("positive" if said == "negative" else "negative"), ASK
    word = dice.choice({"positive": ["positive", "amplified"],
                        "negative": ["negative", "not amplified"]}[verdict])  # fmt: skip
    if form == "behind":
        return f"{score}HER2 {test}: {numbers} (group {group}), {word}."
    return f"{score}HER2 {test}: {word}, {numbers}."


def _group(ratio: float, copies: float) -> int:
    if ratio >= 2:
        return 1 if copies >= 4 else 2
    return 3 if copies >= 6 else 4 if copies >= 4 else 5


def _doubted(dice: random.Random, truth: Truth) -> str:
    """A verdict that is taken back, or one in a condition."""
    field = dice.choice((ER, PR, HER2))
    back = dice.random() < 0.6
    truth[field] = ASK if back else None
    sentence = dice.choice(_TAKEN_BACK if back else _CONDITIONS)
    return sentence.format(m=dice.choice(_NAMES[field])) + "."


def _another(dice: random.Random, truth: Truth) -> str:
    """The receptors of an earlier tumour, and those of today: to come, or told behind."""
    told = dice.choice(["ER+, PR+, HER2-", "ER positive, PR negative, HER2 3+", "triple negative",
                        "ER positive and HER2 negative", "ER-/PR-/HER2+"])  # fmt: skip
    then = dice.choice(_THEN).format(y=dice.randint(2005, 2019), r=told)
    if dice.random() < 0.6:
        return f"{then} {dice.choice(_STILL)}"
    truth.update({ER: "negative", PR: "positive", HER2: "negative"})
    return f"{then}\nPresent tumour: ER 0%, PR 80%, HER2 1+."


def _sum(dice: random.Random, truth: Truth) -> str:
    words, hormones, her2 = dice.choice(_SUMS)
    truth.update({ER: hormones, PR: None if words.startswith("Luminal") else hormones, HER2: her2})
    return words


_KINDS: tuple[Callable[[random.Random, Truth], str], ...] = (
    _line, _rows, _gene, _doubted, _another, _sum,
)  # fmt: skip
