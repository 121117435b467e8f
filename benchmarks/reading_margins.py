"""Reports made up for margins and size: what is read right, missed and wrong.

Run `python benchmarks/reading_margins.py [SEED ...] [-v]`. `cases` yields reports whose answers are
known because the sentences were chosen by them; `denials` the table of single sentences, in both
word orders. Wordings follow CAP's and RCPath's protocols and what pathologists dictate.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from extractors import extract, pages_from_text

KIND = "margins"
FIELDS = (
    "tumour.margin_status",
    "breast.margin_mm",
    "breast.invasive_margin_mm",
    "breast.dcis_margin_mm",
    "breast.size_mm",
)
EDGES = ("anterior", "posterior", "superior", "inferior", "medial", "lateral", "deep")
_OPPOSITE = {"deep": "lateral", "posterior": "lateral"}

# {e} an edge, {c} the component.
AFFIRMED = (
    "The {e} margin is involved by {c}.",
    "The {e} margin is positive for {c}.",
    "{c} is present at the {e} margin.",
    "{c} extends to the {e} margin.",
    "{c} extends to the inked {e} margin.",
    "{c} involves the {e} resection margin.",
    "{c} is seen at the inked {e} margin.",
    "{c} reaches the {e} margin.",
    "There is involvement of the {e} margin by {c}.",
    "Involvement of the {e} surgical margin by {c} is identified.",
    "The {e} surgical margin is not free of {c}.",
    "The {e} margin is not clear of {c}.",
    "The {e} margin is not negative for {c}.",
    "{e} margin: positive for {c}.",
    "{e} margin: involved by {c}.",
    "Positive {e} margin ({c}).",
    "Margins: positive for {c} ({e}).",
    "Margins involved by {c}: {e}.",
    "Margin(s) positive for {c}: {e} margin.",
    "Margin status: {c} present at margin: {e}.",
    "Margins: {e} margin involved by {c}.",
    "The {e} resection margin is infiltrated by {c}.",
    "{c} transects the {e} margin.",
    "{c} is identified focally at the {e} margin.",
    "{c} at the {e} margin, over a length of 3 mm.",
    "The {e} margin shows {c} on ink.",
    "{c} touches ink at the {e} margin.",
    "Resection margins are not free of {c}.",
    "The specimen margins are involved by {c}.",
    "Excision margins: {c} is present at the {e} margin.",
)
DENIED = (
    "All margins are negative for {c}.",
    "The margins are free of {c}.",
    "The {e} margin is free of {c}.",
    "The {e} margin is not involved by {c}.",
    "Margins are not involved by {c}.",
    "No involvement of the surgical margins by {c} is seen.",
    "No involvement of the {e} margin by {c}.",
    "There is no {c} at the {e} margin.",
    "No {c} is identified at the resection margins.",
    "{c} does not extend to the {e} margin.",
    "{c} does not involve the {e} margin.",
    "{c} is not present at the inked margins.",
    "{c} is not seen at the {e} margin.",
    "Negative for {c} at the resection margins.",
    "Resection margins negative for {c}.",
    "Margins: uninvolved by {c}.",
    "Margins: all margins negative for {c}.",
    "Margin status: negative for {c}.",
    "Surgical margins: free of {c}.",
    "Clear {e} margin, no {c}.",
    "None of the margins is involved by {c}.",
    "No margin is positive for {c}.",
    "No positive margins ({c}).",
    "The surgical margins are without {c}.",
    "Margins involved by {c}: none.",
    "Margin involvement by {c}: not identified.",
    "{c} at the resection margin: absent.",
    "Involvement of the {e} margin by {c} is not identified.",
    "The {e} resection margin is clear of {c}.",
    "The excision margins are devoid of {c}.",
)
PLANNED = (
    "Re-excision will be performed if a margin is positive.",
    "The aim is to obtain negative margins.",
    "Please assess whether the {e} margin is involved.",
    "Re-excision of the {e} margin is planned.",
    "If the {e} margin is involved, a shave is advised.",
    "Sections for assessment of the {e} margin to follow.",
    "The surgeon intends to achieve clear margins.",
    "Wide excision with negative margins is recommended.",
    "A positive margin would be re-excised.",
    "Rule out involvement of the {e} margin.",
)
UNKNOWN = (
    "Margins: cannot be assessed.",
    "The {e} margin cannot be evaluated.",
    "Involvement of the {e} margin by {c} cannot be excluded.",
    "The status of the {e} margin is indeterminate.",
    "Margins: not applicable.",
    "{e} margin: pending deeper levels.",
    "The specimen is fragmented; margin status cannot be determined.",
    "The {e} margin is inked black.",
    "It is uncertain whether {c} involves the {e} margin.",
    "{c} possibly involves the {e} margin.",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A report and the values it states; a field in `FIELDS` that is absent is not stated."""

    text: str
    expected: dict[str, object] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    status: str | None = None
    invasive: float | None = None
    in_situ: float | None = None


def cases(seed: int, count: int) -> Iterator[Case]:
    """Yield `count` reports with several statements each."""
    rng = random.Random(seed)
    for number in range(count):
        maker = rng.choice(_MAKERS)
        part = maker(rng)
        size = rng.randint(4, 38)
        yield Case(
            _report(rng, _size(rng, size), part.text),
            _answers(part, size),
            f"{maker.__name__} {number}",
        )


def denials(seed: int) -> Iterator[Case]:
    """Yield each sentence of the denial table once for each component, in capitals or not."""
    rng = random.Random(seed)
    tables = ((AFFIRMED, "positive"), (DENIED, "negative"), (PLANNED, None), (UNKNOWN, None))
    for sentences, status in tables:
        for sentence in sentences:
            for component in ("invasive carcinoma", "DCIS", "tumour"):
                text = _fill(sentence, rng.choice(EDGES), component)
                mm = 0.0 if status == "positive" else None
                part = _Part(
                    text, status, mm if component != "DCIS" else None, _dcis(component, mm)
                )
                expected = _answers(part, 14)
                yield Case(_report(rng, _size(rng, 14), text), expected, sentence)


def outcome(case: Case) -> dict[str, str]:
    """Read one report and say of each field: right, missed or wrong."""
    found = {
        f.field: f.value for f in extract(pages_from_text(case.text), document_id="c").findings
    }
    result = {}
    for name in FIELDS:
        expected, got = case.expected.get(name), found.get(name)
        if expected == got:
            result[name] = "right"
        else:
            result[name] = "missed" if got is None else "wrong"
    return result


def _dcis(component: str, mm: float | None) -> float | None:
    return mm if component == "DCIS" else None


def _answers(part: _Part, size: int) -> dict[str, object]:
    known = [mm for mm in (part.invasive, part.in_situ) if mm is not None]
    values = {
        "tumour.margin_status": part.status,
        "breast.margin_mm": min(known) if known else None,
        "breast.invasive_margin_mm": part.invasive,
        "breast.dcis_margin_mm": part.in_situ,
        "breast.size_mm": float(size),
    }
    return {name: value for name, value in values.items() if value is not None}


def _fill(sentence: str, edge: str, component: str) -> str:
    text = sentence.format(e=edge, c=component)
    return text[0].upper() + text[1:]


def _edge(rng: random.Random, *used: str) -> str:
    taken = {*used, *(_OPPOSITE.get(edge, "") for edge in used)}
    if {"deep", "posterior"} & taken:
        taken |= {"deep", "posterior"}
    return rng.choice([edge for edge in EDGES if edge not in taken])


def _mm(rng: random.Random, mm: float) -> str:
    forms = [f"{mm:g} mm", f"{mm:g}mm", f"{mm / 10:g} cm"]
    return rng.choice(forms)


def _distance(rng: random.Random) -> float:
    return float(rng.choice([1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 11, 12]))


def _clear(rng: random.Random) -> _Part:
    edge, mm = rng.choice(EDGES), _distance(rng)
    given = _mm(rng, mm)
    text = rng.choice(
        [
            f"Margins: negative for invasive carcinoma; closest margin {given} ({edge}).",
            "All margins are free of invasive carcinoma. "
            f"The closest margin is the {edge}, {given}.",
            f"Margin status: All margins negative for invasive carcinoma.\n"
            f"Distance from invasive carcinoma to closest margin: {given} ({edge})",
            f"Invasive carcinoma is {given} from the {edge} margin. Other margins are clear.",
            f"The {edge} margin is {given} away from the tumour; all margins are negative.",
            f"Margins are uninvolved by tumour, nearest {edge} margin at {given}.",
            "No involvement of the margins by invasive carcinoma; tumour is "
            f"{given} from the nearest margin ({edge}).",
            f"Tumour comes to within {given} of the {edge} margin. The margins are not involved.",
            f"Excision margins clear, closest {edge} {given}.",
        ]
    )
    return _Part(text, "negative", mm)


def _involved(rng: random.Random) -> _Part:
    edge = rng.choice(EDGES)
    other, far = _edge(rng, edge), _mm(rng, _distance(rng))
    said = _fill(rng.choice(AFFIRMED), edge, "invasive carcinoma")
    rest = rng.choice(
        [
            "",
            f" Other margins are free, closest {other} {far}.",
            f"\nDistance to closest uninvolved margin: {far} ({other})",
            f" The {other} margin is {far} away.",
            " All other margins are negative.",
            f" The remaining margins are clear by at least {far}.",
            f" Invasive carcinoma is {far} from the {other} margin.",
        ]
    )
    return _Part(said + rest, "positive", 0.0)


def _dcis_only(rng: random.Random) -> _Part:
    edge, mm = rng.choice(EDGES), _distance(rng)
    said = _fill(rng.choice(AFFIRMED[:17]), edge, "DCIS")
    # Of two components with two answers there is no one status: a person is asked.
    return _Part(
        f"{said} Invasive carcinoma is {_mm(rng, mm)} from the nearest margin.", None, mm, 0.0
    )


def _split(rng: random.Random) -> _Part:
    one, two = _distance(rng), _distance(rng)
    text = (
        f"Margin status for invasive carcinoma: All margins negative for invasive carcinoma\n"
        "Distance from invasive carcinoma to closest margin: "
        f"{_mm(rng, one)} ({rng.choice(EDGES)})\n"
        f"Margin status for DCIS: All margins negative for DCIS\n"
        f"Distance from DCIS to closest margin: {_mm(rng, two)} ({rng.choice(EDGES)})"
    )
    return _Part(text, "negative", one, two)


def _shaved(rng: random.Random) -> _Part:
    edge = rng.choice(EDGES)
    mm = _distance(rng)
    said = _fill(rng.choice(AFFIRMED[:10]), edge, "invasive carcinoma")
    after = rng.choice(
        [
            f"\nB. Breast, new {edge} margin, re-excision: no residual carcinoma; "
            f"new {edge} margin is clear by {_mm(rng, mm)}.",
            f"\nB. Additional {edge} margin, excision: Benign breast tissue. "
            f"The new {edge} margin is "
            f"negative, {_mm(rng, mm)}.",
        ]
    )
    return _Part(said + after, "negative", mm)


def _contradictory(rng: random.Random) -> _Part:
    edge = rng.choice(EDGES)
    far = _mm(rng, _distance(rng) + 1)
    text = rng.choice(
        [
            f"The {edge} margin is positive for invasive carcinoma. "
            f"Invasive carcinoma is {far} from the "
            f"{edge} margin.",
            "Margins: positive for invasive carcinoma. Distance from invasive carcinoma "
            f"to closest margin:"
            f" {far}.",
            f"The {edge} margin is involved by invasive carcinoma. "
            "All margins are negative for invasive "
            f"carcinoma.",
            f"Invasive carcinoma is present at the {edge} margin. R0 resection.",
        ]
    )
    return _Part(text)


def _nothing(rng: random.Random) -> _Part:
    sentence = rng.choice([*PLANNED, *UNKNOWN])
    extra = rng.choice(["", " Distance to skin 6 mm.", " The tumour lies 12 mm from the nipple."])
    return _Part(_fill(sentence, rng.choice(EDGES), "invasive carcinoma") + extra)


def _simple(rng: random.Random) -> _Part:
    return _Part(_fill(rng.choice(DENIED), rng.choice(EDGES), "invasive carcinoma"), "negative")


_MAKERS = (_clear, _involved, _dcis_only, _split, _shaved, _contradictory, _nothing, _simple)


def _size(rng: random.Random, mm: int) -> str:
    whole = mm + rng.randint(4, 20)
    return rng.choice(
        [
            f"Invasive ductal carcinoma, grade 2, {_mm(rng, mm)}.",
            f"Invasive carcinoma of no special type. Tumour size: {_mm(rng, mm)}.",
            f"Invasive ductal carcinoma. Maximum dimension of invasive tumour: {_mm(rng, mm)}. "
            f"Whole tumour size (including DCIS): {_mm(rng, whole)}.",
            f"Invasive ductal carcinoma, Nottingham grade 2 (3+2+1=6/9), {_mm(rng, mm)}. "
            f"The specimen measures {whole + 30} x 40 x 25 mm.",
            "Invasive carcinoma.\nTumor size: greatest dimension of largest invasive focus "
            f"{_mm(rng, mm)}",
            f"Invasive ductal carcinoma measuring {_mm(rng, mm)} in greatest dimension.",
        ]
    )


def _report(rng: random.Random, size: str, margins: str) -> str:
    head = rng.choice(
        [
            "FINAL DIAGNOSIS:\nA. LEFT BREAST, LUMPECTOMY:\n",
            "SURGICAL PATHOLOGY REPORT\nDIAGNOSIS:\nRight breast, wide local excision:\n",
            "HISTOPATHOLOGY REPORT\nMICROSCOPY\nA. Wide local excision, left breast.\n",
        ]
    )
    tail = rng.choice(
        [
            "\nLymphovascular invasion: not identified.\n",
            "\nSentinel lymph nodes: two nodes, negative for metastasis (0/2).\n",
            "\nER positive 90%, PR negative. HER2 negative (score 0).\n",
            "\n",
        ]
    )
    joins = ["{}\n{}", "- {}\n- {}", "{} {}"]
    body = rng.choice(joins[: 3 if size.endswith(".") else 2]).format(size, margins)
    text = head + body + tail
    return text.upper() if rng.random() < 0.15 else text


def measure(reports: Iterator[Case]) -> tuple[Counter[str], list[str]]:
    """Return how often each field came out right, missed and wrong, and the wrong ones."""
    counts: Counter[str] = Counter()
    bad = []
    for case in reports:
        for name, result in outcome(case).items():
            counts[f"{name} {result}"] += 1
            if result != "right":
                bad.append(f"{result} {name} [{case.name}] {case.text!r}")
    return counts, bad


def main(arguments: list[str]) -> None:
    """Print the figures for each seed, and with `-v` what went wrong."""
    seeds = [int(a) for a in arguments if a.isdigit()] or [11, 12, 13]
    for seed in seeds:
        for label, reports in (("reports", cases(seed, 300)), ("denials", denials(seed))):
            counts, bad = measure(reports)
            print(f"seed {seed} {label}")
            for name in FIELDS:
                row = [counts[f"{name} {result}"] for result in ("right", "missed", "wrong")]
                print(f"  {name:28} right {row[0]:4} missed {row[1]:4} wrong {row[2]:4}")
            if "-v" in arguments:
                print("\n".join(bad))


if __name__ == "__main__":
    main(sys.argv[1:])
