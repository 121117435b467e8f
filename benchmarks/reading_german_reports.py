"""German breast reports drawn at random: each fact in one of many wordings, or not at all."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.reading_forms import ASK

ASKED_WORDS = ("kompliziert", "eigenwillig", "schollig", "quasi", "spärlichst")
"""Words that no glossary has: a clause with one of them states nothing."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report's text and what it states by field; None where nothing may be stated."""

    text: str
    truth: dict[str, object]


_TITLES = (
    "Pathologischer Befund", "Histologischer Befundbericht", "Pathologisch-anatomischer Befund",
    "Histopathologischer Befund", "Pathologischer Befundbericht",
)  # fmt: skip
_MATERIAL = (
    "Material: Segmentresektat Mamma {side}.", "Eingesandtes Material: Lumpektomiepräparat {side}.",
    "Material: Mastektomiepräparat {side} und Lymphknoten.",
    "Untersuchungsmaterial: Tumorektomie Mamma {side}, Sentinellymphknoten.",
    "Material: 1. Mammasegment {side}. 2. Sentinel-Lymphknoten.",
)  # fmt: skip
_TYPES = {
    "idc_nst": (
        "Invasives Karzinom ohne speziellen Typ (NST)", "Invasives duktales Karzinom",
        "Invasives Mammakarzinom, NST", "Mammakarzinom vom nicht speziellen Typ (NST)",
        "Invasiv-duktales Mammakarzinom", "Duktal-invasives Karzinom",
        "Invasives Karzinom, kein spezieller Typ (NST)",
    ),
    "ilc": (
        "Invasives lobuläres Karzinom", "Invasiv-lobuläres Mammakarzinom",
        "Lobulär-invasives Karzinom", "Invasives lobulaeres Karzinom, klassischer Typ",
    ),
    "mucinous": ("Muzinöses Mammakarzinom", "Invasives muzinöses Karzinom"),
    "tubular": ("Tubuläres Karzinom der Mamma", "Invasives tubuläres Karzinom"),
}  # fmt: skip
_GRADES = (
    "Malignitätsgrad G{g}.", "Grading: G{g}.", "Grading nach Elston und Ellis: G{g}.",
    "Der Tumor ist {words} differenziert (G{g}).", "Differenzierungsgrad: G{g}.",
    "Histologischer Tumorgrad G{g}.", "Tumorgrading (Elston/Ellis): Grad {g}.",
)  # fmt: skip
_GRADE_WORDS = {1: "gut", 2: "mäßig", 3: "schlecht"}
_SIZES = (
    "Tumorgröße: {mm} mm.", "Der Tumor misst maximal {cm} cm.", "Größter Tumordurchmesser {mm} mm.",
    "Maximaler Durchmesser des Tumors {cm} cm.", "Tumorgroesse {mm} mm.",
    "Die Tumorgröße beträgt {mm} mm.", "Maximale Tumorausdehnung: {cm} cm.",
    "Invasives Karzinom mit einem Durchmesser von {mm} mm.", "Größe des Tumors: {cm} cm.",
    "Der invasive Tumor hat einen größten Durchmesser von {mm} mm.",
)  # fmt: skip
_FREE = (
    "Resektionsränder tumorfrei.", "Die Schnittränder sind tumorfrei.", "Im Gesunden entfernt.",
    "Alle Absetzungsränder frei von Tumor.", "Kein Tumor an den Resektionsrändern.",
    "Die Resektionsränder werden vom Tumor nicht erreicht.", "Exzision in sano.",
    "Tumorexzision vollständig im Gesunden.", "R0-Resektion.", "Resektionsraender: tumorfrei.",
)  # fmt: skip
_DISTANCES = (
    "Minimaler Abstand zum Resektionsrand {d} mm ({edge}).",
    "Resektionsränder tumorfrei, minimaler Abstand {d} mm nach {edge}.",
    "Der geringste Abstand zum {edge}en Schnittrand beträgt {d} mm.",
    "Abstand zum {edge}en Resektionsrand {d} mm.",
    "Geringster Resektionsrandabstand: {d} mm.",
    "Im Gesunden entfernt mit einem Abstand von {d} mm zum {edge}en Resektionsrand.",
    "Kleinster Abstand des Tumors zum {edge}en Absetzungsrand: {d} mm.",
    "Der Tumor reicht bis {d} mm an den {edge}en Resektionsrand heran.",
)  # fmt: skip
_INVOLVED = (
    "Der Tumor erreicht den {edge}en Resektionsrand.", "Der Tumor ist {edge} randbildend.",
    "Tumor am {edge}en Schnittrand.", "Der {edge}e Resektionsrand ist nicht tumorfrei.",
    "Der {edge}e Absetzungsrand ist vom Tumor befallen.", "Nicht im Gesunden entfernt.",
    "Das Karzinom infiltriert den {edge}en Resektionsrand.", "R1-Resektion.",
    "Der {edge}e Resektionsrand wird vom Tumor erreicht.", "Schnittrand {edge}: Tumorbefall.",
)  # fmt: skip
_EDGES = ("kranial", "kaudal", "medial", "lateral", "ventral", "dorsal")
_NODES = (
    "Lymphknotenstatus: {p}/{n}.", "{p} von {n} Lymphknoten mit Metastasen.",
    "pN{cat} ({p}/{n}).", "{n} Lymphknoten, davon {p} mit Metastase.",
    "Lymphknoten untersucht: {n}\nLymphknoten befallen: {p}\n",
    "Metastasen in {p} von {n} Lymphknoten.", "Lymphknoten: {p} von {n} befallen.",
)  # fmt: skip
_FREE_NODES = (
    "{n} tumorfreie Lymphknoten.", "{n} Lymphknoten ohne Metastasen (0/{n}).",
    "pN0(sn) (0/{n}).", "Sentinellymphknoten tumorfrei (0/{n}).", "Lymphknoten tumorfrei (0/{n}).",
    "{n} Sentinel-Lymphknoten ohne Nachweis von Metastasen.", "pN0 (0/{n} sn).",
    "Kein Nachweis von Metastasen in {n} Lymphknoten.", "In {n} Lymphknoten kein Tumornachweis.",
)  # fmt: skip
_POSITIVE = (
    "{x}: {v} % der Tumorzellkerne positiv.", "{x}: positiv ({v} %).", "{x} {v} %.",
    "{x} positiv in {v} % der Tumorzellen.", "{x}: IRS 12/12 ({v} %).",
    "{x}: {v} %, stark positiv.",
    "{x}-Expression in {v} % der Tumorzellen.", "{x}: positiv, {v} % (IRS 9).",
)  # fmt: skip
_NEGATIVE = (
    "{x}: negativ (0 %).", "{x}: 0 %.", "{x} negativ, 0 % der Tumorzellkerne.",
    "{x}: keine Expression (0 %).", "{x}: IRS 0 (0 %).",
)  # fmt: skip
_HER2 = {
    0: ("HER2: Score 0.", "HER2/neu negativ (Score 0).", "Her2-Status: negativ (0)."),
    1: ("HER2: Score 1+.", "Her2/neu: 1+ (negativ).", "HER2-Status: negativ (DAKO-Score 1+)."),
    3: ("HER2: Score 3+.", "Her2/neu: 3+ (positiv).", "HER2 positiv (Score 3+)."),
}  # fmt: skip
_KI67 = (
    "Ki-67: {v} %.", "Proliferationsindex (Ki-67) {v} %.", "Ki-67-Index ca. {v} %.",
    "Proliferationsrate (Ki-67/MIB-1): {v} %.",
)  # fmt: skip
_NO_LVI = (
    "Keine Lymphgefäßinvasion.", "Kein Lymphgefäßeinbruch nachweisbar.",
    "Lymphgefäßinvasion: keine.",
    "Ein Lymphgefäßeinbruch ist nicht nachweisbar.", "Lymphgefäße frei, keine Lymphgefäßinvasion.",
    "Weder Lymph- noch Blutgefäßeinbrüche.", "Ohne Nachweis einer Lymphgefäßinvasion.",
)  # fmt: skip
_LVI = (
    "Lymphgefäßinvasion nachweisbar.", "Lymphgefäßinvasion: vorhanden.",
    "Einbruch in Lymphgefäße nachweisbar.", "Nachweis einer Lymphangiosis carcinomatosa.",
    "Es finden sich Lymphgefäßeinbrüche.",
)  # fmt: skip
_NOISE = (
    "Klinische Angaben: Mutter mit Mammakarzinom, ER negativ, G3.", "HER2-FISH: Nachbericht folgt.",
    "Makroskopie: Präparat 8 x 6 x 4 cm, fadenmarkiert, 85 g.",
    "Klinische Angaben: Z.n. Mammakarzinom der Gegenseite 2009, G1, HER2 positiv.",
    "Definition: ER gilt als positiv ab 1 % angefärbter Tumorzellkerne.",
    "Das umgebende Parenchym zeigt eine fibrozystische Mastopathie.",
    "Eine Nachresektion ist nicht geplant.", "Kein Tumor im Bereich der Mamille.",
)  # fmt: skip


def reports(seed: int, count: int) -> Iterator[Report]:
    """Yield `count` reports drawn with `seed`."""
    dice = random.Random(seed)
    for _ in range(count):
        yield _report(dice)


def _report(dice: random.Random) -> Report:
    kind = dice.choice(list(_TYPES))
    grade = dice.randint(1, 3)
    lines = [
        dice.choice(_TITLES),
        dice.choice(_MATERIAL).format(side=dice.choice(("links", "rechts"))),
    ]
    if dice.random() < 0.5:
        lines.append(dice.choice(_NOISE))
    said = [f"{dice.choice(_TYPES[kind])}."]
    truth: dict[str, object] = {"breast.histology": kind}
    said.append(dice.choice(_GRADES).format(g=grade, words=_GRADE_WORDS[grade]))
    truth["breast.grade"] = grade
    for field, text in _facts(dice, truth):
        if dice.random() < 0.06 and not text.startswith("pN") and "\n" not in text:
            text = f"{dice.choice(ASKED_WORDS)} {text}"
            _unstate(truth, field)
        said.append(text)
    lines.append("Diagnose: " + dice.choice((" ", "\n")).join(said))
    return Report("\n".join(lines) + "\n", truth)


def _unstate(truth: dict[str, object], fields: tuple[str, ...]) -> None:
    for field in fields:
        if truth[field] is not None:
            truth[field] = ASK


def _facts(dice: random.Random, truth: dict[str, object]) -> Iterator[tuple[tuple[str, ...], str]]:
    size = dice.randint(4, 45)
    truth["breast.size_mm"] = float(size)
    cm = f"{size / 10:.1f}".replace(".", ",")
    yield ("breast.size_mm",), dice.choice(_SIZES).format(mm=size, cm=cm)
    yield from _margin(dice, truth)
    yield from _nodes(dice, truth)
    for field, names in (
        ("breast.er", ("Östrogenrezeptor", "ER", "Oestrogenrezeptor", "Östrogen-Rezeptor")),
        ("breast.pr", ("Progesteronrezeptor", "PR", "PgR", "Progesteron-Rezeptor")),
    ):
        positive = dice.random() < 0.7
        value = dice.randrange(5, 101, 5) if positive else 0
        truth[field] = "positive" if positive else "negative"
        truth[field + "_percent"] = value
        wording = dice.choice(_POSITIVE if positive else _NEGATIVE)
        yield (field, field + "_percent"), wording.format(x=dice.choice(names), v=value)
    score = dice.choice(list(_HER2))
    truth["breast.her2"] = "positive" if score == 3 else "negative"
    truth["breast.her2_ihc"] = score
    yield ("breast.her2", "breast.her2_ihc"), dice.choice(_HER2[score])
    value = dice.randint(2, 80)
    truth["breast.ki67_percent"] = value
    yield ("breast.ki67_percent",), dice.choice(_KI67).format(v=value)
    present = dice.random() < 0.3
    truth["breast.lvi"] = "present_nos" if present else "absent"
    yield ("breast.lvi",), dice.choice(_LVI if present else _NO_LVI)


def _margin(dice: random.Random, truth: dict[str, object]) -> Iterator[tuple[tuple[str, ...], str]]:
    edge, how = dice.choice(_EDGES), dice.random()
    fields = ("tumour.margin_status", "breast.margin_mm")
    if how < 0.25:
        truth.update(zip(fields, ("positive", 0), strict=True))
        said = dice.choice(_INVOLVED)
        if said.startswith("R1"):
            truth["breast.margin_mm"] = None
        yield fields, said.format(edge=edge)
    elif how < 0.6:
        truth.update(zip(fields, ("negative", None), strict=True))
        yield fields, dice.choice(_FREE)
    else:
        far = dice.randint(1, 15)
        truth.update(zip(fields, ("negative", float(far)), strict=True))
        yield fields, dice.choice(_DISTANCES).format(d=far, edge=edge)


def _nodes(dice: random.Random, truth: dict[str, object]) -> Iterator[tuple[tuple[str, ...], str]]:
    fields = ("breast.nodes_positive", "tumour.nodes_examined")
    examined = dice.randint(2, 18)
    if dice.random() < 0.5:
        truth.update(zip(fields, (0, examined), strict=True))
        yield fields, dice.choice(_FREE_NODES).format(n=examined)
    else:
        positive = dice.randint(1, min(3, examined))
        truth.update(zip(fields, (positive, examined), strict=True))
        yield fields, dice.choice(_NODES).format(p=positive, n=examined, cat="1a")
