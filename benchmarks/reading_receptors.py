"""Receptors with fresh seeds: affirmed, denied, open, of somebody else, or not a result at all.

`{m}` is the marker's name. Around the sentence stand legends, methods and controls, as
laboratories print them; they must change nothing.
"""

import random
from collections.abc import Iterator, Sequence

from benchmarks.reading_forms import Form, Truth

NAMES = {
    "breast.er": ("ER", "Estrogen receptor", "Oestrogen receptors", "estrogen receptor (ER)"),
    "breast.pr": ("PR", "Progesterone receptor", "PgR", "progesterone receptor (PR)"),
    "breast.her2": ("HER2", "HER-2/neu", "Her2", "HER2/neu (c-erbB-2)"),
}
AFFIRMED = (
    "{m}: positive", "{m}: Positive (95 %)", "{m} positive, 90 %", "{m} - positive, strong",
    "Positive for {m}", "The tumor cells are positive for {m}", "{m} POSITIVE",
    "{m} is positive in the tumour cells", "{m} status: positive", "{m}: strongly positive",
    "{m} immunostain is positive", "{m} by immunohistochemistry: positive",
    "{m} shows strong nuclear staining", "{m}....positive", "{m} = positive",
    "{m} : +ve", "{m} result: Positive", "{m} (clone SP1): positive",
    "Immunostains show the tumor to be positive for {m}", "{m}: Positive. Controls adequate",
    "{m}: diffusely positive", "{m} were positive", "{m} staining is positive",
    "{m}, positive", "{m}: pos", "{m} is strongly and diffusely positive",
    "Invasive carcinoma is {m} positive", "{m}: positive (reported on the core)",
    "{m}\tPositive", "{m}: POSITIVE (see table)",
)  # fmt: skip
DENIED = (
    "{m}: negative", "{m}: Negative (0 %)", "{m} negative", "{m} - negative",
    "Negative for {m}", "The tumor cells are negative for {m}", "{m} NEGATIVE",
    "{m} is negative in the tumour cells", "{m} status: negative", "{m}: completely negative",
    "{m} immunostain is negative", "{m} by immunohistochemistry: negative",
    "{m} shows no staining", "{m}....negative", "{m} = negative", "{m} : -ve",
    "{m} result: Negative", "{m} (clone SP1): negative", "No {m} expression is seen",
    "Immunostains show the tumor to be negative for {m}", "{m}: Negative. Controls adequate",
    "{m} is not expressed", "{m} were negative", "{m} staining is negative",
    "{m}, negative", "{m}: neg", "The tumour does not express {m}",
    "Invasive carcinoma is {m} negative", "Absence of {m} staining",
    "Without expression of {m}",
)  # fmt: skip
OPEN = (
    "{m}: pending", "{m} has been ordered", "{m} will be reported in an addendum",
    "{m}: not performed", "{m}: cannot be assessed", "{m} requested", "{m}: see separate report",
    "{m}: performed on the previous core, see that report", "{m} to follow",
    "Block A3 was sent for {m}", "{m}: unknown", "{m}: not stated", "{m}: insufficient tissue",
    "{m} is planned on the excision", "{m}: N/A", "{m}: ",
)  # fmt: skip
OTHERS = (
    "Her mother had a {m} positive breast cancer",
    "Family history: sister with {m} positive carcinoma at 41",
    "Known {m} positive control tissue was run with the slides",
    "Positive and negative controls for {m} stained as expected",
    "{m} positive is defined as staining of at least 1 % of the nuclei",
    "A score of 3 to 8 is considered {m} positive",
    "The antibody to {m} was developed by the laboratory",
    "{m} testing is used to identify patients for targeted treatment",
)  # fmt: skip
AROUND = (
    "Controls react appropriately.",
    "This test was developed and its performance characteristics determined by the laboratory.",
    "Allred score: 0 = no staining, 1 = <1 %, 2 = 1-10 %.",
    "Reference range: negative is defined as less than 1 % of cells.",
    "Cold ischemia time: less than 1 hour. Fixation: 10 hours in 10 % formalin.",
    "",
    "",
)


def reports(seed: int, count: int) -> Iterator[Form]:
    """Yield `count` reports; the same seed gives the same reports."""
    dice = random.Random(seed)
    for _ in range(count):
        yield _report(dice)


def _report(dice: random.Random) -> Form:
    lines = [
        "SURGICAL PATHOLOGY REPORT",
        "FINAL DIAGNOSIS: Left breast, lumpectomy: invasive ductal carcinoma, 1.4 cm.",
    ]
    truth: Truth = {}
    stop = dice.choice([".", ".", ";", ""])
    for field, names in NAMES.items():
        sentence, value = _sentence(dice)
        name = dice.choice(names)
        lines.append(sentence.format(m=name) + stop)
        truth[field] = value
        lines.extend(part for part in [dice.choice(AROUND)] if part)
    return Form("\n".join(lines) + "\n", truth)


def _sentence(dice: random.Random) -> tuple[str, str | None]:
    tables: Sequence[tuple[Sequence[str], str | None]] = (
        (AFFIRMED, "positive"), (DENIED, "negative"), (OPEN, None), (OTHERS, None),
    )  # fmt: skip
    sentences, value = dice.choices(tables, weights=(3, 3, 1, 1))[0]
    return dice.choice(sentences), value
