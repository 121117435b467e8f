"""Margins of bowel, pancreas and soft tissue with fresh seeds: rows, sentences, CRM, R, legends.

Wordings follow CAP's and RCPath's protocols (colon and rectum, exocrine pancreas, soft tissue) and
what pathologists dictate. A circumferential margin of 1 mm or less is involved (CAP, RCPath G049).

    python benchmarks/reading_edges.py [SEED ...] [-v]
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.reading_margins import AFFIRMED, DENIED, PLANNED, UNKNOWN
from extractors import extract, pages_from_text

STATUS, MM = "tumour.margin_status", "tumour.margin_mm"
CRM, CRM_MM, RESIDUAL = "tumour.crm_status", "tumour.crm_mm", "tumour.residual"
FIELDS = (STATUS, MM, CRM, CRM_MM, RESIDUAL)
Answers = dict[str, object]


@dataclass(frozen=True, slots=True)
class Organ:
    """An organ's report: its head, its tumour and the edges that its protocol lists."""

    heads: tuple[str, ...]
    tumours: tuple[str, ...]
    edges: tuple[str, ...]
    crm: tuple[str, ...] = ()


ORGANS = {
    "rectum": Organ(
        (
            "FINAL DIAGNOSIS:\nRectum, low anterior resection:\nAdenocarcinoma of the rectum.\n",
            "SURGICAL PATHOLOGY REPORT\nDIAGNOSIS:\nRectosigmoid, anterior resection: "
            "Adenocarcinoma of the rectum, moderately differentiated.\n",
        ),
        ("adenocarcinoma", "invasive carcinoma", "tumor"),
        ("proximal", "distal"),
        ("circumferential", "radial", "circumferential (radial)", "mesorectal"),
    ),
    "pancreas": Organ(
        (
            "FINAL DIAGNOSIS:\nPancreas, head, pancreatoduodenectomy:\nDuctal adenocarcinoma.\n",
            "SURGICAL PATHOLOGY REPORT\nDIAGNOSIS:\nWhipple resection: ductal adenocarcinoma "
            "of the head of the pancreas.\n",
        ),
        ("adenocarcinoma", "invasive carcinoma", "tumor"),
        (
            "pancreatic neck", "uncinate", "bile duct", "superior mesenteric artery",
            "portal vein groove", "proximal duodenal", "distal jejunal",
        ),
    ),
    "sarcoma": Organ(
        (
            "FINAL DIAGNOSIS:\nRetroperitoneum, mass, resection:\nDedifferentiated liposarcoma.\n",
            "SURGICAL PATHOLOGY REPORT\nDIAGNOSIS:\nSoft tissue, left thigh, wide resection: "
            "leiomyosarcoma, grade 2.\n",
        ),
        ("sarcoma", "tumor"),
        ("anterior", "posterior", "superior", "inferior", "medial", "lateral", "deep"),
    ),
    "recurrence": Organ(
        (
            "FINAL DIAGNOSIS:\nPelvis, presacral mass, resection:\nRecurrent adenocarcinoma of the "
            "rectum.\n",
        ),
        ("recurrent adenocarcinoma", "adenocarcinoma", "tumor"),
        ("anterior", "posterior", "lateral", "superior"),
    ),
}  # fmt: skip
_OPPOSITE = {"deep": "posterior", "posterior": "deep"}
_LEGENDS = (
    "R0 = no residual tumor, R1 = microscopic residual tumor, R2 = macroscopic residual tumor.",
    "A margin is considered positive if tumor is within 1 mm.",
    "R1 is defined as tumor at 1 mm or less from a margin.",
    "The circumferential margin is regarded as involved if tumor is within 1 mm (CAP).",
    "Legend: CRM positive = tumor at 1 mm or less.",
)
_OPEN_CRM = (
    "Circumferential margin: cannot be assessed", "CRM: not applicable", "Radial margin: pending",
    "The circumferential margin is inked black.", "CRM: indeterminate",
    "The radial margin cannot be evaluated.", "Circumferential (radial) margin:",
    "Sections of the circumferential margin will follow.",
    "MRI had predicted a clear circumferential margin if response continues.",
)  # fmt: skip
_OPEN_R = (
    "Residual tumor (R): cannot be determined", "R classification: RX", "Residual tumor: pending",
    "The aim is an R0 resection.", "R0 resection is planned.", "R status: not stated",
)  # fmt: skip
_R = (
    "{r} resection.", "Residual tumor: {r}", "R classification: {r}", "Resection status: {r}.",
    "Residual tumor (R): {r}", "Completeness of resection: {r}",
)  # fmt: skip
_CRM_FREE = (
    "{C} margin: uninvolved by {c}", "{C} margin: negative", "The {e} margin is free of {c}.",
    "The {e} margin is not involved by {c}.", "No {c} at the {e} margin.",
    "{C} margin is clear.", "{C} resection margin: Negative for {c}",
    "{C} margin uninvolved.", "{C} margin is negative for {c}.",
    "The {e} resection margin is uninvolved by {c}.",
)  # fmt: skip
_CRM_INVOLVED = (
    "{C} margin: involved by {c}", "{C} margin: positive", "The {e} margin is involved by {c}.",
    "{T} is present at the {e} margin.", "{T} extends to the {e} margin.",
    "{C} margin is positive for {c}.", "{C} resection margin: Positive for {c}",
    "The {e} margin is not free of {c}.", "{T} involves the {e} margin.",
    "{C} margin involved.",
)  # fmt: skip
_CRM_MM = (
    "Distance of {c} from the {e} margin: {mm}", "{T} is {mm} from the {e} margin.",
    "{T} comes to within {mm} of the {e} margin.", "{C} margin: {mm}",
    "Distance to {e} margin: {mm}", "{T} {mm} from the {e} margin.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A report and what it states; a field of `FIELDS` that is absent is not stated."""

    text: str
    expected: Answers = field(default_factory=dict)
    name: str = ""


def cases(seed: int, count: int) -> Iterator[Case]:
    """Yield `count` reports of all organs; the same seed gives the same reports."""
    dice = random.Random(seed)
    for number in range(count):
        name = dice.choice(list(ORGANS))
        organ = ORGANS[name]
        makers = _MAKERS + ((_crm, _crm, _open_crm) if organ.crm else ())
        maker = dice.choice(makers)
        text, expected = maker(dice, organ)
        if dice.random() < 0.3:
            text += "\n" + dice.choice(_LEGENDS)
        whole = dice.choice(organ.heads) + text + dice.choice(_TAILS)
        whole = whole.upper() if dice.random() < 0.1 else whole
        yield Case(whole, expected, f"{name} {maker.__name__} {number}")


def _mm(dice: random.Random, mm: float) -> str:
    return dice.choice([f"{mm:g} mm", f"{mm:g}mm", f"{mm / 10:g} cm"])


def _far(dice: random.Random) -> float:
    return float(dice.choice([2, 3, 4, 5, 7, 8, 12, 15]))


def _fill(sentence: str, edge: str, tumour: str, **more: str) -> str:
    said = sentence.format(
        e=edge, C=edge[0].upper() + edge[1:], c=tumour, T=tumour[0].upper() + tumour[1:], **more
    )
    return said[0].upper() + said[1:]


def _list(dice: random.Random, organ: Organ) -> tuple[str, Answers]:
    """The protocol's list of edges, one a line, perhaps one of them involved."""
    edges = dice.sample(organ.edges, min(len(organ.edges), dice.randint(2, 4)))
    if "deep" in edges and "posterior" in edges:
        edges.remove("deep")
    tumour = dice.choice(organ.tumours)
    bad = dice.choice(edges) if dice.random() < 0.5 else None
    free = dice.choice(["uninvolved", "negative", f"negative for {tumour}", "free of tumor"])
    sick = dice.choice(["involved", "positive", f"positive for {tumour}", f"involved by {tumour}"])
    head = dice.choice(["Margins:\n", "MARGINS\n", "Surgical margins:\n", ""])
    label = dice.choice(["{} margin: ", "{} margin - ", "- {} margin: "])
    lines = [
        label.format(edge[0].upper() + edge[1:]) + (sick if edge == bad else free) for edge in edges
    ]
    if bad:
        return head + "\n".join(lines), {STATUS: "positive", MM: 0.0}
    expected: Answers = {STATUS: "negative"}
    if dice.random() < 0.5:
        mm = _far(dice)
        lines.append(f"Distance of {tumour} from closest margin: {_mm(dice, mm)} ({edges[0]})")
        expected[MM] = mm
    return head + "\n".join(lines), expected


def _sentence(dice: random.Random, organ: Organ) -> tuple[str, Answers]:
    edge, tumour = dice.choice(organ.edges), dice.choice(organ.tumours)
    if dice.random() < 0.5:
        said = _fill(dice.choice(AFFIRMED), edge, tumour)
        return said, {STATUS: "positive", MM: 0.0}
    return _fill(dice.choice(DENIED), edge, tumour), {STATUS: "negative"}


def _beside(dice: random.Random, organ: Organ) -> tuple[str, Answers]:
    """One edge involved, another at a distance: the distance is of no closest margin."""
    edge = dice.choice(organ.edges)
    others = [e for e in organ.edges if e not in {edge, _OPPOSITE.get(edge)}]
    tumour, other = dice.choice(organ.tumours), dice.choice(others)
    said = _fill(dice.choice(AFFIRMED[:17]), edge, tumour)
    rest = dice.choice(
        [
            f" The {other} margin is {_mm(dice, _far(dice))} away.",
            " All other margins are negative.",
            f"\nDistance to closest uninvolved margin: {_mm(dice, _far(dice))} ({other})",
            _fill(" {T} is {mm} from the {e} margin.", other, tumour, mm=_mm(dice, _far(dice))),
        ]
    )
    return said + rest, {STATUS: "positive", MM: 0.0}


def _clear(dice: random.Random, organ: Organ) -> tuple[str, Answers]:
    edge, mm, tumour = dice.choice(organ.edges), _far(dice), dice.choice(organ.tumours)
    said = dice.choice(
        [
            f"All margins are negative for {tumour}; closest margin {_mm(dice, mm)} ({edge}).",
            f"Margins: uninvolved by {tumour}.\nDistance from closest margin: {_mm(dice, mm)}",
            f"{tumour[0].upper() + tumour[1:]} is {_mm(dice, mm)} from the {edge} margin. "
            "The other margins are clear.",
            f"The margins are free of {tumour}, the closest is the {edge} margin at "
            f"{_mm(dice, mm)}.",
        ]
    )
    return said, {STATUS: "negative", MM: mm}


def _residual(dice: random.Random, organ: Organ) -> tuple[str, Answers]:
    digit = dice.choice(["R0", "R1", "R2"])
    status = "negative" if digit == "R0" else "positive"
    return dice.choice(_R).format(r=digit), {RESIDUAL: digit, STATUS: status}


def _nothing(dice: random.Random, organ: Organ) -> tuple[str, Answers]:
    said = dice.choice([*PLANNED, *UNKNOWN, *_OPEN_R, *_LEGENDS])
    return _fill(said, dice.choice(organ.edges), dice.choice(organ.tumours)), {}


def _eye(dice: random.Random, organ: Organ) -> tuple[str, Answers]:
    """What the naked eye measured: a distance perhaps, never a status."""
    edge, mm = dice.choice(organ.edges), _far(dice)
    said = f"GROSS DESCRIPTION:\nThe mass is {_mm(dice, mm)} from the {edge} margin."
    return said, {MM: mm}


def _crm(dice: random.Random, organ: Organ) -> tuple[str, Answers]:
    """The circumferential margin alone, or below the ends of the bowel, which are free."""
    edge, tumour = dice.choice(organ.crm), dice.choice(organ.tumours)
    ends = dice.choice(["", "Proximal margin: uninvolved\nDistal margin: uninvolved\n"])
    kind = dice.choice(["free", "involved", "far", "near"])
    if kind == "free":
        said = _fill(dice.choice(_CRM_FREE), edge, tumour)
        return ends + said, {CRM: "clear", STATUS: "negative"}
    if kind == "involved":
        said = _fill(dice.choice(_CRM_INVOLVED), edge, tumour)
        return ends + said, {CRM: "involved", STATUS: "positive", MM: 0.0}
    mm = _far(dice) if kind == "far" else dice.choice([0.3, 0.5, 0.8, 1.0])
    said = _fill(dice.choice(_CRM_MM), edge, tumour, mm=_mm(dice, mm))
    expected: Answers = {CRM_MM: mm, MM: mm}
    if kind == "near":
        return said, {**expected, CRM: "involved"}
    return ends + said, {**expected, STATUS: "negative"}


def _open_crm(dice: random.Random, organ: Organ) -> tuple[str, Answers]:
    return dice.choice(_OPEN_CRM), {}


_MAKERS: tuple[Callable[[random.Random, Organ], tuple[str, Answers]], ...] = (
    _list, _sentence, _beside, _clear, _residual, _nothing, _eye,
)  # fmt: skip
_TAILS = (
    "\n",
    "\nPerineural invasion: not identified.\n",
    "\nLymph nodes: none of 14 nodes positive (0/14).\n",
    "\nLymphovascular invasion: present.\nTumor size: 4.2 cm.\n",
)


def outcomes(case: Case) -> dict[str, str]:
    """Read one report and say of each field: right, asked, missed or wrong."""
    read = extract(pages_from_text(case.text), document_id="case")
    found = {finding.field: finding.value for finding in read.findings}
    asked = {question.field for question in read.questions}
    result = {}
    for name in FIELDS:
        expected, got = case.expected.get(name), found.get(name)
        if expected == got:
            result[name] = "right"
        else:
            silent = "asked" if name in asked else "missed"
            result[name] = silent if got is None else "wrong"
    return result


def measure(reports: Iterator[Case]) -> tuple[Counter[str], list[str]]:
    """Return how often each field came out right, asked, missed, wrong, and what was not right."""
    counts: Counter[str] = Counter()
    bad = []
    for case in reports:
        for name, result in outcomes(case).items():
            counts[f"{name} {result}"] += 1
            if result != "right":
                bad.append(f"{result} {name} [{case.name}] {case.expected} {case.text!r}")
    return counts, bad


def main() -> None:
    """Print the figures for each seed, and with `-v` what went wrong."""
    for seed in [int(a) for a in sys.argv[1:] if a.isdigit()] or [11, 12, 13]:
        counts, bad = measure(cases(seed, 600))
        print(f"seed {seed}")
        for name in FIELDS:
            row = [counts[f"{name} {r}"] for r in ("right", "asked", "missed", "wrong")]
            print(
                f"  {name:22} right {row[0]:4} asked {row[1]:4} missed {row[2]:4} wrong {row[3]:4}"
            )
        if "-v" in sys.argv:
            print("\n".join(bad))


if __name__ == "__main__":
    main()
