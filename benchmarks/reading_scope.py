"""Whose statement it is, and whether it stands, with fresh seeds.

Each report states grade, size, nodes, margin, invasion and kind of today's tumour, and beside it
one of: an earlier tumour or the other breast; a correction in words; a second tumour, in columns or
in lines; sections that differ; ticks on either side of their words; a statement in doubt.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.reading_forms import ASK, Form, Truth

_OTHER = {"left": "right", "right": "left"}
_KINDS = {"invasive ductal carcinoma": "idc_nst", "invasive lobular carcinoma": "ilc"}
_HEADS = ("SURGICAL PATHOLOGY REPORT", "HISTOPATHOLOGY REPORT", "Department of Pathology")
_OPERATIONS = ("lumpectomy", "wide local excision", "mastectomy", "WLE")
# {s} the side of today, {o} the other one, {g} grade, {mm} size, {n} nodes, {y} year, {k} a kind.
_EARLIER = (
    "Comment: the previous {o} breast carcinoma ({y}) was grade {g}, {mm} mm, with {n} "
    "positive nodes.",
    "Note: contralateral carcinoma in {y}: {k}, grade {g}, {mm} mm, margins positive.",
    "Clinical history: previous {o} breast cancer {y}, grade {g}, {mm} mm, nodes {n}.",
    "The patient had a grade {g} carcinoma of the {o} breast in {y}. It measured {mm} mm.",
    "Known carcinoma of the {o} breast {y}: {k}, grade {g}, {mm} mm, nodes {n}.",
    "In {y} she had a {k} of the other breast (grade {g}, {mm} mm, {n} nodes).",
    "Status post {o} mastectomy {y} for {k}, grade {g}, tumour size {mm} mm.",
    "Compared with the earlier carcinoma of {y} (grade {g}, {mm} mm), the present tumour differs.",
    "Previous carcinoma ({y}):\nGrade: {g}\nTumor size: {mm} mm\nMargins: positive\n",
    "History of {o} breast cancer ({y}), pT2, grade {g}, {mm} mm, lymphovascular invasion present.",
)
_WORDS: Mapping[str, tuple[str, ...]] = {
    "breast.grade": (
        "Grade changed from grade {old} to grade {new}.",
        "The grade has been amended from {old} to {new}.",
        "Grade {old} corrected to grade {new}.",
        "Grade: {old}, revised to {new}.",
        "Originally reported as grade {old}; on review grade {new}.",
        "Grade {new} (previously reported as grade {old}).",
        "The tumour is grade {new}, not grade {old} as stated before.",
        "Grade {old} was reported in error. The correct grade is {new}.",
        "The first report said grade {old}; this is now grade {new}.",
        "Grade: {old} → {new}",
    ),
    "breast.size_mm": (
        "Tumour size corrected from {old} to {new} mm.",
        "Tumour size: {old} mm, amended to {new} mm.",
        "The tumour size has been changed from {old} mm to {new} mm.",
        "Size erroneously given as {old} mm; the tumour measures {new} mm.",
        "Tumour size {new} mm (previously {old} mm).",
        "Tumour size: {new} mm instead of {old} mm.",
    ),
    "tumour.margin_status": (
        "Margin status changed from {old} to {new}.",
        "Margins: {old}, amended to {new}.",
        "Previously reported as margin {old}, now {new}.",
        "Margins {new} (originally reported as {old}).",
    ),
    "breast.er": (
        "ER corrected from {old} to {new}.",
        "ER: {old}, revised to {new}.",
        "Estrogen receptor {new} (formerly {old}).",
        "ER was initially reported as {old}; on review ER is {new}.",
    ),
    "breast.nodes_positive": (
        "Lymph nodes corrected from {old}/4 to {new}/4.",
        "Lymph nodes were originally reported as {old}/4; on review {new}/4.",
        "Lymph nodes: {new}/4 (previously {old}/4).",
    ),
}
_VALUES: Mapping[str, Sequence[object]] = {
    "breast.grade": (1, 2, 3),
    "breast.size_mm": (8, 12, 17, 21, 34, 46),
    "tumour.margin_status": ("negative", "positive"),
    "breast.er": ("negative", "positive"),
    "breast.nodes_positive": (0, 1, 2, 3),
}
_DOUBTS: tuple[tuple[str, str], ...] = (
    ("breast.lvi", "Lymphovascular invasion cannot be excluded."),
    ("breast.lvi", "LVI is not absent."),
    ("breast.lvi", "Suspicious for lymphovascular invasion."),
    ("breast.lvi", "Lymphovascular invasion is not ruled out."),
    ("breast.dcis_present", "No evidence of DCIS other than a single duct."),
    ("breast.dcis_present", "DCIS cannot be ruled out."),
    ("tumour.margin_status", "Margins cannot be called negative."),
    ("tumour.margin_status", "Margin involvement cannot be excluded."),
)
_CONDITIONS = (
    ("tumour.margin_status", "If the margins are positive, re-excise."),
    ("breast.lvi", "If LVI is present, please tell the oncologist."),
    ("breast.nodes_positive", "Should the sentinel node be positive, clearance is advised."),
)


def reports(seed: int, count: int) -> Iterator[Form]:
    """Yield `count` reports; the same seed gives the same reports."""
    dice = random.Random(seed)
    kinds: tuple[Callable[[random.Random], Form], ...] = (
        _earlier, _corrected, _columns, _lines, _sections, _ticks, _doubtful, _short, _elsewhere,
    )  # fmt: skip
    for _ in range(count):
        yield dice.choice(kinds)(dice)


def _today(dice: random.Random) -> tuple[str, str, Truth]:
    """Return side, the diagnosis, and what it states."""
    side, kind = dice.choice(sorted(_OTHER)), dice.choice(sorted(_KINDS))
    grade, size = dice.choice((1, 2, 3)), dice.choice((9, 13, 18))
    nodes, margin = dice.choice((0, 1)), dice.choice(("negative", "positive"))
    operation = dice.choice(_OPERATIONS)
    label = dice.choice(("DIAGNOSIS: ", "Diagnosis:\n", "FINAL DIAGNOSIS:\n", ""))
    words = (
        f"{label}{side.capitalize()} breast, {operation}: {kind}, grade {grade}, {size} mm. "
        f"Margins {margin}. Lymph nodes: {nodes}/2."
    )
    truth: Truth = {
        "breast.histology": _KINDS[kind],
        "breast.grade": grade,
        "breast.size_mm": float(size),
        "breast.nodes_positive": nodes,
        "tumour.nodes_examined": 2,
        "tumour.margin_status": margin,
        "tumour.laterality": side,
        "breast.lvi": None,
    }
    return side, words, truth


def _earlier(dice: random.Random) -> Form:
    side, words, truth = _today(dice)
    told = dice.choice(_EARLIER).format(
        o=_OTHER[side], s=side, g=dice.choice((1, 2, 3)), mm=dice.choice((25, 31, 44)),
        n=dice.choice(("4/12", "2/9")), y=dice.randrange(2001, 2020), k=dice.choice(sorted(_KINDS)),
    )  # fmt: skip
    parts = [told, words] if told.startswith(("Clin", "Prev")) else [words, told]
    return Form("\n".join([dice.choice(_HEADS), *parts]) + "\n", truth)


def _corrected(dice: random.Random) -> Form:
    field = dice.choice(sorted(_WORDS))
    old, new = dice.sample(list(_VALUES[field]), 2)
    told = dice.choice(_WORDS[field]).format(old=old, new=new)
    side, kind = dice.choice(sorted(_OTHER)), dice.choice(sorted(_KINDS))
    head = f"DIAGNOSIS: {side.capitalize()} breast, {dice.choice(_OPERATIONS)}: {kind}."
    place = dice.choice(("", "COMMENT: ", "MICROSCOPIC DESCRIPTION: "))
    value = float(str(new)) if field == "breast.size_mm" else new
    text = f"{dice.choice(_HEADS)}\n{head}\n{place}{told}\n"
    return Form(text, {field: value, "breast.histology": _KINDS[kind]})


def _columns(dice: random.Random) -> Form:
    names = dice.choice(
        (("Tumour A", "Tumour B"), ("Tumor 1", "Tumor 2"), ("Focus 1", "Focus 2"),
         ("Lesion 1", "Lesion 2"), ("Right", "Left"), ("Right breast", "Left breast"))
    )  # fmt: skip
    gap = dice.choice(("      ", " | ", "\t"))
    head = dice.choice(("Feature", "Parameter", "")) if "|" in gap else ""
    grades = dice.choices((1, 2, 3), k=2)
    sizes = dice.choices((7, 12, 25), k=2)
    receptors = dice.choices(("positive", "negative"), k=2)
    kinds = dice.choices(sorted(_KINDS), k=2)
    rows = [
        (head, *names),
        ("Histologic type", *(one.capitalize() for one in kinds)),
        ("Grade", *map(str, grades)),
        ("Size", *(f"{one} mm" for one in sizes)),
        ("ER", *receptors),
    ]
    table = "\n".join(gap.join(row).rstrip() for row in rows)
    side = "Bilateral" if names[0].startswith("Right") else "Left breast,"
    text = f"{dice.choice(_HEADS)}\nDIAGNOSIS: {side} mastectomy, breast carcinoma\n{table}\n"
    truth: Truth = {
        "breast.histology": _KINDS[kinds[0]] if len(set(kinds)) == 1 else ASK,
        "breast.grade": grades[0] if len(set(grades)) == 1 else ASK,
        "breast.size_mm": float(sizes[0]) if len(set(sizes)) == 1 else ASK,
        "breast.er": receptors[0] if len(set(receptors)) == 1 else ASK,
    }
    return Form(text, truth)


def _lines(dice: random.Random) -> Form:
    names = dice.choice(
        (("Tumour 1", "Tumour 2"), ("Tumor A", "Tumor B"), ("Focus 1", "Focus 2"),
         ("Right breast, lumpectomy", "Left breast, lumpectomy"))
    )  # fmt: skip
    grades, sizes = dice.sample((1, 2, 3), 2), dice.sample((7, 12, 25), 2)
    told = "\n".join(
        f"{name}: {kind}, grade {grade}, {size} mm."
        for name, kind, grade, size in zip(names, sorted(_KINDS), grades, sizes, strict=True)
    )
    side = "" if names[0].startswith("Right") else "Left breast, mastectomy\n"
    text = f"{dice.choice(_HEADS)}\n{side}{told}\n"
    truth: Truth = {"breast.histology": ASK, "breast.grade": ASK, "breast.size_mm": ASK}
    if side:
        truth["breast.focality"] = "multifocal"
    return Form(text, truth)


def _sections(dice: random.Random) -> Form:
    side, words, truth = _today(dice)
    words = "DIAGNOSIS: " + words.split("\n")[-1].removeprefix("DIAGNOSIS: ")
    field, told = dice.choice(
        (
            ("breast.grade", "Histologic grade: Grade {g}"),
            ("breast.size_mm", "Tumor size: 38 mm"),
            ("breast.histology", "Histologic type: invasive mucinous carcinoma"),
            ("tumour.margin_status", "Margins: {m}"),
        )
    )
    other = {1: 3, 2: 1, 3: 2}[int(str(truth["breast.grade"]))]
    turned = {"negative": "positive", "positive": "negative"}[str(truth["tumour.margin_status"])]
    head = dice.choice(("SYNOPTIC REPORT", "Synoptic report:", "CANCER CASE SUMMARY"))
    told = told.format(g=other, m=turned)
    text = f"{dice.choice(_HEADS)}\n{words}\n{head}\n{told}\nSpecimen laterality: {side}\n"
    return Form(text, {**truth, field: ASK})


def _ticks(dice: random.Random) -> Form:
    words, values, field, label = dice.choice(
        (
            (("Present", "Absent"), ("present_nos", "absent"), "breast.lvi", "LVI"),
            (("Yes", "No"), ("present_nos", "absent"), "breast.lvi", "Lymphovascular invasion"),
            (("Positive", "Negative"), ("positive", "negative"), "breast.er", "ER"),
            (("Grade 1", "Grade 2", "Grade 3"), (1, 2, 3), "breast.grade", "Grade"),
        )
    )
    chosen = dice.randrange(len(words))
    empty, full = dice.choice((("[ ]", "[x]"), ("☐", "☒"), ("( )", "(x)"), ("✗", "✓"), ("☒", "☑")))
    marks = [full if at == chosen else empty for at in range(len(words))]
    side = dice.choice(("before", "behind", "mixed", "lines"))
    right: object = values[chosen]
    if side == "mixed":
        first = f"{marks[0]} {words[0]}"
        line = " ".join([first, *(f"{w} {m}" for w, m in zip(words[1:], marks[1:], strict=True))])
        right = ASK
    elif side == "lines":
        line = "\n" + "\n".join(f"{w} {m}" for w, m in zip(words, marks, strict=True))
    else:
        order = [(m, w) if side == "before" else (w, m) for w, m in zip(words, marks, strict=True)]
        line = dice.choice(("  ", " ", "   ")).join(" ".join(pair) for pair in order)
    text = f"{dice.choice(_HEADS)}\nLeft breast, lumpectomy: invasive carcinoma\n{label}: {line}\n"
    return Form(text, {field: right})


def _doubtful(dice: random.Random) -> Form:
    field, told = dice.choice(_DOUBTS)
    condition, never = dice.choice(_CONDITIONS)
    text = f"{dice.choice(_HEADS)}\nLeft breast, lumpectomy: invasive ductal carcinoma. {told}\n"
    truth: Truth = {field: ASK, "breast.histology": "idc_nst"}
    if condition != field:
        truth[condition] = None
        text += f"{never}\n"
    return Form(text, truth)


def _short(dice: random.Random) -> Form:
    yes = dice.choice(("", "y"))
    several = dice.choice(("", "(m)", " (m)", "(2)"))
    t = dice.choice(("1b", "1c", "2"))
    positive, examined = dice.choice(((0, 3), (0, 2), (1, 3)))
    n = "0" if not positive else dice.choice(("1mi", "1a"))
    sentinel = dice.choice(("", "(sn)", " (sn)"))
    counts = dice.choice((f"({positive}/{examined})", f"{positive}/{examined}"))
    text = (
        f"{dice.choice(_HEADS)}\nLeft breast, lumpectomy: invasive ductal carcinoma. "
        f"{yes}pT{t}{several} {yes}pN{n}{sentinel} {counts}.\n"
    )
    truth: Truth = {
        "tumour.pt": f"pT{t}",
        "breast.nodes_positive": positive,
        "tumour.nodes_examined": examined,
    }
    if yes:
        truth["breast.neoadjuvant"] = "given"
    if several:
        truth["breast.focality"] = "multifocal"
    return Form(text, truth)


def _elsewhere(dice: random.Random) -> Form:
    """Yield a letter with radiation of this breast, of the other one, or of another region."""
    side = dice.choice(sorted(_OTHER))
    dose, year = dice.choice((40, 45, 50)), dice.randrange(1995, 2018)
    where, given = dice.choice(
        ((f"the {side} breast", True), (f"the {_OTHER[side]} breast", False),
         ("the other breast", False), ("the contralateral breast", False), ("the pelvis", False))
    )  # fmt: skip
    told = dice.choice(
        (f"In {year} she had radiotherapy to {where}, {dose} Gy.",
         f"She received {dose} Gy of radiotherapy to {where} in {year}.",
         f"Previous radiotherapy to {where} ({dose} Gy, {year}).")
    )  # fmt: skip
    text = (
        "Clinic letter\nDear Dr Example, thank you for seeing her. She has a carcinoma of the "
        f"{side} breast, grade 2.\n{told}\nYours sincerely\n"
    )
    return Form(
        text,
        {
            "rt.prior_same_region": True if given else None,
            "rt.prior_dose_gy": float(dose) if given else None,
            "tumour.laterality": side,
        },
    )
