"""Denial tables for the facts of the history, and kinds of documents: made-up texts with answers.

For each yes/no field there are affirmations, denials, plans, relatives and unknowns in both orders
of the words. `cases(seed)` yields them; run alone, the file prints right, missed and wrong:

    python benchmarks/reading_history.py 7 8 9
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from extractors import extract, pages_from_text

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Case:
    """A text, the field to look at and what must come out (None: nothing may be stated)."""

    group: str
    text: str
    field: str
    expected: Value | None


_LETTER = (
    "CLINIC LETTER\nDear colleague,\nDiagnosis: invasive ductal carcinoma of the left breast.\n"
    "{s}\nYours sincerely, Dr A. Example\n",
    "Referral letter\nDear Dr Example, thank you for seeing this woman with left breast cancer.\n"
    "{s}\n",
    "ONCOLOGY INTAKE FORM\nDiagnosis: left breast carcinoma, invasive ductal\n{s}\nECOG 1\n",
)
_REPORT = (
    "SURGICAL PATHOLOGY REPORT\nDIAGNOSIS:\nA. LEFT BREAST, LUMPECTOMY:\n"
    "- Invasive ductal carcinoma, grade 2.\n{s}\n",
    "Histopathology report\nSpecimen: left breast, wide local excision\n"
    "Diagnosis: Invasive ductal carcinoma, grade 2. {s}\n",
    "FINAL DIAGNOSIS:\nLeft breast, mastectomy: invasive ductal carcinoma. {s}\n",
)
# slot -> words
_SLOTS: dict[str, tuple[str, ...]] = {
    "rt": (
        "radiotherapy",
        "radiation",
        "radiation therapy",
        "irradiation",
        "RT",
        "external beam radiotherapy",
        "brachytherapy",
    ),
    "to": (
        "to the left breast",
        "to the chest",
        "to the chest wall",
        "to the breast",
        "of the left chest wall",
        "to the mantle field",
    ),
    "dose": ("50 Gy", "40.05 Gy", "5000 cGy", "45 Gy", "36 Gy"),
    "neo": (
        "neoadjuvant chemotherapy",
        "neoadjuvant treatment",
        "neo-adjuvant therapy",
        "preoperative chemotherapy",
        "neoadjuvant endocrine therapy",
    ),
    "rel": ("mother", "sister", "maternal aunt", "father", "cousin", "daughter", "grandmother"),
    "var": (
        "pathogenic variant",
        "deleterious mutation",
        "pathogenic mutation",
        "likely pathogenic variant",
    ),
    "lvi": (
        "lymphovascular invasion",
        "lympho-vascular invasion",
        "LVI",
        "angiolymphatic invasion",
    ),
    "dcis": ("DCIS", "ductal carcinoma in situ", "in situ component", "carcinoma in situ"),
}
_TABLES: dict[str, tuple[tuple[str, ...], dict[str, tuple[Value | None, tuple[str, ...]]]]] = {
    "rt.prior_same_region": (
        _LETTER,
        {
            "affirmed": (
                True,
                (
                    "Prior {rt} {to}: Yes",
                    "She received {rt} {to} in {year}.",
                    "Previous {rt} {to} ({dose}, {year}).",
                    "She has had {rt} {to} in {year}.",
                    "Status post {rt} {to}, {dose}.",
                    "{Rt} {to} was given in {year}.",
                    "She was treated with {rt} {to} in {year}.",
                    "History of {rt} {to}.",
                    "Earlier {rt} {to}: yes, {dose}",
                    "{Rt} {to} completed in {year} with {dose}.",
                ),
            ),
            "denied": (
                False,
                (
                    "Prior {rt} {to}: No",
                    "No prior {rt} {to}.",
                    "Previous {rt} {to}: none",
                    "She has never received {rt} {to}.",
                    "She denies previous {rt} {to}.",
                    "No history of {rt} {to}.",
                    "Prior {rt} {to}: not received",
                    "{Rt} {to} was never given.",
                    "{Rt} {to} has not been given.",
                    "Without previous {rt} {to}.",
                    "She did not receive {rt} {to}.",
                ),
            ),
            "planned": (
                None,
                (
                    "{Rt} {to} is planned, {dose}.",
                    "Plan: {rt} {to}, {dose}.",
                    "After surgery she will receive {rt} {to}, {dose}.",
                    "We recommended {rt} {to} with {dose}.",
                    "She is to have {rt} {to} after surgery.",
                    "{Rt} {to} would follow after lumpectomy.",
                ),
            ),
            "relative": (
                None,
                (
                    "Her {rel} received {rt} {to} in {year}.",
                    "{Rel} with breast cancer, had {rt} {to}.",
                    "Her {rel} was treated with {rt} {to}.",
                ),
            ),
            "unknown": (
                None,
                (
                    "Prior {rt} {to}: unknown",
                    "It is not known whether she had {rt} {to}.",
                    "Previous {rt} {to}: not stated",
                    "Prior {rt} {to}: ?",
                    "Prior {rt} {to}:",
                ),
            ),
        },
    ),
    "breast.neoadjuvant": (
        _LETTER,
        {
            "affirmed": (
                "given",
                (
                    "{Neo}: Yes",
                    "She received {neo} in {year}.",
                    "After {neo} the lump shrank.",
                    "Status post {neo}.",
                    "{Neo} was given in {year}.",
                    "She completed {neo}.",
                    "She has undergone {neo}.",
                    "{Neo}: given, 6 cycles",
                ),
            ),
            "denied": (
                "none",
                (
                    "{Neo}: No",
                    "No {neo} was given.",
                    "{Neo}: none",
                    "{Neo}: not given",
                    "She has not received {neo}.",
                    "She did not have {neo}.",
                    "{Neo} was not given.",
                    "Without {neo}.",
                    "She declined {neo}.",
                    "She never received {neo}.",
                ),
            ),
            "planned": (
                None,
                (
                    "{Neo} is planned.",
                    "Plan: {neo}.",
                    "She will receive {neo}.",
                    "We recommend {neo}.",
                    "She is a candidate for {neo}.",
                    "{Neo} was discussed.",
                ),
            ),
            "relative": (None, ("Her {rel} received {neo} in {year}.", "{Rel}: {neo} in {year}.")),
            "unknown": (
                None,
                (
                    "{Neo}: unknown",
                    "{Neo}: not stated",
                    "It is not known whether {neo} was given.",
                    "{Neo}:",
                    "{Neo}: ?",
                ),
            ),
        },
    ),
    "breast.brca": (
        (*_LETTER, "CLINICAL GENETICS REPORT\nIndication: breast cancer\n{s}\n"),
        {
            "affirmed": (
                "pathogenic_brca2",
                (
                    "BRCA2: {var} detected",
                    "{Var} detected in BRCA2.",
                    "BRCA2 positive.",
                    "A {var} in BRCA2 was identified.",
                    "Result: {var} in the BRCA2 gene.",
                    "She carries a BRCA2 {var}.",
                    "She is a BRCA2 mutation carrier.",
                    "BRCA1: no {var} detected. BRCA2: {var} detected.",
                    "{Var} found in BRCA2; no {var} in BRCA1.",
                ),
            ),
            "denied": (
                "negative",
                (
                    "BRCA1 and BRCA2: no {var} detected",
                    "No {var} in BRCA1 or BRCA2.",
                    "BRCA1/2 negative.",
                    "BRCA1: negative\nBRCA2: negative",
                    "No {var} was identified in BRCA1 and BRCA2.",
                    "{Var} in BRCA1/2 not detected.",
                    "Germline testing was negative for a BRCA1/2 mutation.",
                    "BRCA1 and BRCA2 wild type.",
                    "She does not carry a {var} of BRCA1 or BRCA2.",
                    "BRCA1: no {var} detected\nBRCA2: no {var} detected",
                    "She is not a carrier of a BRCA1/2 mutation.",
                ),
            ),
            "planned": (
                None,
                (
                    "BRCA testing is planned.",
                    "BRCA1/2 result is pending.",
                    "We recommend BRCA testing.",
                    "If BRCA2 positive, mastectomy will be discussed.",
                    "BRCA1/2 was sent.",
                ),
            ),
            "relative": (
                None,
                (
                    "Her {rel} is a BRCA2 mutation carrier.",
                    "{Rel} BRCA2 positive.",
                    "Her {rel} was BRCA1/2 negative.",
                ),
            ),
            "unknown": (
                None,
                ("BRCA status: unknown", "BRCA1/2: not known", "BRCA2:", "BRCA1/2: ?"),
            ),
        },
    ),
    "breast.lvi": (
        _REPORT,
        {
            "affirmed": (
                "present_nos",
                (
                    "{Lvi}: present",
                    "{Lvi} is identified.",
                    "{Lvi} is present.",
                    "Dermal {lvi}: not identified. {Lvi}: present.",
                    "Tumour shows {lvi}.",
                    "There is {lvi}.",
                    "{Lvi}: yes",
                ),
            ),
            "denied": (
                "absent",
                (
                    "{Lvi}: not identified",
                    "No {lvi} is seen.",
                    "{Lvi}: absent",
                    "{Lvi} not seen.",
                    "No evidence of {lvi}.",
                    "Negative for {lvi}.",
                    "Without {lvi}.",
                    "{Lvi}: none",
                    "{Lvi} is not identified.",
                    "Dermal {lvi}: present. {Lvi}: not identified.",
                ),
            ),
            "planned": (None, ("{Lvi}: to be reported in an addendum", "{Lvi}: pending")),
            "relative": (None, ()),
            "unknown": (
                None,
                (
                    "{Lvi}: cannot be determined",
                    "{Lvi}: indeterminate",
                    "{Lvi}:",
                    "{Lvi}: unknown",
                    "Suspicious for {lvi}.",
                    "{Lvi}: not assessed",
                ),
            ),
        },
    ),
    "breast.dcis_present": (
        _REPORT,
        {
            "affirmed": (
                True,
                (
                    "{Dcis}: present",
                    "{Dcis} is present.",
                    "There is {dcis}, solid type.",
                    "Associated {dcis} is seen.",
                    "{Dcis} is identified.",
                ),
            ),
            "denied": (
                False,
                (
                    "{Dcis}: not identified",
                    "No {dcis} is seen.",
                    "{Dcis}: absent",
                    "No {dcis}.",
                    "High grade tumour. No {dcis}.",
                    "{Dcis} is not identified.",
                    "{Dcis}: none",
                    "Negative for {dcis}.",
                    "Without {dcis}.",
                ),
            ),
            "planned": (None, ()),
            "relative": (None, ()),
            "unknown": (
                None,
                ("{Dcis}: cannot be assessed", "{Dcis}:", "{Dcis}: unknown", "Possible {dcis}."),
            ),
        },
    ),
}
_COUNTS = {"affirmed": 30, "denied": 30, "planned": 10, "relative": 10, "unknown": 10}


def _fill(source: random.Random, template: str) -> str:
    words: dict[str, str] = {"year": str(source.randrange(1996, 2024))}
    for name, choices in _SLOTS.items():
        words[name] = source.choice(choices)
        capital = source.choice(choices)
        words[name.capitalize()] = capital[0].upper() + capital[1:]
    text = template.format(**words)
    turn = source.random()
    return text.upper() if turn < 0.12 else text


def cases(seed: int) -> Iterator[Case]:
    """Yield the tables of every field, drawn with `seed`."""
    source = random.Random(seed)
    for field, (frames, table) in _TABLES.items():
        for kind, (expected, templates) in table.items():
            for _ in range(_COUNTS[kind] if templates else 0):
                sentence = _fill(source, source.choice(templates))
                text = source.choice(frames).replace("{s}", sentence)
                yield Case(f"{field} {kind}", text, field, expected)


def outcome(case: Case) -> str:
    """Return "right", "missed" (nothing stated), or "wrong"."""
    findings = extract(pages_from_text(case.text), document_id="case").findings
    stated = [finding.value for finding in findings if finding.field == case.field]
    if not stated:
        return "right" if case.expected is None else "missed"
    return "right" if stated == [case.expected] else "wrong"


def main() -> None:
    """Print the outcomes per group and every case that is not right."""
    for seed in map(int, sys.argv[1:] or ("1", "2", "3")):
        groups: dict[str, Counter[str]] = {}
        for case in cases(seed):
            found = outcome(case)
            groups.setdefault(case.group, Counter())[found] += 1
            if found != "right":
                print(f"{found}: {case.group}: {case.text!r}")
        total = sum(groups.values(), Counter())
        for group, counts in groups.items():
            print(f"{seed} {group}: {dict(counts)}")
        print(f"seed {seed}: {dict(total)}")


if __name__ == "__main__":
    main()
