"""How laboratories set out a breast report, with fresh seeds: the same facts in many layouts.

Columns of spaces, a form that lost its line ends, dictated sentences, lists of edges with remarks,
counts of nodes in many words; beside them what must be asked or must not be read: printed choices
that nobody marked, a verdict beside HER2 2+, one focus beside a code of several, an old entry of a
chronology, a relative's disease.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.reading_forms import ASK, Form, Truth

_KINDS = {
    "invasive ductal carcinoma": "idc_nst",
    "invasive carcinoma of no special type": "idc_nst",
    "invasive lobular carcinoma": "ilc",
}
_EDGES = ("superior", "inferior", "medial", "lateral", "anterior", "deep")
_REMARKS = ("", "", "", " (see block 4)", " (see specimen 2)", " (inked blue)")


@dataclass(frozen=True, slots=True)
class _Facts:
    """What one report says, and how its fields are right."""

    side: str
    kind: str
    grade: int
    mm: int
    positive: int
    examined: int
    lvi: bool
    er: int
    pr: int
    her2: int
    edges: dict[str, int]

    @property
    def closest(self) -> int:
        return min(self.edges.values())

    @property
    def truth(self) -> Truth:
        return {
            "breast.histology": _KINDS[self.kind],
            "breast.grade": self.grade,
            "breast.size_mm": float(self.mm),
            "breast.lvi": "present_nos" if self.lvi else "absent",
            "breast.nodes_positive": self.positive,
            "tumour.nodes_examined": self.examined,
            "breast.er": "positive" if self.er else "negative",
            "breast.pr": "positive" if self.pr else "negative",
            "breast.her2": "positive" if self.her2 == 3 else "negative",
            "tumour.margin_status": "negative",
            "breast.margin_mm": float(self.closest),
            "tumour.laterality": self.side,
        }


def _facts(dice: random.Random) -> _Facts:
    examined = dice.randint(1, 19)
    edges = dice.sample(_EDGES, dice.randint(3, 6))
    return _Facts(
        dice.choice(("left", "right")),
        dice.choice(sorted(_KINDS)),
        dice.choice((1, 2, 3)),
        dice.randint(4, 44),
        dice.randint(0, min(examined, 9)),
        examined,
        dice.random() < 0.5,
        dice.choice((0, 5, 40, 90)),
        dice.choice((0, 20, 70)),
        dice.choice((0, 1, 3)),
        {edge: dice.randint(2, 19) for edge in edges},
    )


def reports(seed: int, count: int) -> Iterator[Form]:
    """Yield `count` reports; the same seed gives the same reports."""
    dice = random.Random(seed)
    kinds: tuple[Callable[[random.Random], Form], ...] = (
        _columns, _one_line, _dictated, _indian, _chinese, _listed, _unmarked, _verdict_alone,
        _one_of_several, _chronology, _relative, _letter,
    )  # fmt: skip
    for _ in range(count):
        yield dice.choice(kinds)(dice)


def _nodes(dice: random.Random, facts: _Facts) -> str:
    some, all_of = facts.positive, facts.examined
    return dice.choice(
        (
            f"Lymph nodes: {some}/{all_of}.",
            f"Lymph nodes {all_of} retrieved, {some or 'none'} involved.",
            f"Nodes: examined {all_of}, positive {some}.",
            f"Lymph nodes: total {all_of}, positive {some}.",
            f"{some} of {all_of} lymph nodes positive.",
        )
        if all_of > 1
        else (f"Lymph nodes: {some}/{all_of}.", f"Nodes: examined {all_of}, positive {some}.")
    )


def _receptors(dice: random.Random, facts: _Facts) -> str:
    er, pr = (f"{'positive' if n else 'negative'}, {n}%" for n in (facts.er, facts.pr))
    score = f"{facts.her2}+" if facts.her2 else "0"
    verdict = "positive" if facts.her2 == 3 else "negative"
    return dice.choice(
        (
            f"ER: {er}\nPR: {pr}\nHER2: {verdict} ({score})",
            f"Estrogen receptor: {er}\nProgesterone receptor: {pr}\nHER2 IHC: {score} ({verdict})",
            f"ER {facts.er} %, PR {facts.pr} %, HER2 {verdict} (IHC {score})",
        )
    )


def _columns(dice: random.Random) -> Form:
    facts, truth = (made := _facts(dice)), dict(made.truth)
    wide = dice.choice((24, 30))
    rows = (
        ("Tumour type", facts.kind.capitalize()),
        ("Grade", f"{facts.grade}"),
        ("Invasive tumour size", f"{facts.mm} mm"),
        ("Lymphovascular invasion", "Present" if facts.lvi else "Not identified"),
        ("Closest margin", f"{facts.closest} mm"),
        ("Nodes examined", f"{facts.examined}"),
        ("Nodes positive", f"{facts.positive}"),
    )
    table = "\n".join(f"   {label:<{wide}}{value}" for label, value in rows)
    head = f"HISTOPATHOLOGY\n{facts.side.capitalize()} breast, wide local excision\n"
    return Form(f"{head}{table}\nMargins clear.\n{_receptors(dice, facts)}\n", truth)


def _one_line(dice: random.Random) -> Form:
    facts = _facts(dice)
    er, pr = ("Positive" if n else "Negative" for n in (facts.er, facts.pr))
    score = f"{facts.her2}+" if facts.her2 else "0"
    verdict = "Positive" if facts.her2 == 3 else "Negative"
    dcis = dice.choice(("Present", "Not identified"))
    text = (
        f"SYNOPTIC REPORT Procedure: Excision Specimen Laterality: {facts.side.capitalize()} "
        f"Tumor Site: Breast Histologic Type: {facts.kind.capitalize()} Overall Grade: Grade "
        f"{facts.grade} Tumor Size: {facts.mm} mm Ductal Carcinoma In Situ (DCIS): {dcis} "
        f"Lymphovascular Invasion: {'Present' if facts.lvi else 'Not identified'} Margin Status "
        "for Invasive Carcinoma: All margins negative for invasive carcinoma Distance from "
        f"Invasive Carcinoma to Closest Margin: {facts.closest} mm Number of Lymph Nodes "
        f"Examined: {facts.examined} Number of Lymph Nodes Positive: {facts.positive} ER Status: "
        f"{er} ({facts.er}%) PgR Status: {pr} ({facts.pr}%) HER2 Status: {verdict} ({score}) "
        "Ki-67: 12%"
    )
    truth = {**facts.truth, "breast.dcis_present": dcis == "Present", "breast.ki67_percent": 12}
    return Form(text + "\n", truth)


def _dictated(dice: random.Random) -> Form:
    facts = _facts(dice)
    name, near = min(facts.edges.items(), key=lambda pair: pair[1])
    vessels = "identified" if facts.lvi else "not identified"
    text = (
        f"FINAL DIAGNOSIS:\nA. {facts.side.capitalize()} breast, lumpectomy:\n"
        f"- {facts.kind.capitalize()}, Nottingham grade {facts.grade}, {facts.mm / 10} cm.\n"
        f"- Lymphovascular invasion {vessels}.\n"
        f"- All margins negative; closest margin is {name} at {near} mm.\n"
        f"B. Lymph nodes, axilla: {facts.positive}/{facts.examined}.\n{_receptors(dice, facts)}\n"
    )
    return Form(text, facts.truth)


def _indian(dice: random.Random) -> Form:
    facts = _facts(dice)
    row = ", ".join(f"{mm / 10} cm from {edge}" for edge, mm in facts.edges.items())
    text = (
        f"Specimen: Lumpectomy {facts.side} breast\n"
        f"GROSS - C/S: grey white tumor m/s {facts.mm / 10}x0.3x0.2 cm. Tumor is {row}.\n"
        f"MICROSCOPY - {facts.kind.capitalize()}, MBR grade {'I' * facts.grade}. LVI - "
        f"{'Present' if facts.lvi else 'Absent'}. All margins are free of tumor.\n"
        f"{_nodes(dice, facts)}\n{_receptors(dice, facts)}\n"
    )
    return Form(text, facts.truth)


def _chinese(dice: random.Random) -> Form:
    facts = _facts(dice)
    score = f"{facts.her2}+" if facts.her2 else "0"
    signs = [f"(+, about {n}%)" if n else "(-)" for n in (facts.er, facts.pr)]
    text = (
        f'Pathological diagnosis: 1. "{facts.side.capitalize()} breast": {facts.kind}, WHO grade '
        f"{'I' * facts.grade}, mass {facts.mm / 10}*0.3*0.2cm. Vascular tumor thrombus "
        f"{'(+)' if facts.lvi else '(-)'}. Surgical margins: negative for tumor. "
        f"2. Axillary lymph nodes: cancer metastasis {facts.positive}/{facts.examined}.\n"
        f"IHC: ER {signs[0]}, PR {signs[1]}, HER2 ({score}), Ki-67 (+, about 20%).\n"
    )
    truth = {name: right for name, right in facts.truth.items() if name != "breast.margin_mm"}
    return Form(text, truth)


def _listed(dice: random.Random) -> Form:
    facts = _facts(dice)
    unit = dice.choice(("", " mm"))
    between = dice.choice(("   ", ", ", "; ") if unit else ("   ", ", "))
    edges = between.join(
        f"{edge.capitalize()} {mm}{unit}{dice.choice(_REMARKS)}" for edge, mm in facts.edges.items()
    )
    head = "Excision margins (mm)" if not unit else "Excision margins:"
    text = (
        f"Right and left are marked. {facts.side.capitalize()} breast, WLE: {facts.kind}, grade "
        f"{facts.grade}.\nTumour size: {facts.mm} mm\n{head}\n   {edges}\n{_nodes(dice, facts)}\n"
    )
    wanted = ("breast.margin_mm", "breast.grade", "breast.size_mm", "breast.nodes_positive")
    return Form(text, {name: facts.truth[name] for name in wanted})


def _unmarked(dice: random.Random) -> Form:
    facts = _facts(dice)
    field, line = dice.choice(
        (
            ("breast.lvi", "Vascular invasion:  Present / Not seen / Possible"),
            ("breast.lvi", "LVI: Yes / No"),
            ("breast.er", "ER: Pos / Neg"),
            ("breast.er", "ER:  Positive / Negative      Score __ /8"),
            ("tumour.margin_status", "Margins: Reaches / Does not reach margin     Nearest ___ mm"),
            ("tumour.margin_status", "Margins: Involved / Clear"),
            ("breast.grade", "Grade: 1 / 2 / 3"),
        )
    )
    kept = "" if field == "breast.grade" else f"Grade: {facts.grade}\n"
    truth: Truth = {field: ASK, "breast.histology": _KINDS[facts.kind]}
    if kept:
        truth["breast.grade"] = facts.grade
    side = f"Side: {facts.side.capitalize()}            Specimen: Wide excision of breast"
    return Form(
        f"BREAST CANCER - MINIMUM DATA SET\n{side}\nTumour type: {facts.kind}\n{kept}{line}\n",
        truth,
    )


def _verdict_alone(dice: random.Random) -> Form:
    facts = _facts(dice)
    told = dice.choice(
        (
            "HER2: 2+\nConclusion: HER2-positive breast cancer.",
            "HER2 IHC: equivocal (2+). Summary: HER2 negative.",
            "HER2: 2+. HER2-positive carcinoma.",
            "HER2 equivocal (2+), sent for ISH. Final HER2 status: negative.",
        )
    )
    text = f"Core biopsy, {facts.side} breast: {facts.kind}, grade {facts.grade}.\n{told}\n"
    return Form(text, {"breast.her2": ASK, "breast.grade": facts.grade})


def _one_of_several(dice: random.Random) -> Form:
    facts = _facts(dice)
    said = dice.choice(("Single focus.", "Unifocal.", "Tumor focality: Single focus"))
    code = dice.choice(("pT2(m)", "mpT2", "pT2 (3)"))
    text = (
        f"{facts.side.capitalize()} breast, excision: {facts.kind}, grade {facts.grade}, 31 mm.\n"
        f"{said}\n{code} pN0\n"
    )
    return Form(text, {"breast.focality": ASK, "breast.grade": facts.grade, "tumour.pt": "pT2"})


def _chronology(dice: random.Random) -> Form:
    facts, old = _facts(dice), _facts(dice)
    other = "left" if facts.side == "right" else "right"
    start = dice.choice(("{y} ", "{m}/{y}: ", "- {m}/{y} ", "12.0{m}.{y} "))
    then = start.format(y=dice.randint(2003, 2017), m=dice.randint(1, 9))
    now = start.format(y=2024, m=dice.randint(1, 9))
    before = f"{old.kind}, grade {old.grade}, {old.positive}/{old.examined} nodes"
    today = f"{facts.kind}, grade {facts.grade}, ER {facts.er}%"
    text = f"{then}{other} breast: {before}\n{now}{facts.side} breast, core biopsy: {today}\n"
    truth: Truth = {
        "breast.grade": facts.grade,
        "breast.histology": _KINDS[facts.kind],
        "tumour.laterality": facts.side,
        "breast.er": "positive" if facts.er else "negative",
        "breast.nodes_positive": None,
    }
    return Form(text, truth)


def _relative(dice: random.Random) -> Form:
    facts = _facts(dice)
    told = dice.choice(
        (
            "Note: her sister has a grade 3 cancer with 3 of 10 positive nodes, HER2 positive.",
            "Family history: mother, breast cancer at 44, HER2 positive, 5/12 nodes.",
            "Her maternal aunt died of a grade 3 triple negative carcinoma of 60 mm.",
            "Cousin: BRCA1 carrier, 22 mm tumour, margins positive.",
        )
    )
    text = (
        f"{told}\n\nCore biopsy, {facts.side} breast: {facts.kind}, grade {facts.grade}.\n"
        f"ER: {facts.er}%\nHER2: 1+\n"
    )
    truth: Truth = {
        "breast.grade": facts.grade,
        "breast.er": "positive" if facts.er else "negative",
        "breast.her2": "negative",
        "breast.nodes_positive": None,
        "breast.size_mm": None,
        "breast.brca": None,
        "tumour.margin_status": None,
    }
    return Form(text, truth)


def _letter(dice: random.Random) -> Form:
    facts = _facts(dice)
    score = f"{facts.her2}+" if facts.her2 else "1+"
    text = (
        "Dear Colleague,\nThank you for seeing this lady. The MDT reviewed the histology of her "
        f"{facts.side} breast lumpectomy: a {facts.mm} mm grade {facts.grade} {facts.kind}, "
        f"{facts.positive}/{facts.examined} nodes involved, margins clear, the closest being "
        f"{facts.closest} mm. ER {'positive' if facts.er else 'negative'}, HER2 {score}. If the "
        "margins had been positive she would have needed more surgery. Her mother had a HER2 "
        "positive cancer. Radiotherapy 26 Gy in 5 fractions will follow.\nKind regards\n"
    )
    wanted = ("breast.grade", "breast.size_mm", "breast.nodes_positive", "tumour.nodes_examined")
    truth: Truth = {name: facts.truth[name] for name in (*wanted, "breast.er")}
    truth["breast.her2"] = "positive" if facts.her2 == 3 else "negative"
    truth |= {"tumour.margin_status": "negative", "breast.margin_mm": float(facts.closest)}
    return Form(text, truth | {"rt.prior_dose_gy": None, "tumour.laterality": facts.side})
