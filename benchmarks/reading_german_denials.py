"""Denial tables in German: what affirms a field, denies it, plans it, or is of others.

30 affirmations, 30 denials, 10 plans, 10 relatives and 10 unknowns a field, as in
`benchmarks.reading_denials`. Reversed is the one outcome that may never be.

    python benchmarks/reading_german_denials.py 7 8 9 [-v]
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.reading_denials import COUNTS, Case, Table, drawn, outcome

# {x} a finding of feminine gender, {X} with a capital.
INVASION = (
    (
        "{X}: vorhanden", "{X} nachweisbar.", "{X} nachgewiesen.", "{X}: ja", "Mit {x}.",
        "Es findet sich eine {x}.", "Nachweis einer {x}.", "{X} vorhanden.", "{X}: nachweisbar",
        "Der Tumor zeigt eine {x}.", "Eine {x} ist nachweisbar.", "{X}: nachgewiesen",
        "{X} wurde nachgewiesen.", "Eindeutige {x}.", "Es zeigt sich eine {x}.", "{X}: positiv",
        "{X} ist erkennbar.", "Es liegt eine {x} vor.", "{X} liegt vor.", "{X}: erkennbar",
        "Eine {x} lässt sich nachweisen.", "Nachweisbare {x}.", "Sichere {x} nachweisbar.",
        "Eine {x} ist vorhanden.", "{X} sichtbar.", "{X} (+)", "{X} ist nachgewiesen.",
        "Eine {x} konnte nachgewiesen werden.", "Deutliche {x}.", "Es besteht eine {x}.",
    ),
    (
        "{X}: keine", "Keine {x}.", "Kein Nachweis einer {x}.", "{X} nicht nachweisbar.",
        "Ohne {x}.", "{X}: nein", "{X}: nicht nachweisbar", "Es findet sich keine {x}.",
        "Eine {x} ist nicht nachweisbar.", "Keine {x} nachweisbar.", "{X}: nicht nachgewiesen",
        "Ohne Nachweis einer {x}.", "Kein Anhalt für eine {x}.", "Eine {x} liegt nicht vor.",
        "Der Tumor zeigt keine {x}.", "{X} nicht erkennbar.", "Kein Hinweis auf eine {x}.",
        "Eine {x} lässt sich nicht nachweisen.", "{X}: fehlt", "Es zeigt sich keine {x}.",
        "{X} konnte nicht nachgewiesen werden.", "{X}: nicht vorhanden", "{X} nicht vorhanden.",
        "Es liegt keine {x} vor.", "Keine eindeutige {x}.", "{X} wurde nicht nachgewiesen.",
        "{X} (-)", "Weder Nekrose noch {x}.", "Keine {x} erkennbar.", "{X}: negativ",
    ),
    (
        "Eine Untersuchung auf {x} folgt.", "{X}: Befund folgt", "{X}: ausstehend",
        "Zum Ausschluss einer {x} sind Zusatzfärbungen angefordert.", "{X}: in Bearbeitung",
        "Zur Frage einer {x} folgt ein Nachbericht.", "Die Beurteilung der {x} steht noch aus.",
        "Zusatzschnitte zum Ausschluss einer {x} sind geplant.", "{X}: wird nachgereicht",
        "Ausschluss einer {x} erbeten.",
    ),
    (
        "Bei der Mutter Karzinom mit {x}.", "Mutter: {x} vorhanden.",
        "Die Schwester hatte eine {x}.",
        "Familienanamnese: Tante mit Karzinom und {x}.", "Tumor der Großmutter mit {x}.",
        "Vater: Karzinom mit {x}.", "Bei der Tochter {x} nachgewiesen.", "Schwester: {x} positiv.",
        "Der Tumor der Tante zeigte eine {x}.", "Cousine mit Karzinom, {x} nachweisbar.",
    ),
    (
        "{X}: nicht beurteilbar", "Verdacht auf {x}.", "V.a. {x}.", "{X}:", "{X} fraglich.",
        "{X} kann nicht ausgeschlossen werden.", "Eine {x} ist nicht auszuschließen.",
        "Mögliche {x}.", "{X}: unklar", "Eine {x} ist nicht sicher auszuschließen.",
    ),
)  # fmt: skip
RECEPTOR = (
    (
        "{X}: positiv", "{X} positiv.", "{X}: 90 %", "{X} 90 %.", "{X}: positiv (90 %)",
        "{X}: 90 % der Tumorzellen positiv.", "{X}: stark positiv", "{X} ist positiv.",
        "{X}: 80 % der Tumorzellkerne mit starker Anfärbung.", "{X}: positiv (IRS 12)",
        "{X}: IRS 12/12", "{X}: IRS 8", "Expression von {x} in 90 % der Tumorzellen.",
        "{X}: positive Kernfärbung in 70 % der Tumorzellen.", "{X} in 90 % der Zellen positiv.",
        "{X}-positiv.", "{X}: schwach positiv (5 %)", "{X}: POSITIV", "{X} (90 %) positiv.",
        "Positiver {x}.", "{X}: ca. 80 % positiv", "{X}: über 90 %", "{X}: mehr als 90 %",
        "{X}: mindestens 80 % der Tumorzellen", "{X}: >90 %", "{X}: deutlich positiv",
        "{X}: pos.", "{X}: 100 % Tumorzellkerne, starke Intensität", "{X} war positiv.",
        "{X} wird von 90 % der Tumorzellen exprimiert.",
    ),
    (
        "{X}: negativ", "{X} negativ.", "{X}: 0 %", "{X} 0 %.", "{X}: negativ (0 %)",
        "{X}: 0 % der Tumorzellen positiv.", "{X}: keine Expression", "{X} ist negativ.",
        "{X}: keine Anfärbung der Tumorzellkerne.", "{X}: negativ (IRS 0)", "{X}: IRS 0/12",
        "{X}: IRS 0", "Keine Expression von {x}.", "{X}: keine Kernfärbung.",
        "{X} in den Tumorzellen nicht nachweisbar.", "{X}-negativ.", "{X}: <1 % (negativ)",
        "{X}: NEGATIV", "{X} (0 %) negativ.", "Negativer {x}.", "{X}: neg.",
        "{X}: nicht exprimiert", "{X}: keine Immunreaktivität", "{X}: komplett negativ",
        "Fehlende Expression von {x}.", "{X} wird nicht exprimiert.", "{X} war negativ.",
        "{X} ist nicht nachweisbar.", "{X}: nicht nachweisbar", "{X}: vollständig negativ",
    ),
    (
        "{X} folgt.", "{X}: folgt", "{X}: ausstehend", "{X} steht noch aus.",
        "{X}: Nachbericht folgt",
        "{X}: in Bearbeitung", "{X} wird nachgereicht.", "{X}: angefordert",
        "Die Bestimmung von {x} ist veranlasst.", "{X}-Bestimmung geplant.",
    ),
    (
        "Mutter: {x} positiv.", "Bei der Schwester war der {x} positiv.", "Tante: {x} 90 %.",
        "Familienanamnese: Mutter mit Karzinom, {x} positiv.", "Großmutter: {x} positiv.",
        "Karzinom der Mutter, {x} positiv.", "Tochter: {x}: positiv", "Cousine {x}-positiv.",
        "Der Tumor der Schwester war {x} positiv.", "Nichte mit Karzinom ({x} positiv).",
    ),
    (
        "{X}: nicht beurteilbar", "{X}: nicht bestimmbar", "{X}:", "{X}: nicht auswertbar",
        "{X}: unklar", "{X} nicht untersucht.", "{X}: nicht bestimmt", "{X}: nicht durchgeführt",
        "{X}: kein Material", "{X}: entfällt",
    ),
)  # fmt: skip
HER2 = (
    (
        "{X}: positiv", "{X} positiv.", "{X}: 3+", "{X} Score 3+.", "{X}: Score 3+",
        "{X}: positiv (Score 3+)", "{X}: positiv (3+)", "{X} ist positiv.", "{X}: POSITIV",
        "{X}: Überexpression (Score 3+)", "{X}: deutliche Überexpression (3+)", "{X}-positiv.",
        "{X}: Score 3", "{X} (3+) positiv.", "{X}-Status: positiv", "{X}-Status: positiv (3+)",
        "{X}: DAKO-Score 3+", "{X}: IHC 3+", "{X} war positiv.", "{X}: pos. (3+)",
        "{X}: stark positiv (3+)", "{X}: Score 3+ (positiv)", "{X}: immunhistochemisch 3+",
        "{X} immunhistochemisch positiv (Score 3+).", "{X} = 3+", "{X} 3+", "{X}: 3+ (positiv)",
        "Überexpression von {x} (Score 3+).", "{X}: stark positiv", "{X}: Score 3 +",
    ),
    (
        "{X}: negativ", "{X} negativ.", "{X}: 0", "{X} Score 0.", "{X}: Score 1+",
        "{X}: negativ (Score 1+)", "{X}: negativ (1+)", "{X} ist negativ.", "{X}: NEGATIV",
        "{X}: keine Überexpression (Score 0)", "{X}: keine Überexpression", "{X}-negativ.",
        "{X}: Score 1", "{X} (1+) negativ.", "{X}-Status: negativ", "{X}-Status: negativ (0)",
        "{X}: DAKO-Score 1+", "{X}: IHC 1+", "{X} war negativ.", "{X}: neg. (1+)",
        "{X}: komplett negativ (0)", "{X}: Score 0 (negativ)", "{X}: immunhistochemisch 1+",
        "{X} immunhistochemisch negativ (Score 0).", "{X} = 1+", "{X} 1+", "{X}: 1+ (negativ)",
        "Keine Überexpression von {x} (Score 0).", "Kein Nachweis einer Überexpression von {x}.",
        "{X} nicht überexprimiert.",
    ),
    RECEPTOR[2],
    (
        "Mutter: {x} positiv.", "Bei der Schwester war {x} positiv.", "Tante: {x} 3+.",
        "Familienanamnese: Mutter mit Karzinom, {x} positiv.", "Großmutter: {x} positiv.",
        "Karzinom der Mutter, {x} positiv.", "Tochter: {x}: positiv", "Cousine {x}-positiv.",
        "Der Tumor der Schwester war {x} positiv.", "Nichte mit Karzinom ({x} positiv).",
    ),
    RECEPTOR[4],
)  # fmt: skip
# Here yes is an involved margin, no a free one; {x} is not used but for the plural of an edge.
MARGIN = (
    (
        "{X} nicht tumorfrei.", "{X}: Tumor erreicht den Rand", "Der Tumor erreicht die {x}.",
        "{X} positiv.", "{X}: befallen", "{X} tumorbefallen.", "Der Tumor reicht bis an die {x}.",
        "Das Karzinom infiltriert die {x}.", "Tumor an den {x}n.", "{X}: positiv",
        "Nicht im Gesunden entfernt.",
        "Die {x} sind nicht tumorfrei.", "Die {x} sind vom Tumor erreicht.", "Resektion R1.",
        "Die {x} sind vom Karzinom infiltriert.", "{X} nicht frei.", "{X}: nicht frei",
        "Die {x} werden vom Tumor erreicht.", "Die {x} sind befallen.",
        "Exzision nicht im Gesunden.",
        "Der Tumor ist nicht im Gesunden exzidiert.", "{X}: tumorbefallen",
        "Der Tumor ist randbildend.",
        "Tumorausläufer erreichen die {x}.", "Der Tumor tangiert die {x}.", "Randbildender Tumor.",
        "Der Tumor reicht an die {x} heran.", "Das Karzinom erreicht fokal die {x}.",
        "{X}: infiltriert", "Tumor non in sano entfernt.",
    ),
    (
        "{X} tumorfrei.", "{X}: tumorfrei", "{X} frei.", "{X}: frei", "Die {x} sind tumorfrei.",
        "Die {x} sind frei von Tumor.", "{X} nicht befallen.", "{X}: nicht befallen",
        "Im Gesunden entfernt.",
        "Kein Tumor an den {x}n.", "Die {x} sind vom Tumor nicht erreicht.", "Resektion R0.",
        "Die {x} werden vom Tumor nicht erreicht.", "Der Tumor erreicht die {x} nicht.",
        "Die {x} sind nicht befallen.", "{X} negativ.", "{X}: negativ", "Tumor in sano entfernt.",
        "Der Tumor ist im Gesunden exzidiert.", "Exzision im Gesunden.", "{X} karzinomfrei.",
        "Kein Nachweis von Tumor an den {x}n.", "Alle {x} tumorfrei.",
        "Sämtliche {x} sind tumorfrei.",
        "Vollständig im Gesunden exzidiert.", "Die {x} zeigen keinen Tumor.", "{X} ohne Tumor.",
        "Tumorfreie {x}.", "Die {x} sind unauffällig und tumorfrei.",
        "Der Tumor ist nicht randbildend.",
    ),
    (
        "{X}: folgt", "Die Beurteilung der {x} steht noch aus.", "{X}: in Bearbeitung",
        "Nachresektion geplant.", "R0-Resektion geplant.",
        "Eine Resektion im Gesunden ist geplant.",
        "Ziel: Exzision im Gesunden.", "{X}: Nachbericht folgt", "{X} werden aufgearbeitet.",
        "{X}: wird nachgereicht",
    ),
    (
        "Mutter: {x} tumorfrei.", "Bei der Schwester {x} befallen.", "Tante: R0-Resektion.",
        "Familienanamnese: Mutter mit Karzinom, {x} frei.", "Tochter: {x} tumorfrei.",
        "Karzinom der Großmutter, {x} befallen.", "Schwester: Exzision im Gesunden.",
        "Nichte: {x} frei.", "Cousine: {x} positiv.", "Der Tumor der Mutter erreichte die {x}.",
    ),
    (
        "{X}: nicht beurteilbar", "Die {x} sind nicht beurteilbar.", "{X}:", "{X} fraglich frei.",
        "{X}: unklar", "{X} nicht sicher frei.", "{X}: nicht bestimmbar",
        "Ein Befall der {x} ist nicht auszuschließen.", "{X}: entfällt",
        "Tumorbefall der {x} kann nicht ausgeschlossen werden.",
    ),
)  # fmt: skip
_FRAMES = (
    "Pathologischer Befund\nMaterial: Segmentresektat Mamma links.\n"
    "Diagnose: Invasives duktales Karzinom der Mamma.\n{s}\n",
    "Histologischer Befundbericht\nDiagnose: Mastektomie rechts: Invasives Karzinom NST. {s}\n",
)
_VESSELS = ("Lymphgefäßinvasion", "lymphovaskuläre Invasion", "Lymphgefäßinfiltration")
_NERVES = ("Perineuralscheideninvasion", "perineurale Invasion", "Perineuralscheideninfiltration")
_ER = ("Östrogenrezeptor", "ER", "Oestrogenrezeptor", "Östrogen-Rezeptor")
_PR = ("Progesteronrezeptor", "PR", "Progesteron-Rezeptor", "PgR")
_HER2 = ("HER2", "Her2/neu", "HER-2", "Her2")
_EDGES = ("Resektionsränder", "Schnittränder", "Absetzungsränder", "Resektionsraender")
TABLES: tuple[Table, ...] = (
    Table("breast.lvi", _VESSELS, "present_nos", "absent", _FRAMES, INVASION),
    Table("tumour.perineural", _NERVES, "present", "absent", _FRAMES, INVASION),
    Table("breast.er", _ER, "positive", "negative", _FRAMES, RECEPTOR),
    Table("breast.pr", _PR, "positive", "negative", _FRAMES, RECEPTOR),
    Table("breast.her2", _HER2, "positive", "negative", _FRAMES, HER2),
    Table("tumour.margin_status", _EDGES, "positive", "negative", _FRAMES, MARGIN),
)


def cases(seed: int, counts: Mapping[str, int] = COUNTS) -> Iterator[Case]:
    """Yield every field's tables, drawn with `seed`, `counts` sentences of each kind."""
    yield from drawn(TABLES, seed, counts)


def main() -> None:
    """Print the outcomes per group, and with `-v` every case that is not right."""
    for seed in [int(a) for a in sys.argv[1:] if a.isdigit()] or [1, 2, 3]:
        groups: dict[str, Counter[str]] = {}
        for case in cases(seed):
            found = outcome(case)
            groups.setdefault(case.group, Counter())[found] += 1
            if found != "right" and "-v" in sys.argv:
                print(f"{found}: {case.group}: {case.text[-90:]!r}")
        for group, counts in groups.items():
            print(f"{seed} {group}: {dict(counts)}")
        print(f"seed {seed}: {dict(sum(groups.values(), Counter[str]()))}")


if __name__ == "__main__":
    main()
