"""Denial tables: for each yes/no field what affirms it, denies it, plans it, or is of others.

30 affirmations, 30 denials, 10 plans, 10 relatives and 10 unknowns a field, in both orders of the
words. `benchmarks.reading_receptors` holds the tables of ER, PR and HER2, `reading_margins` those
of the margins, `reading_edges` of the circumferential margin, `reading_history` of earlier
radiation, genes and treatment in the breast. Reversed is the one outcome that may never be.

    python benchmarks/reading_denials.py 7 8 9 [-v]
"""

import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from extractors import extract, pages_from_text

Value = str | bool
# {x} the finding, {X} with a capital.
AFFIRMED = (
    "{X}: present", "{X} is present.", "{X} is identified.", "{X} identified.", "{X} is seen.",
    "There is {x}.", "{X}: yes", "{X} - present", "{X}: identified", "With {x}.", "{X} was found.",
    "{X} was noted.", "{X} is noted in several sections.", "Evidence of {x} is seen.",
    "Positive for {x}.", "{X}: positive", "Definite {x} is identified.",
    "Unequivocal {x} is present.", "The tumor shows {x}.", "Tumor with {x}.", "{X} is evident.",
    "Present: {x}.", "Identified: {x}.", "{X} (+)", "{X} is confirmed on deeper levels.",
    "{X} is observed.", "{X} is seen in two blocks.", "{X} ..... present", "{X}\tPresent",
    "{X}: seen",
)  # fmt: skip
DENIED = (
    "{X}: absent", "{X}: not identified", "{X} is not identified.", "No {x} is seen.", "No {x}.",
    "No evidence of {x}.", "{X}: none", "{X}: no", "{X} not seen.", "{X}: not present",
    "Negative for {x}.", "{X}: negative", "Without {x}.", "There is no {x}.", "{X} is absent.",
    "Absence of {x}.", "{X} was not found.", "No definite {x} is identified.",
    "{X}: none identified", "{X} - absent", "The tumor shows no {x}.",
    "Neither necrosis nor {x} is seen.", "{X} is not demonstrated.", "{X} not detected.",
    "{X} (-)", "The tumor lacks {x}.", "Absent: {x}.", "Not identified: {x}.", "{X}\tAbsent",
    "{X}: not seen",
)  # fmt: skip
PLANNED = (
    "Levels to look for {x} will follow.", "Stains for {x} are pending.",
    "Immunostains to evaluate for {x} have been ordered.",
    "{X} will be reported in an addendum.", "Deeper levels are requested to exclude {x}.",
    "To assess {x}, elastic stains will be done.", "{X}: to follow", "{X}: pending",
    "Please assess for {x}.", "Further sections for {x} are planned.",
)  # fmt: skip
RELATIVE = (
    "Her mother's tumor showed {x}.", "The sister's carcinoma had {x}.",
    "Family history: aunt with carcinoma and {x}.", "Father: carcinoma with {x}.",
    "Family history of {x}.", "In her grandmother's tumor {x} was found.",
    "A maternal aunt had {x}.", "Her brother had carcinoma, {x} present.",
    "Paternal uncle: {x}.", "A cousin's tumor showed {x}.",
)  # fmt: skip
UNKNOWN = (
    "{X}: cannot be assessed", "{X}: indeterminate", "{X}:", "{X}: unknown",
    "Suspicious for {x}.", "{X}: not assessed", "{X} cannot be excluded.", "Possible {x}.",
    "{X}: not stated", "{X}: not applicable",
)  # fmt: skip
GIVEN = (
    "{X}: yes", "{X}: given", "{X} was given.", "Status post {x}.", "After {x}.",
    "{X}: received", "The patient received {x}.", "She has completed {x}.", "S/p {x}.",
    "Following {x}, resection was done.", "{X} was completed in 2023.", "Treated with {x}.",
    "{X}: completed", "{X} was administered.", "She was treated with {x}.",
    "The patient has had {x}.", "She received {x} for three months.", "History of {x}.",
    "{X} (completed 2022).", "She underwent {x}.", "{X}: Yes, six cycles",
    "Given before resection: {x}.", "{X} has been given.", "Patient is status post {x}.",
    "Resection after {x}.", "{X}: Received", "Previous {x}: yes", "{X}: yes (2023)",
    "She had {x} before resection.", "Prior {x}: given",
)  # fmt: skip
NOT_GIVEN = (
    "{X}: no", "{X}: none", "No {x}.", "No {x} was given.", "{X} was not given.",
    "{X}: not given", "The patient did not receive {x}.", "Without {x}.",
    "{X}: not received", "{X} was not administered.", "No prior {x}.", "No previous {x}.",
    "No history of {x}.", "She has not received {x}.", "She never had {x}.", "{X}: No",
    "The patient has not had {x}.", "She received no {x}.", "{X}: None", "{X}: never",
    "She denies {x}.", "Never treated with {x}.", "{X} has not been given.", "{X} - none",
    "Not given: {x}.", "Absence of {x}.", "There was no {x}.", "Resection without {x}.",
    "{X}: not performed", "{X} was declined.",
)  # fmt: skip
TO_COME = (
    "{X} is planned.", "{X}: none planned", "No {x} is planned.", "{X} is recommended.",
    "We will discuss {x}.", "Consider {x}.", "She will receive {x}.", "Plan: {x}.",
    "If the board agrees, {x} will start.", "{X} was offered.",
)  # fmt: skip
NOT_HERS = (
    "Her mother received {x}.", "Sister: {x}.", "Family history: aunt had {x}.",
    "Her father was treated with {x}.", "Her brother completed {x}.", "A cousin had {x}.",
    "Maternal aunt: {x}, 2015.", "Her daughter received {x}.", "Uncle treated with {x}.",
    "Grandmother: cancer, {x} given.",
)  # fmt: skip
NOT_KNOWN = (
    "{X}: unknown", "{X}: not specified", "{X}:", "{X}: not stated", "{X}: cannot be determined",
    "{X}: information not available", "It is not known whether {x} was given.",
    "No information about {x}.", "{X}: to be confirmed", "{X}?",
)  # fmt: skip
AMPLIFIED = (
    "{X}: amplified", "{X}: positive", "{X} positive.", "{X}: Amplified (ratio 4.2)",
    "{X} is amplified.", "{X}: positive for amplification", "{X}: amplification present",
    "{X}: amplification detected", "{X} was amplified.", "{X} - amplified", "{X}, amplified.",
    "{X}: AMPLIFIED", "{X} shows amplification.", "{X} result: amplified", "{X}\tAmplified",
    "{X}: positive (amplified)", "{X}: Positive, ratio 3.8", "{X} = amplified", "{X} amplified",
    "{X} is positive.", "{X} status: amplified", "{X}: gene amplified", "{X}: highly amplified",
    "{X}: amplification is seen", "{X} was positive.", "{X} ..... amplified",
    "{X} with amplification.", "{X}: amplified, average copy number 9", "{X}: POSITIVE",
    "{X} (core biopsy): amplified",
)  # fmt: skip
UNAMPLIFIED = (
    "{X}: not amplified", "{X}: negative", "{X} negative.", "{X}: Not amplified (ratio 1.2)",
    "{X} is not amplified.", "{X}: negative for amplification", "{X}: amplification absent",
    "{X}: amplification not detected", "{X} was not amplified.", "{X} - not amplified",
    "{X}, not amplified.", "{X}: NOT AMPLIFIED", "{X} shows no amplification.",
    "{X} result: not amplified", "{X}\tNot amplified", "{X}: negative (not amplified)",
    "{X}: Negative, ratio 1.1", "{X} = non-amplified", "{X} non-amplified", "{X} is negative.",
    "{X} status: not amplified", "{X}: gene not amplified", "{X}: no amplification",
    "{X}: amplification is not seen", "{X} was negative.", "{X} ..... not amplified",
    "{X} without amplification.", "{X}: not amplified, average copy number 2",
    "{X}: NEGATIVE", "No amplification by {x}.",
)  # fmt: skip
NO_TEST = (
    "{X} will follow.", "{X} is pending.", "{X} has been ordered.",
    "{X} will be reported in an addendum.", "{X} is requested.", "{X}: to follow", "{X}: pending",
    "{X} is planned.", "{X} was sent out.", "Block A2 was sent for {x}.",
)  # fmt: skip
NOT_HER_TEST = (
    "Her mother's {x} was amplified.", "Sister: {x} amplified.",
    "Family history: aunt, {x} positive.", "Her aunt's carcinoma: {x} amplified.",
    "Her cousin's {x} was positive.", "Mother: {x} positive.", "Her sister had {x} amplified.",
    "Maternal aunt: {x} positive.", "Grandmother, {x} amplified.", "A niece, {x}: positive.",
)  # fmt: skip
NO_RESULT = (
    "{X}: cannot be assessed", "{X}: indeterminate", "{X}:", "{X}: unknown", "{X}: not done",
    "{X}: not performed", "{X} failed.", "{X}: insufficient tissue", "{X}: not stated",
    "{X}: not applicable",
)  # fmt: skip
COUNTS = {"affirmed": 30, "denied": 30, "planned": 10, "relative": 10, "unknown": 10}
FINDING = (AFFIRMED, DENIED, PLANNED, RELATIVE, UNKNOWN)
GENE = (AMPLIFIED, UNAMPLIFIED, NO_TEST, NOT_HER_TEST, NO_RESULT)
TREATMENT = (GIVEN, NOT_GIVEN, TO_COME, NOT_HERS, NOT_KNOWN)


@dataclass(frozen=True, slots=True)
class Table:
    """A yes/no field: how reports name it, its two values, and the texts around a sentence."""

    field: str
    names: tuple[str, ...]
    yes: Value
    no: Value | None
    frames: tuple[str, ...]
    sentences: Sequence[Sequence[str]] = FINDING


@dataclass(frozen=True, slots=True)
class Case:
    """A text, the field to look at and what must come out (None: nothing may be stated)."""

    group: str
    text: str
    field: str
    expected: Value | None
    opposite: Value | None


_BREAST = (
    "FINAL DIAGNOSIS:\nA. LEFT BREAST, LUMPECTOMY:\n- Invasive ductal carcinoma.\n{s}\n",
    "SURGICAL PATHOLOGY REPORT\nDiagnosis: Left breast, lumpectomy: invasive carcinoma. {s}\n",
)
_BOWEL = (
    "FINAL DIAGNOSIS:\nRectum, low anterior resection:\n- Adenocarcinoma of the rectum.\n{s}\n",
    "SURGICAL PATHOLOGY REPORT\nDiagnosis: Rectum, resection: adenocarcinoma. {s}\n",
)
_PANCREAS = (
    "FINAL DIAGNOSIS:\nPancreas, head, Whipple resection:\n- Ductal adenocarcinoma.\n{s}\n",
)
_LETTER = (
    "CLINIC LETTER\nDear colleague,\nDiagnosis: ductal adenocarcinoma of the pancreas, head.\n{s}\n"
    "Kind regards\n",
)
_NODE = ("extranodal extension", "extracapsular extension", "extracapsular spread")
_VESSEL = ("venous invasion", "vascular invasion", "extramural venous invasion")
_LYMPH = ("lymphovascular invasion", "angiolymphatic invasion", "LVI", "lymph-vascular invasion")
_NERVE = ("perineural invasion", "perineural infiltration", "PNI")
_NEO = ("neoadjuvant chemotherapy", "neoadjuvant therapy", "preoperative chemoradiation")
TABLES: tuple[Table, ...] = (
    Table("breast.lvi", _LYMPH, "present_nos", "absent", _BREAST),
    Table("tumour.lvi", _LYMPH, "present", "absent", _BOWEL + _PANCREAS),
    Table("tumour.vascular_invasion", _VESSEL, "present", "absent", _BOWEL + _PANCREAS),
    Table("tumour.perineural", _NERVE, "present", "absent", _BOWEL + _PANCREAS + _BREAST),
    Table("breast.extranodal", _NODE, True, False, _BREAST),
    Table("tumour.extranodal", _NODE, True, False, _BOWEL),
    Table("breast.dcis_present", ("DCIS", "ductal carcinoma in situ"), True, False, _BREAST),
    Table("breast.lcis_present", ("LCIS", "lobular carcinoma in situ"), True, False, _BREAST),
    Table("breast.eic", ("extensive intraductal component", "EIC"), "present", "absent", _BREAST),
    Table("breast.her2_ish", ("HER2 FISH", "HER2 by FISH"), "positive", "negative", _BREAST, GENE),
    Table(
        "disease.peritoneal",
        ("peritoneal carcinomatosis", "peritoneal metastases", "omental deposits"),
        True,
        False,
        _BOWEL + _PANCREAS,
    ),
    Table("pelv.hydronephrosis", ("hydronephrosis", "hydroureteronephrosis"), True, False, _BOWEL),
    Table("breast.neoadjuvant", _NEO, "given", "none", _BREAST, TREATMENT),
    Table("tumour.neoadjuvant", _NEO, "given", "none", _BOWEL + _PANCREAS, TREATMENT),
    Table(
        "panc.systemic_given",
        ("chemotherapy", "systemic chemotherapy", "systemic therapy"),
        True,
        False,
        _LETTER,
        TREATMENT,
    ),
    # That one medicine was not given denies no other one.
    Table("panc.systemic_given", ("FOLFIRINOX", "gemcitabine"), True, None, _LETTER, TREATMENT),
)


def cases(seed: int, counts: Mapping[str, int] = COUNTS) -> Iterator[Case]:
    """Yield every field's tables, drawn with `seed`, `counts` sentences of each kind."""
    yield from drawn(TABLES, seed, counts)


def drawn(tables: Iterable[Table], seed: int, counts: Mapping[str, int]) -> Iterator[Case]:
    """Yield the cases of `tables`, drawn with `seed`, `counts` sentences of each kind."""
    dice = random.Random(seed)
    for table in tables:
        answers = (table.yes, table.no, None, None, None)
        opposites = (table.no, table.yes, None, None, None)
        for number, (kind, count) in enumerate(counts.items()):
            sentences = table.sentences[number]
            for sentence in dice.sample(sentences, min(count, len(sentences))):
                name = dice.choice(table.names)
                said = sentence.format(x=name, X=name[0].upper() + name[1:])
                text = dice.choice(table.frames).replace("{s}", said)
                group = f"{table.field} {kind}"
                yield Case(group, text, table.field, answers[number], opposites[number])


def outcome(case: Case) -> str:
    """Return "right", "missed" (nothing stated), "reversed", or "wrong" (stated out of nothing)."""
    findings = extract(pages_from_text(case.text), document_id="case").findings
    stated = [finding.value for finding in findings if finding.field == case.field]
    if not stated:
        return "right" if case.expected is None else "missed"
    if case.opposite is not None and case.opposite in stated:
        return "reversed"
    return "right" if stated == [case.expected] else "wrong"


def main() -> None:
    """Print the outcomes per group, and with `-v` every case that is not right."""
    for seed in [int(a) for a in sys.argv[1:] if a.isdigit()] or [1, 2, 3]:
        groups: dict[str, Counter[str]] = {}
        for case in cases(seed):
            found = outcome(case)
            groups.setdefault(case.group, Counter())[found] += 1
            if found != "right" and "-v" in sys.argv:
                print(f"{found}: {case.group}: {case.text!r}")
        for group, counts in groups.items():
            if set(counts) != {"right"}:
                print(f"{seed} {group}: {dict(counts)}")
        print(f"seed {seed}: {dict(sum(groups.values(), Counter[str]()))}")


if __name__ == "__main__":
    main()
