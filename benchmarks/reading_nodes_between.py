"""Nodes between sentences of other findings: the verdict before and behind is of another thing.

"Margins are tumour-free. 8 lymph nodes, 2 with metastasis. Estrogen receptor positive": each report
draws a sentence before the nodes, one about them, and one behind, in English or German.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.reading_forms import Truth

_ENGLISH_BEFORE = (
    "The medial margin is not tumor-free.", "All margins are tumor-free.", "Margins negative.",
    "Margins are not free of tumor.", "The anterior margin is involved.", "Skin uninvolved.",
    "Lymphovascular invasion is present.", "No evidence of carcinoma in the nipple.",
    "Nipple free.",
    "Lymphovascular invasion: positive.", "The muscle is negative for tumor.", "Grade 2.",
    "DCIS is present.", "The posterior margin is positive.", "Skin: no carcinoma.",
    "Nipple: benign.",
    "Size 14 mm.", "The remaining breast shows benign changes.", "No residual tumor.",
    "Perineural invasion is absent.", "pT1c.", "Extensive intraductal component absent.",
)  # fmt: skip
_ENGLISH_BEHIND = (
    "Estrogen receptor positive in 85 % of cells.", "Hormone receptors positive.", "ER negative.",
    "Lymphovascular invasion is present.", "Margin positive.", "PD-L1 positive.", "Margins free.",
    "GATA3 positive.", "HER2 positive (3+).", "Estrogen receptor: positive.", "Skin not involved.",
    "No lymphovascular invasion.", "The posterior margin is involved.", "Cytokeratin 7 positive.",
    "Carcinoma in situ is present.", "E-cadherin positive.", "Androgen receptor positive.",
    "Ki-67 20 %.", "DCIS absent.", "Progesterone receptor negative, 0 %.", "Margins uninvolved.",
)  # fmt: skip
_GERMAN_BEFORE = (
    "Der mediale Resektionsrand ist nicht tumorfrei.", "Resektionsränder tumorfrei.",
    "Im Gesunden entfernt.", "Der Tumor erreicht den kranialen Resektionsrand.",
    "Malignitätsgrad G2.",
    "Lymphgefäßinvasion: vorhanden.", "Kein Tumor an den Resektionsrändern.", "Kein DCIS.",
    "Die Tumorgröße beträgt 12 mm.", "Der kraniale Resektionsrand ist nicht tumorfrei.",
)  # fmt: skip
_GERMAN_BEHIND = (
    "Östrogenrezeptor positiv in 85 % der Tumorzellen.", "ER 100 %.", "HER2 positiv (Score 3+).",
    "PgR negativ, 0 % der Tumorzellkerne.", "Lymphgefäßinvasion: vorhanden.", "Ki-67: 14 %.",
    "Kein Lymphgefäßeinbruch nachweisbar.", "Resektionsränder tumorfrei.",
    "Her2/neu: 1+ (negativ).",)  # fmt: skip
_ENGLISH_SICK = (
    "{e} lymph nodes, {p} of them with metastasis.", "Lymph nodes: {p}/{e} positive.",
    "{p} of {e} lymph nodes positive.", "Metastatic carcinoma in {p} of {e} lymph nodes.",
    "{e} lymph nodes examined, {p} involved.", "{p}/{e} lymph nodes with metastasis.",
)  # fmt: skip
_ENGLISH_FREE = (
    "{e} tumor-free lymph nodes.", "{e} lymph nodes free of tumor.", "{e} lymph nodes (0/{e}).",
    "0 of {e} lymph nodes involved.", "No metastasis in {e} lymph nodes.",
    "{e} benign lymph nodes.",
    "{e} lymph nodes negative for carcinoma.", "Lymph nodes: 0/{e}.", "{e} negative lymph nodes.",
)  # fmt: skip
_GERMAN_SICK = (
    "{e} Lymphknoten, davon {p} mit Metastase.", "{p} von {e} Lymphknoten metastatisch befallen.",
    "Metastasen in {p} von {e} Lymphknoten.", "Lymphknotenmetastasen ({p}/{e}).",
)  # fmt: skip
_GERMAN_FREE = (
    "{e} tumorfreie Lymphknoten.", "{e} Lymphknoten ohne Metastasen (0/{e}).",
    "Kein Nachweis von Metastasen in {e} Lymphknoten.", "Kein Tumornachweis in {e} Lymphknoten.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """A report's text, and what it states of its nodes."""

    text: str
    truth: Truth


def reports(seed: int, count: int) -> Iterator[Report]:
    """Yield `count` reports; the same seed gives the same ones."""
    dice = random.Random(seed)
    for _ in range(count):
        yield _german(dice) if dice.random() < 0.4 else _english(dice)


def _english(dice: random.Random) -> Report:
    told, truth = _nodes(_ENGLISH_FREE, _ENGLISH_SICK, dice)
    head = "Surgical pathology report\nDiagnosis: Left breast, lumpectomy and axillary dissection: "
    rows = ["Invasive ductal carcinoma.", dice.choice(_ENGLISH_BEFORE), told]
    rows += dice.sample(_ENGLISH_BEHIND, 2)
    return Report(head + dice.choice((" ", "\n")).join(rows) + "\n", truth)


def _german(dice: random.Random) -> Report:
    told, truth = _nodes(_GERMAN_FREE, _GERMAN_SICK, dice)
    head = "Pathologischer Befund\nMaterial: Segmentresektat Mamma links, Lymphknoten.\nDiagnose: "
    rows = ["Invasives lobuläres Karzinom.", dice.choice(_GERMAN_BEFORE), told]
    rows += dice.sample(_GERMAN_BEHIND, 2)
    return Report(head + dice.choice((" ", "\n")).join(rows) + "\n", truth)


def _nodes(free: tuple[str, ...], sick: tuple[str, ...], dice: random.Random) -> tuple[str, Truth]:
    examined = dice.randint(2, 18)
    positive = dice.choice((0, dice.randint(1, examined)))
    told = dice.choice(sick if positive else free).format(e=examined, p=positive)
    return told, {"breast.nodes_positive": positive, "tumour.nodes_examined": examined}
